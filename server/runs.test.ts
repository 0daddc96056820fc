import { afterEach, describe, expect, test } from 'vitest'
import { AppError } from '../protocol/errors.ts'
import { ActorId, type RunId } from '../protocol/ids.ts'
import { MiB } from '../protocol/limits.ts'
import type { RunEvent } from '../protocol/run.ts'
import { createMemoryStore } from './memory-store.ts'
import { newRunId } from './run-id.ts'
import { createSampleServices, helloScript, type SampleServices, sampleActor, sampleTime } from './sample-services.ts'

const opened: SampleServices[] = []
const open = (...args: Parameters<typeof createSampleServices>) => {
  const services = createSampleServices(...args)
  opened.push(services)
  return services
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((services) => services.close()))
})

const stranger = ActorId.parse('stranger')
const request = { language: 'script', code: 'print' }
const live = { ...request, wait: false }
const refusal = (code: string) => expect.objectContaining({ code })

/** A run that has started and waits for what the test does. */
async function startLive(services = open()) {
  const { run, finished } = await services.runs.create(live, sampleActor)
  const execution = services.executor.executions.at(-1)
  if (!execution) throw new Error('Nothing was started.')
  return { services, runs: services.runs, runId: run.run_id as RunId, finished, execution }
}

/** Resolves when the run’s log holds an event of this type. */
async function happened({ runs }: SampleServices, runId: RunId, type: RunEvent['type']) {
  for await (const events of await runs.events(runId, sampleActor, { after: -1 })) {
    if (events.some((event) => event.type === type)) return
  }
  throw new Error(`The run ended without ${type}.`)
}

describe('a run', () => {
  test('answers with how it ended, kept for good', async () => {
    const { runs, store } = open({ script: helloScript })
    const run = await (await runs.create(request, sampleActor)).finished
    expect(run).toMatchObject({ status: 'completed', stdout: 'hello\n', exit_code: 0, image: 'fake-script', language: 'script' })
    expect(run.created_at).toBe(new Date(sampleTime).toISOString())
    expect(run.url).toBe(`http://localhost:3000/r/${run.run_id}`)
    expect((await store.findRun(run.run_id))?.ending?.verdict).toEqual({ kind: 'exited', exit_code: 0 })
    expect(await store.readEvents(run.run_id, -1)).toHaveLength(3)
    expect(await runs.find(run.run_id, sampleActor)).toEqual(run)
  })

  test('is found as it stands while it is under way, waiting first and then running', async () => {
    const { services, runs, runId, execution } = await startLive()
    expect(await runs.find(runId, sampleActor)).toMatchObject({ status: 'queued', queued_ms: null })
    execution.start()
    execution.print('so far')
    await happened(services, runId, 'output')
    expect(await runs.find(runId, sampleActor)).toMatchObject({
      status: 'running',
      stdout: 'so far',
      stdout_bytes: 6,
      verdict: null,
      usage: null,
    })
    expect((await runs.list(sampleActor, { limit: 1 })).runs[0]).toMatchObject({ status: 'running', run_id: runId })
  })

  test('that no sandbox can be had for leaves nothing behind', async () => {
    const { runs, executor } = open()
    executor.refuse(new AppError('unavailable', 'Full.', { retryAfterSec: 3 }))
    await expect(runs.create(request, sampleActor)).rejects.toMatchObject({ code: 'unavailable', retryAfterSec: 3 })
    expect((await runs.list(sampleActor, { limit: 10 })).runs).toEqual([])
  })

  test('that cannot be kept is stopped and refused', async () => {
    const store = createMemoryStore()
    const away = async () => {
      throw new AppError('unavailable', 'Away.')
    }
    const { runs, executor } = open({ store: { ...store, createRun: away } })
    await expect(runs.create(request, sampleActor)).rejects.toEqual(refusal('unavailable'))
    expect(executor.executions[0]?.cancelledBy).not.toBeNull()
    await expect.poll(() => executor.executions[0]?.released).toBe(true)
  })

  test('whose caller goes away while waiting is cancelled, and kept as that', async () => {
    const { runs, executor } = open()
    const caller = new AbortController()
    const { finished } = await runs.create(request, sampleActor, { signal: caller.signal })
    caller.abort()
    expect(await finished).toMatchObject({ status: 'cancelled', verdict: { kind: 'cancelled', by: 'client' } })
    expect(executor.executions[0]?.cancelledBy).toBe('client')
  })

  test('whose caller was gone before it began is cancelled too', async () => {
    const { runs } = open()
    const { finished } = await runs.create(request, sampleActor, { signal: AbortSignal.abort() })
    expect((await finished).status).toBe('cancelled')
  })

  test.each([
    ['fails', new Error('The pipe broke.')],
    ['just stops', undefined],
  ])('whose stream %s ends as our failure, with a number to quote and its output kept', async (_, error) => {
    const { finished, execution } = await startLive()
    execution.start()
    execution.print('last words')
    execution.breakOff(error)
    expect(await finished).toMatchObject({
      status: 'error',
      verdict: { kind: 'sandbox-failed', incident: 'incident-1' },
      stdout: 'last words',
      stdout_bytes: 10,
    })
  })

  test('of a language that compiles tells what the compiler said', async () => {
    const script = (execution: SampleServices['executor']['executions'][number]) => {
      execution.start('compile')
      execution.print('warning: x', 'stderr', 'compile')
      execution.finish({ verdict: { kind: 'compile-failed', exit_code: 1 }, exit_code: 1 })
    }
    const { runs } = open({ script })
    const run = await (await runs.create({ language: 'compiled', code: 'x' }, sampleActor)).finished
    expect(run).toMatchObject({
      compile_output: 'warning: x',
      stdout: '',
      stderr: 'warning: x',
      status: 'error',
      message: 'Did not compile',
    })
  })
})

