import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '../../protocol/errors.ts'
import { ActorId, type RunId } from '../../protocol/ids.ts'
import { defaultLimits } from '../../protocol/limits.ts'
import type { RunEvent } from '../../protocol/run.ts'
import type { FakeExecution } from '../../sandbox/fake.ts'
import { createMemoryStore } from '../memory-store.ts'
import { helloScript } from '../sample-services.ts'
import { openWeb, openWorker } from './testing/fleet.ts'
import { startTestRedis, type TestRedis } from './testing/test-redis.ts'

const somebody = ActorId.parse('somebody')
const request = { language: 'script', code: 'print' }
const live = { ...request, wait: false }

let redis: TestRedis
const opened: AsyncDisposable[] = []
const open = <T extends AsyncDisposable>(one: T): T => {
  opened.unshift(one)
  return one
}
beforeAll(async () => {
  redis = await startTestRedis()
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]()
  const look = redis.look()
  await look.flushall()
  look.disconnect()
})
afterAll(() => redis?.[Symbol.asyncDispose]())

async function readAll(web: Awaited<ReturnType<typeof openWeb>>, runId: RunId): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const batch of await web.runs.events(runId, somebody, { after: -1 })) events.push(...batch)
  return events
}
/** Resolves when its log, read at this server, holds an event of this type. */
async function happened(web: Awaited<ReturnType<typeof openWeb>>, runId: RunId, type: RunEvent['type']): Promise<void> {
  for await (const batch of await web.runs.events(runId, somebody, { after: -1 }))
    if (batch.some((event) => event.type === type)) return
  throw new Error(`The run ended without ${type}.`)
}
const onlyExecution = async ({ executor }: Awaited<ReturnType<typeof openWorker>>): Promise<FakeExecution> => {
  await expect.poll(() => executor.executions.length).toBe(1)
  return executor.executions[0] as FakeExecution
}

/** Two servers on one database, one worker. */
async function openFleet(script?: (execution: FakeExecution) => void) {
  const store = createMemoryStore()
  const worker = open(await openWorker(redis.url, script))
  const [one, other] = [open(await openWeb(redis.url, store)), open(await openWeb(redis.url, store))]
  return { store, worker, one, other }
}

