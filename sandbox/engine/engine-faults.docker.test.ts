import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MiB } from '../../protocol/limits.ts'
import { openOwnEngine } from '../testing/own-engine.ts'
import {
  type Finished,
  finished,
  jobOf,
  languages,
  openTestExecutor,
  type Program,
  runProgram,
} from '../testing/real-executor.ts'

// What may happen to the engine under a server, done to a real one: each run ends with a verdict, and the next one runs.

type OwnEngine = Awaited<ReturnType<typeof openOwnEngine>>
type TestExecutor = Awaited<ReturnType<typeof openTestExecutor>>

const patience = { timeout: 60_000, interval: 100 }
const python = languages.filter(({ id }) => id === 'python').slice(0, 1)
const image = python[0]?.image ?? ''
let engine: OwnEngine

beforeAll(async () => {
  engine = await openOwnEngine({ dataBytes: 2048 * MiB })
  await engine.load(image)
})
afterAll(() => engine?.[Symbol.asyncDispose]())
// A test that failed half-way leaves the next one an engine all the same.
beforeEach(() => engine.start())

const open = (warm = 0) => openTestExecutor({ engine: { host: engine.host }, languages: python, warm })

/** A program that has said something and goes on; `happens` is done to it then. */
async function interrupted(executor: TestExecutor, happens: () => Promise<unknown>, program?: Program): Promise<Finished> {
  const code = 'import time\nprint("so far", flush=True)\ntime.sleep(3600)\n'
  let happening: Promise<unknown> | undefined
  const run = await finished(executor.start(jobOf('python', code, program)), (event) => {
    // Python writes the end of the line by itself.
    if (event.type === 'output' && event.text.endsWith('\n')) happening ??= happens()
  })
  await happening
  return run
}

async function expectToWorkAgain(executor: TestExecutor): Promise<void> {
  await expect.poll(() => executor.state().languages[0]?.ready, patience).toBe(true)
  await expect.poll(() => tryHello(executor), patience).toBe('hello\n')
  await expect.poll(containers, patience).toBe('')
}
async function tryHello(executor: TestExecutor): Promise<string> {
  try {
    return (await runProgram(executor, 'python', 'print("hello")\n')).stdout
  } catch (error) {
    return String(error)
  }
}
const containers = async () => (await engine.docker(['ps', '--all', '--quiet', '--filter', 'label=bugghost.sandbox'])).stdout
const onlyContainer = async () => (await containers()).trim()

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a daemon ended by %s in the middle of a run',
  { timeout: 180_000 },
  async (signal) => {
    const executor = await open()
    try {
      const run = await interrupted(executor, () => engine.end(signal))
      expect(run).toMatchObject({ verdict: { kind: 'sandbox-failed' }, stdout: 'so far\n', exit_code: null })
      await expect.poll(() => executor.state().engine.ok, patience).toBe(false)
      expect(() => executor.start(jobOf('python', ''))).toThrow(expect.objectContaining({ code: 'unavailable' }))
      await engine.start()
      await expectToWorkAgain(executor)
    } finally {
      await executor.close()
    }
  },
)

test.each([
  ['removed', ['rm', '--force']],
  ['killed', ['kill']],
])('a container that somebody %s from outside', { timeout: 120_000 }, async (_, command) => {
  const executor = await open()
  try {
    const run = await interrupted(executor, async () => engine.docker([...command, await onlyContainer()]))
    expect(run).toMatchObject({ verdict: { kind: 'sandbox-failed' }, stdout: 'so far\n' })
    await expectToWorkAgain(executor)
  } finally {
    await executor.close()
  }
})

test('a container that somebody froze is given up after its time and removed', { timeout: 120_000 }, async () => {
  const executor = await open()
  try {
    const limits = { wall_time_ms: 2_000 }
    const run = await interrupted(executor, async () => engine.docker(['pause', await onlyContainer()]), { limits })
    expect(run).toMatchObject({ verdict: { kind: 'sandbox-failed' }, stdout: 'so far\n' })
    await expectToWorkAgain(executor)
  } finally {
    await executor.close()
  }
})

test('waiting sandboxes that somebody removed are replaced', { timeout: 120_000 }, async () => {
  const executor = await open(2)
  try {
    await expect.poll(() => executor.state().sandboxes.waiting, patience).toBe(2)
    await engine.docker(['rm', '--force', ...(await containers()).trim().split('\n')])
    await expect.poll(() => tryHello(executor), patience).toBe('hello\n')
    await expect.poll(() => executor.state().sandboxes.waiting, patience).toBe(2)
  } finally {
    await executor.close()
  }
})

test('an image that is deleted under the pool is told of, and used again once it is back', { timeout: 180_000 }, async () => {
  const executor = await open()
  try {
    await expectToWorkAgain(executor)
    await engine.docker(['rmi', '--force', image])
    // Until the next look the run itself finds out; after it, the run is refused with what to do.
    await expect.poll(() => tryHello(executor), patience).toMatch(/is not ready: .* is missing/)
    await engine.load(image)
    await expectToWorkAgain(executor)
  } finally {
    await executor.close()
  }
})

test('a full disk', { timeout: 180_000 }, async () => {
  const executor = await open()
  const ballast = join(engine.data, 'ballast')
  try {
    await expectToWorkAgain(executor)
    const { bavail, bsize } = await statfs(engine.data)
    await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch((error: NodeJS.ErrnoException) =>
      expect(error.code).toBe('ENOSPC'),
    )
    const run = await finished(executor.start(jobOf('python', 'print("hello")\n')))
    // Whether the engine can still make a container is its own affair; that the run ends with a verdict is ours.
    expect(['sandbox-failed', 'exited']).toContain(run.verdict.kind)
    await rm(ballast)
    await expectToWorkAgain(executor)
  } finally {
    await rm(ballast, { force: true })
    await executor.close()
  }
})