describe('who made a run', () => {
  test('types into it, ends its input and sends it signals, and all of that is in its log', async () => {
    const { services, runs, runId, execution } = await startLive()
    execution.start()
    await runs.write(runId, sampleActor, 'hi\n')
    await runs.signal(runId, sampleActor, 'SIGINT')
    await runs.endInput(runId, sampleActor)
    expect(execution).toMatchObject({ written: ['hi\n'], signals: ['SIGINT'], inputEnded: true })
    await happened(services, runId, 'input-end')
    await expect(runs.write(runId, sampleActor, 'more')).rejects.toEqual(refusal('conflict'))
  })

  test('may send it a thousand signals and no more: each is kept with it', async () => {
    const { runs, runId, execution } = await startLive()
    execution.start()
    for (let n = 0; n < 1000; n++) await runs.signal(runId, sampleActor, 'SIGUSR1')
    await expect(runs.signal(runId, sampleActor, 'SIGUSR1')).rejects.toEqual(refusal('too-many-requests'))
    expect(execution.signals).toHaveLength(1000)
  })

  test('stops it, and hears how it ended', async () => {
    const { runs, runId } = await startLive()
    expect(await runs.cancel(runId, sampleActor)).toMatchObject({
      status: 'cancelled',
      verdict: { kind: 'cancelled', by: 'user' },
    })
    await expect(runs.cancel(runId, sampleActor)).rejects.toEqual(refusal('conflict'))
  })

  test('may type one mebibyte into it and no more', async () => {
    const { runs, runId, execution } = await startLive()
    await runs.write(runId, sampleActor, 'x'.repeat(MiB))
    await expect(runs.write(runId, sampleActor, 'x')).rejects.toEqual(refusal('too-large'))
    expect(execution.written).toHaveLength(1)
  })
})

describe('somebody else', () => {
  test('reads a run whose address they know', async () => {
    const { services, runId } = await startLive()
    expect(await services.runs.find(runId, sampleActor)).not.toBeNull()
  })

  test('may not type into it, end its input, signal or stop it', async () => {
    const { runs, runId, execution } = await startLive()
    await expect(runs.write(runId, stranger, 'x')).rejects.toEqual(refusal('forbidden'))
    await expect(runs.endInput(runId, stranger)).rejects.toEqual(refusal('forbidden'))
    await expect(runs.signal(runId, stranger, 'SIGINT')).rejects.toEqual(refusal('forbidden'))
    await expect(runs.cancel(runId, stranger)).rejects.toEqual(refusal('forbidden'))
    expect(execution).toMatchObject({ written: [], signals: [], inputEnded: false, cancelledBy: null })
  })
})