describe('a run on a worker', () => {
  test('answers with how it ended, kept for good, and says which image ran it', async () => {
    const { one, other, store } = await openFleet(helloScript)
    const run = await (await one.runs.create(request, somebody)).finished
    expect(run).toMatchObject({ status: 'completed', stdout: 'hello\n', exit_code: 0, language: 'script' })
    expect((await store.findRun(run.run_id as RunId))?.ending?.verdict).toEqual({ kind: 'exited', exit_code: 0 })
    expect(await other.runs.find(run.run_id as RunId, somebody)).toEqual(run)
  })

  test('is watched, typed into, resized and stopped from any server', async () => {
    const { one, other, worker } = await openFleet()
    const { run, finished } = await one.runs.create({ ...live, tty: true }, somebody)
    const runId = run.run_id as RunId
    const execution = await onlyExecution(worker)
    execution.start()
    execution.print('so far')
    await happened(other, runId, 'output')
    expect(await other.runs.find(runId, somebody)).toMatchObject({ status: 'running', stdout: 'so far' })
    expect((await other.runs.list(somebody, { limit: 5 })).runs[0]).toMatchObject({ run_id: runId, status: 'running' })
    await other.runs.write(runId, somebody, 'hi\n')
    await other.runs.resize(runId, somebody, { columns: 100, rows: 20 })
    await other.runs.signal(runId, somebody, 'SIGINT')
    await other.runs.endInput(runId, somebody)
    await happened(one, runId, 'input-end')
    expect(execution.written).toEqual(['hi\n'])
    expect(execution.signals).toEqual(['SIGINT'])
    await expect(one.runs.write(runId, somebody, 'more')).rejects.toMatchObject({ code: 'conflict' })
    expect(await other.runs.cancel(runId, somebody)).toMatchObject({ status: 'cancelled' })
    expect(await finished).toMatchObject({ verdict: { kind: 'cancelled', by: 'user' } })
    await expect(other.runs.cancel(runId, somebody)).rejects.toMatchObject({ code: 'conflict' })
  })

  test('gives every reader on every server every event once, in order, whenever they come', async () => {
    const { one, other, worker } = await openFleet()
    const { run, finished } = await one.runs.create(live, somebody)
    const runId = run.run_id as RunId
    const early = [readAll(one, runId), readAll(other, runId), readAll(other, runId)]
    const execution = await onlyExecution(worker)
    execution.start()
    for (let n = 0; n < 500; n++) {
      execution.print(`line ${n}\n`)
      if (n % 50 === 0) await happened(other, runId, 'output')
    }
    const late = readAll(one, runId)
    execution.finish()
    await finished
    const all = await readAll(other, runId)
    expect(all.map(({ seq }) => seq)).toEqual([...all.keys()])
    expect(all).toHaveLength(502)
    for (const read of [...early, late]) expect(await read).toEqual(all)
  })

  test('waits where no worker has a place, is served in turn, and can be stopped while it waits', async () => {
    const store = createMemoryStore()
    const worker = open(await openWorker(redis.url, undefined, 1))
    const web = open(await openWeb(redis.url, store))
    const first = await web.runs.create(live, somebody)
    const execution = await onlyExecution(worker)
    const second = await web.runs.create(live, somebody)
    const third = await web.runs.create(live, somebody)
    expect(await web.runs.find(second.run.run_id as RunId, somebody)).toMatchObject({ status: 'queued' })
    expect(await web.runs.cancel(second.run.run_id as RunId, somebody)).toMatchObject({ status: 'cancelled' })
    execution.start()
    execution.finish()
    await first.finished
    await expect.poll(() => worker.executor.executions.length).toBe(2)
    worker.executor.executions[1]?.start()
    worker.executor.executions[1]?.finish()
    expect(await third.finished).toMatchObject({ status: 'completed' })
  })

  test('of somebody who has few comes before those of a crowd', async () => {
    const store = createMemoryStore()
    const worker = open(await openWorker(redis.url, undefined, 1))
    const web = open(await openWeb(redis.url, store))
    const crowd = ActorId.parse('crowd')
    const order: string[] = []
    const all = []
    for (let n = 0; n < 4; n++) all.push(await web.runs.create({ ...live, args: [`crowd ${n}`] }, crowd))
    all.push(await web.runs.create({ ...live, args: ['somebody'] }, somebody))
    for (let n = 0; n < 5; n++) {
      await expect.poll(() => worker.executor.executions.length).toBe(n + 1)
      const execution = worker.executor.executions[n] as FakeExecution
      order.push(execution.job.args[0] ?? '')
      execution.start()
      execution.finish()
    }
    for (const { finished } of all) await finished
    expect(order).toEqual(['crowd 0', 'somebody', 'crowd 1', 'crowd 2', 'crowd 3'])
  })

  test('is refused when there are too many, of all or of one visitor', async () => {
    const store = createMemoryStore()
    open(await openWorker(redis.url, undefined, 1))
    const web = open(await openWeb(redis.url, store, { maxQueued: 3, maxQueuedPerVisitor: 2 }))
    await web.runs.create(live, somebody)
    await web.runs.create(live, somebody)
    await expect(web.runs.create(live, somebody)).rejects.toMatchObject({ code: 'too-many-requests' })
    await web.runs.create(live, ActorId.parse('other'))
    await expect(web.runs.create(live, ActorId.parse('third'))).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('that a worker gives back as it stops is taken by another one at once', async () => {
    const leaving = await openWorker(redis.url)
    leaving.executor.runOut()
    const web = open(await openWeb(redis.url))
    const { finished } = await web.runs.create(live, somebody)
    await onlyExecution(leaving)
    open(await openWorker(redis.url, helloScript))
    await leaving[Symbol.asyncDispose]()
    expect(await finished).toMatchObject({ status: 'completed', stdout: 'hello\n' })
  })

  test('that cannot be begun just now is taken again a little later', async () => {
    const worker = open(await openWorker(redis.url, helloScript))
    worker.executor.refuse(new AppError('unavailable', 'The engine has just gone.'))
    const web = open(await openWeb(redis.url))
    const { finished } = await web.runs.create(live, somebody)
    expect(await finished).toMatchObject({ status: 'completed', stdout: 'hello\n' })
  })

  test('is found by a worker that was not told of it', async () => {
    const deaf = open(await openWorker(redis.url, helloScript, 1, { lookMs: 50 }))
    const web = open(await openWeb(redis.url))
    await deaf.goDeaf()
    const { finished } = await web.runs.create(live, somebody)
    expect(await finished).toMatchObject({ status: 'completed' })
  })

  test('is refused with what to do while there is no worker', async () => {
    const web = open(await openWeb(redis.url))
    await expect(web.runs.create(request, somebody)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('npm run worker'),
    })
  })

  test('that is deleted leaves nothing in Redis', async () => {
    const { one } = await openFleet(helloScript)
    const { run_id } = await (await one.runs.create(request, somebody)).finished
    await one.runs.remove(run_id as RunId, somebody)
    const look = redis.look()
    expect((await look.keys('*')).filter((key) => key.includes(run_id))).toEqual([])
    look.disconnect()
    await expect(one.runs.find(run_id as RunId, somebody)).rejects.toMatchObject({ code: 'gone' })
  })
})

test('a job that is no run is performed, and nothing stays of it', async () => {
  const { one, worker } = await openFleet((execution) => {
    execution.start()
    execution.print(`formatted ${execution.job.mode}`)
    execution.finish()
  })
  const { events } = await one.dispatch.perform(
    {
      language: 'script',
      version: '1.2',
      mode: 'format',
      only: [],
      flags: {},
      tty: null,
      artifacts: [],
      owner: 'somebody',
      files: [],
      entry: 'main.script',
      args: [],
      env: {},
      stdin: Buffer.from('x'),
      stdinOpen: false,
      limits: defaultLimits,
    },
    { address: '' },
  )
  let text = ''
  for await (const event of events) if (event.type === 'output') text += event.text
  expect(text).toBe('formatted format')
  expect(Buffer.from(worker.executor.executions[0]?.job.stdin ?? []).toString()).toBe('x')
  const look = redis.look()
  expect((await look.keys('bugghost:run:*')).length).toBe(0)
  look.disconnect()
})
