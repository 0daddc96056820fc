import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestManifest } from '../../protocol/language.ts'
import { finished, jobOf, languages, openTestExecutor, type Program } from '../testing/real-executor.ts'

// How the engine runs a test framework and fetches its report. What each language's own framework does is in the tests of the languages.

const pytest: TestManifest = {
  framework: 'pytest 8',
  run: { argv: ['python3', '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--junit-xml=/tmp/report.xml', '.'], env: {} },
  report: { path: '/tmp/report.xml', format: 'junit-xml' },
  example: { file: 'tests.py', path: 'test_main.py' },
}

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  const python = languages.find(({ id }) => id === 'python')
  if (!python) throw new Error('there is no python')
  executor = await openTestExecutor({ languages: [{ ...python, manifest: { ...python.manifest, test: pytest } }] })
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

const tested = (code: string, program: Program = {}) =>
  finished(executor.start(jobOf('python', code, { entry: 'test_main.py', mode: 'test', ...program })))

describe('a run in test mode', () => {
  test('has the result of each test, and the verdict of the framework', async () => {
    const run = await tested('def test_adds(): assert 1 + 1 == 2\ndef test_fails(): assert 1 + 1 == 3\n')
    expect(run.verdict).toEqual({ kind: 'exited', exit_code: 1 })
    expect(run.tests).toMatchObject({
      framework: 'pytest 8',
      truncated: false,
      tests: [
        { name: 'test_adds', outcome: 'passed' },
        { name: 'test_fails', outcome: 'failed', message: expect.stringContaining('assert') },
      ],
    })
    expect(run.events.some(({ type }) => type === 'artifact')).toBe(false)
  })

  test('gives back files as well', async () => {
    const run = await tested('def test_writes(): open("out.txt", "w").write("written")\n', { artifacts: ['*.txt'] })
    expect(run.tests?.tests.length).toBe(1)
    expect(run.events.flatMap((event) => (event.type === 'artifact' ? [event.path] : []))).toEqual(['out.txt'])
  })

  test.each([
    ['that left no report', 'import os\nos._exit(3)\n'],
    ['whose report leads elsewhere', 'import os\nos.symlink("/etc/passwd", "/tmp/report.xml")\nos._exit(3)\n'],
    ['whose report is no report', 'import os\nopen("/tmp/report.xml", "w").write("<<<")\nos._exit(3)\n'],
    ['whose report is too long', 'import os\nopen("/tmp/report.xml", "w").truncate(5 << 20)\nos._exit(3)\n'],
  ])('%s says so beside its verdict', async (_, code) => {
    const run = await tested(code)
    expect(run).toMatchObject({ verdict: { kind: 'exited', exit_code: 3 }, notes: ['The report of pytest 8 cannot be read.'] })
    expect(run.tests).toBeUndefined()
  })

  test('stops at its limits like any other', async () => {
    const run = await tested('import time\ndef test_hangs(): time.sleep(600)\n', { limits: { wall_time_ms: 2_000 } })
    expect(run).toMatchObject({ verdict: { kind: 'time-limit' }, limit: { name: 'wall_time_ms', stage: 'run' } })
  })
})