describe('a run is shared', () => {
  const isShared = async ({ store }: SampleServices, runId: RunId) => (await store.findRun(runId))?.shared

  test.each([
    ['finds it', (runs: SampleServices['runs'], runId: RunId, reader: ActorId) => runs.find(runId, reader)],
    ['follows it', (runs: SampleServices['runs'], runId: RunId, reader: ActorId) => runs.events(runId, reader, { after: -1 })],
    ['asks for a file of it', (runs: SampleServices['runs'], runId: RunId, reader: ActorId) => runs.artifact(runId, reader, 'x')],
  ])('as soon as somebody else %s, while it goes on and later', async (_, read) => {
    for (const ended of [false, true]) {
      const { services, runs, runId, execution, finished } = await startLive()
      if (ended) {
        execution.finish()
        await finished
      }
      await read(runs, runId, sampleActor)
      expect(await isShared(services, runId)).toBe(false)
      await read(runs, runId, stranger)
      expect(await isShared(services, runId)).toBe(true)
    }
  })

  test('when its owner says so, or whoever has its address; nobody else names or pins it', async () => {
    for (const actor of [sampleActor, stranger]) {
      const { services, runs, runId } = await startLive()
      await runs.update(runId, actor, { shared: true })
      expect(await isShared(services, runId)).toBe(true)
    }
    const { runs, runId } = await startLive()
    await expect(runs.update(runId, stranger, { shared: true, name: 'x' })).rejects.toEqual(refusal('forbidden'))
  })

  test('and is told of to nobody who asks for it, when that cannot be kept for now', async () => {
    const store = createMemoryStore()
    const services = open({ store: { ...store, updateRun: () => Promise.reject(new Error('away')) } })
    const { runs, runId } = await startLive(services)
    expect(await runs.find(runId, stranger)).not.toBeNull()
  })
})

test.each([
  [{ by: 'owner' } as const, 'This run was deleted by whoever made it.'],
  [{ by: 'age', keptDays: 30 } as const, 'This run was removed after 30 days: this server keeps runs no longer.'],
  [{ by: 'room', keptDays: 1 } as const, 'This run was removed after a day, to make room for newer ones.'],
  [{ by: 'room', keptDays: 0 } as const, 'This run was removed after less than a day, to make room for newer ones.'],
])('the address of a run that is gone says why: %j', async (removal, message) => {
  const { runs } = open({ store: { ...createMemoryStore(), removalOf: async () => removal } })
  const gone = expect.objectContaining({ code: 'gone', message })
  await expect(runs.find(newRunId(), sampleActor)).rejects.toEqual(gone)
  await expect(runs.events(newRunId(), sampleActor, { after: -1 })).rejects.toEqual(gone)
})

test('what was never run is not found, whatever one wants of it', async () => {
  const { runs } = open()
  const nothing = newRunId()
  expect(await runs.find(nothing, sampleActor)).toBeNull()
  await expect(runs.events(nothing, sampleActor, { after: -1 })).rejects.toEqual(refusal('not-found'))
  await expect(runs.cancel(nothing, sampleActor)).rejects.toEqual(refusal('not-found'))
})

test('a history is one’s own, newest first, page by page to its end', async () => {
  const { runs } = open({ script: helloScript })
  const made: string[] = []
  for (let n = 0; n < 5; n++) made.push((await (await runs.create(request, sampleActor)).finished).run_id)
  await (await runs.create(request, stranger)).finished

  const seen: string[] = []
  let cursor: string | undefined
  let pages = 0
  do {
    const page = await runs.list(sampleActor, { limit: 2, ...(cursor ? { cursor } : {}) })
    seen.push(...page.runs.map((run) => run.run_id))
    cursor = page.next_cursor ?? undefined
    pages += 1
  } while (cursor)
  expect(seen.toSorted()).toEqual(made.toSorted())
  expect(pages).toBe(3)
})

test('events are read from anywhere, while the run goes on and to its end', async () => {
  const { runs, runId, execution } = await startLive()
  execution.start()
  execution.print('a')
  const seqs: number[] = []
  for await (const events of await runs.events(runId, sampleActor, { after: 0 })) {
    seqs.push(...events.map((event) => event.seq))
    execution.finish()
  }
  expect(seqs).toEqual([1, 2])
})

test('closing stops what runs, keeps how it ended, and takes no more', async () => {
  const { services, runs, finished, runId } = await startLive()
  await runs.close()
  expect(await finished).toMatchObject({ verdict: { kind: 'cancelled', by: 'shutdown' } })
  expect((await services.store.findRun(runId))?.ending).not.toBeNull()
  await expect(runs.create(request, sampleActor)).rejects.toEqual(refusal('unavailable'))
})

test('closing with time lets what runs end by itself, and takes no more meanwhile', async () => {
  const { services, runs, execution, finished, runId } = await startLive()
  execution.start()
  const closed = runs.close(60_000)
  await expect(runs.create(request, sampleActor)).rejects.toEqual(refusal('unavailable'))
  execution.print('the last words')
  execution.finish()
  await closed
  expect(await finished).toMatchObject({ verdict: { kind: 'exited' }, stdout: 'the last words' })
  expect((await services.store.findRun(runId))?.ending).not.toBeNull()
})
