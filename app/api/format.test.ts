import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createApiClient } from '../../protocol/api-client.ts'
import type { FormatRequest } from '../../protocol/contract.ts'
import { AppError, ErrorBody } from '../../protocol/errors.ts'
import { requestLimits } from '../../protocol/limits.ts'
import type { Ending } from '../../protocol/run.ts'
import type { FakeExecution } from '../../sandbox/fake.ts'
import { openSampleServer } from './sample-server.ts'

/** What the formatter does, of each test. */
let script: (execution: FakeExecution) => void
let server: Awaited<ReturnType<typeof openSampleServer>>
beforeEach(async () => {
  script = formats
  server = await openSampleServer({ script: (execution) => script(execution) })
})
afterEach(() => server[Symbol.asyncDispose]())

const ugly = { language: 'script', path: 'lib/a.script', content: 'ugly' }
const post = (body: object, init: RequestInit = {}) =>
  fetch(`${server.url}/api/format`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  })
const errorOf = async (response: Response) => ErrorBody.parse(await response.json()).error

function formats(execution: FakeExecution): void {
  execution.start()
  execution.print(`${Buffer.from(execution.job.stdin).toString().toUpperCase().slice(0, 2)}`)
  execution.print('Y!\n')
  execution.finish()
}
const fails = (stderr: string, ending: Partial<Ending> = { exit_code: 1 }) => {
  script = (execution) => {
    execution.start()
    execution.print('half of it')
    execution.print(stderr, 'stderr')
    execution.finish(ending)
  }
}

test('a file comes back as the formatter wrote it, which got it on its input and nothing else', async () => {
  const response = await post(ugly)
  expect([response.status, await response.json()]).toEqual([200, { content: 'UGY!\n', formatter: 'Tidy' }])
  expect(server.executor.executions[0]?.job).toMatchObject({
    mode: 'format',
    files: [],
    entry: 'lib/a.script',
    args: [],
    env: {},
    stdin: Buffer.from('ugly'),
    stdinOpen: false,
  })
})

test('it is no run: the history of who asked stays empty', async () => {
  const cookie = (await post(ugly)).headers.get('set-cookie')?.split(';')[0] ?? ''
  const history = await fetch(`${server.url}/api/runs`, { headers: { cookie } })
  expect(await history.json()).toEqual({ runs: [], next_cursor: null })
})

test('the typed client calls it', async () => {
  const body: FormatRequest = ugly
  expect(await createApiClient(server.url)('formatFile', { body })).toEqual({ content: 'UGY!\n', formatter: 'Tidy' })
})

test('languages say what formats them', async () => {
  const { languages } = await createApiClient(server.url)('listLanguages', {})
  expect(languages.map(({ id, versions }) => [id, versions[0]?.format])).toEqual([
    ['script', { name: 'Tidy', extensions: ['.script'] }],
    ['compiled', null],
  ])
})

describe('a file that cannot be formatted is refused with one sentence', () => {
  test.each<[string, string, Partial<Ending>, string]>([
    [
      'a place',
      'Oh.\nline 3:5 A bracket is missing.\nline 9:1 And more.\n',
      { exit_code: 1 },
      'lib/a.script:3:5: A bracket is missing.',
    ],
    ['no place', '\nno idea\nat all\n', { exit_code: 2 }, 'lib/a.script: no idea'],
    ['no word', '', { exit_code: 1 }, 'lib/a.script: Tidy cannot read it.'],
    ['a long word', `line 3:5 ${'x'.repeat(9_000)}`, { exit_code: 1 }, `lib/a.script:3:5: ${'x'.repeat(300)}`],
    ['a crash', 'line 3:5 Oh!', { verdict: { kind: 'signaled', signal: 'SIGSEGV' } }, 'lib/a.script:3:5: Oh!'],
    [
      'too much time',
      '',
      { verdict: { kind: 'time-limit', clock: 'wall' } },
      'Tidy was stopped: it took more than 10 s for lib/a.script.',
    ],
    [
      'too much memory',
      '',
      { verdict: { kind: 'memory-limit' } },
      'Tidy was stopped: lib/a.script took more memory than there is.',
    ],
    [
      'too much output',
      '',
      { verdict: { kind: 'output-limit', stream: 'stdout' } },
      'Tidy was stopped: it wrote too much for lib/a.script.',
    ],
  ])('%s', async (_, stderr, ending, message) => {
    fails(stderr, ending)
    const response = await post(ugly)
    expect([response.status, await errorOf(response)]).toEqual([
      422,
      { code: 'invalid', message, issues: [{ path: 'content', message }] },
    ])
  })

  test('half of a text is never taken for the whole', async () => {
    fails('', { exit_code: 0, truncated: { stdout: true, stderr: false } })
    expect((await post(ugly)).status).toBe(413)
  })
})

describe('what is not worth a sandbox is refused before there is one', () => {
  test.each<[string, object, number, string | undefined]>([
    ['an unknown language', { ...ugly, language: 'cobol' }, 422, 'language'],
    ['a language without a formatter', { ...ugly, language: 'compiled', path: 'main.compiled' }, 422, 'language'],
    ['an unknown version', { ...ugly, version: '99' }, 422, 'version'],
    ['a file the formatter does not read', { ...ugly, path: 'notes.txt' }, 422, 'path'],
    ['a path that leads out', { ...ugly, path: '../a.script' }, 422, 'path'],
    ['a name that would be an option', { ...ugly, path: '-a.script' }, 422, 'path'],
    ['no path', { language: 'script', content: '' }, 422, 'path'],
    ['an unknown field', { ...ugly, args: ['-x'] }, 422, 'args'],
    ['more than a formatter gets', { ...ugly, content: 'é'.repeat(requestLimits.formatBytes / 2 + 1) }, 413, undefined],
  ])('%s', async (_, body, status, path) => {
    const response = await post(body)
    expect(response.status).toBe(status)
    expect((await errorOf(response)).issues?.[0]?.path).toBe(path)
    expect(server.executor.executions).toEqual([])
  })
})

describe('what runs are refused for refuses it too', () => {
  test.each([
    [429, new AppError('too-many-requests', 'Many of yours wait already.', { retryAfterSec: 3 })],
    [503, new AppError('unavailable', 'The queue is full.', { retryAfterSec: 7 })],
  ])('%i', async (status, error) => {
    server.executor.refuse(error)
    const response = await post(ugly)
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, String(error.retryAfterSec)])
    expect((await errorOf(response)).message).toBe(error.message)
  })

  test('a sandbox that fails: a number, and what can be done', async () => {
    fails('', { verdict: { kind: 'sandbox-failed', incident: 'i-7' }, exit_code: null })
    const response = await post(ugly)
    expect([response.status, (await errorOf(response)).message]).toEqual([503, expect.stringContaining('i-7')])
  })
})

test('who goes away stops the formatter', async () => {
  const leave = new AbortController()
  script = (execution) => {
    execution.start()
    leave.abort()
  }
  await expect(post(ugly, { signal: leave.signal })).rejects.toThrow()
  await expect.poll(() => server.executor.executions[0]?.cancelledBy).toBe('client')
  await expect.poll(() => server.executor.executions[0]?.released).toBe(true)
})
