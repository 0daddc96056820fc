import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sandboxSpecOf } from '../execution/steps.ts'
import { openEngineProxy } from '../testing/engine-proxy.ts'
import { finished, jobOf, languages, openTestExecutor, runProgram, sandboxesOf, testEngine } from '../testing/real-executor.ts'
import { connectEngine } from './docker.ts'

const patience = { timeout: 30_000 }

/** Starts a server that runs two programs and keeps a further sandbox waiting; resolves when it does. */
async function startServer(installation: string, instance: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, '../testing/server-that-dies.ts')
  const server = spawn(process.execPath, [script, installation, instance], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = await Promise.race([once(server.stdout, 'data'), once(server, 'exit')])
  expect(String(said[0])).toBe('running\n')
  return server
}

async function kill(server: ChildProcess): Promise<void> {
  const gone = once(server, 'exit')
  server.kill('SIGKILL')
  await gone
}

test('what a killed server ran ends by itself, and the next server removes it; a foreign one is left alone', async () => {
  const installation = `test-${randomUUID()}`
  const foreign = `foreign-${randomUUID()}`
  const python = languages.find(({ id }) => id === 'python')
  const imageId = python && (await testEngine.listImages([python.image])).get(python.image)
  if (!imageId) throw new Error('there is no Python image')
  const foreigners = connectEngine({ address: {}, instance: 'unknown', installation: foreign, newSandboxId: randomUUID })
  const neighbour = await foreigners.prepare(sandboxSpecOf({ ...python, imageId }), AbortSignal.timeout(60_000))
  try {
    const server = await startServer(installation, 'killed')
    expect((await sandboxesOf(installation)).map(({ instance, running }) => [instance, running])).toEqual(
      Array.from({ length: 3 }, () => ['killed', true]),
    )
    await kill(server)
    await expect.poll(async () => (await sandboxesOf(installation)).filter(({ running }) => running), patience).toEqual([])

    // What has ended is still there until somebody looks.
    expect((await sandboxesOf(installation)).length).toBe(3)
    await using next = await openTestExecutor({ installation, instance: 'next', isAlive: async () => false })
    await expect.poll(next.sandboxes, patience).toEqual([])
    expect((await sandboxesOf(foreign)).map(({ running }) => running)).toEqual([true])
  } finally {
    await neighbour.destroy()
  }
  expect(await sandboxesOf(foreign)).toEqual([])
})

test('what a living server of the same installation runs is left alone', async () => {
  const installation = `test-${randomUUID()}`
  await using first = await openTestExecutor({ installation, instance: 'first' })
  const execution = first.start(jobOf('python', 'print(input())\n', { stdinOpen: true }))
  const run = finished(execution)
  await expect.poll(first.sandboxes, patience).toHaveLength(1)
  {
    const second = await openTestExecutor({ installation, instance: 'second', isAlive: async (instance) => instance === 'first' })
    await second.close()
  }
  execution.write('still here\n')
  expect(await run).toMatchObject({ stdout: 'still here\n', exit_code: 0 })
})

test('a closed server leaves nothing: what runs is cancelled with its output kept, what waits is removed', async () => {
  const executor = await openTestExecutor({ warm: 1, languages: languages.filter(({ id }) => id === 'python') })
  await expect.poll(() => executor.state().sandboxes.waiting, patience).toBe(1)
  const reading = Promise.withResolvers<void>()
  const run = finished(executor.start(jobOf('python', 'print("so far")\nwhile True: pass\n')), (event) => {
    if (event.type === 'output' && event.text.endsWith('\n')) reading.resolve()
  })
  await reading.promise
  await executor[Symbol.asyncDispose]()
  expect(await run).toMatchObject({ verdict: { kind: 'cancelled', by: 'shutdown' }, stdout: 'so far\n' })
  expect(() => executor.start(jobOf('python', ''))).toThrow('shutting down')
})

test('without an engine the server starts, says what to do, and works as soon as there is one', async () => {
  await using proxy = await openEngineProxy()
  await using executor = await openTestExecutor({ engine: { host: proxy.host } })
  expect(executor.state().engine).toEqual({
    ok: false,
    message: expect.stringMatching(/cannot be used: .*ENOENT.*Start it, or set DOCKER_HOST/),
  })
  expect(executor.state().languages.map(({ ready }) => ready)).toEqual(languages.map(() => false))
  expect(() => executor.start(jobOf('python', ''))).toThrow(
    expect.objectContaining({ code: 'unavailable', message: executor.state().engine.message, retryAfterSec: 5 }),
  )
  await proxy.appear()
  await expect.poll(() => executor.state().engine.ok, patience).toBe(true)
  expect(await runProgram(executor, 'python', 'print("hello")\n')).toMatchObject({ stdout: 'hello\n', exit_code: 0 })
})

test('when the engine goes away in the middle of a run, the output is kept, and nothing is left once it is back', async () => {
  await using proxy = await openEngineProxy()
  await proxy.appear()
  await using executor = await openTestExecutor({ engine: { host: proxy.host } })
  const execution = executor.start(jobOf('python', 'print("so far")\nwhile True: pass\n'))
  const run = await finished(execution, (event) => {
    if (event.type === 'output' && event.text.endsWith('\n')) void proxy.leave()
  })
  expect(run).toMatchObject({ verdict: { kind: 'sandbox-failed' }, stdout: 'so far\n', exit_code: null })
  const { incident } = run.verdict as { incident: string }
  expect(executor.complaints).toContainEqual(
    expect.objectContaining({ level: 'error', message: 'the sandbox was lost', facts: expect.objectContaining({ incident }) }),
  )
  await expect.poll(() => executor.state().engine.ok, patience).toBe(false)
  expect(await executor.sandboxes()).toHaveLength(1)
  await proxy.appear()
  await expect.poll(executor.sandboxes, patience).toEqual([])
  expect(await runProgram(executor, 'python', 'print("hello")\n')).toMatchObject({ stdout: 'hello\n', exit_code: 0 })
})

test('a language whose image is missing says so, and the others run', async () => {
  const [python, javascript] = ['python', 'javascript'].map((id) => languages.find((language) => language.id === id))
  if (!python || !javascript) throw new Error('there are two languages at least')
  await using executor = await openTestExecutor({ languages: [{ ...python, image: 'bugghost/python:none' }, javascript] })
  expect(executor.state().languages.map(({ id, ready }) => [id, ready])).toEqual([
    ['python', false],
    ['javascript', true],
  ])
  expect(() => executor.start(jobOf('python', ''))).toThrow(
    'Python 3.13 is not ready: Its image bugghost/python:none is missing. Build it with: npm run setup',
  )
  expect(() => executor.start(jobOf('cobol', '', { version: '85' }))).toThrow('There is no cobol 85 here.')
  expect((await runProgram(executor, 'javascript', javascript.hello)).stdout).toBe(javascript.expected.stdout)
})

test('a runtime the engine does not have is told of at once', async () => {
  await using executor = await openTestExecutor({ runtime: 'runsc-that-is-not-there' })
  expect(executor.state().engine).toEqual({
    ok: false,
    message: expect.stringContaining('it has no runtime "runsc-that-is-not-there"'),
  })
})
