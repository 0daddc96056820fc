import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { createFakeExecutor, type FakeExecution } from '../../../sandbox/fake.ts'
import { createMemoryStore } from '../../memory-store.ts'
import { placesOf } from '../../places.ts'
import { newRunId } from '../../run-id.ts'
import { createRuns } from '../../runs.ts'
import { sampleLanguages } from '../../sample-services.ts'
import type { Store } from '../../store.ts'
import { connectRedis, firstAnswer } from '../redis.ts'
import { sayThatWorkerLives } from '../registry.ts'
import { runOnWorkers, workersInstance } from '../run-on-workers.ts'
import { createSharedRuns } from '../shared-runs.ts'
import { takeJobs } from '../take-jobs.ts'

// For tests: web servers and workers around one Redis, all in this process, with scripted programs.

const log = pino({ level: 'silent' })

/** A web server without its HTTP. */
export async function openWeb(
  redisUrl: string,
  store: Store = createMemoryStore(),
  limits: { maxQueued?: number; maxQueuedPerVisitor?: number; maxQueuedPerAddress?: number } = {},
) {
  const closers: (() => unknown)[] = []
  const { dispatch, runLog, executor, rateLimit } = await runOnWorkers({
    redisUrl,
    languages: sampleLanguages,
    installation: 'test-installation',
    store,
    places: placesOf(limits.maxQueued ?? 100, limits),
    life: { opened: (_, close) => closers.unshift(close) },
    log,
  })
  const runs = createRuns({
    dispatch,
    store,
    runLog,
    languages: sampleLanguages,
    instance: workersInstance,
    publicUrl: 'http://localhost:3000',
    log,
    newRunId,
    now: Date.now,
  })
  closers.unshift(() => runs.close())
  return {
    runs,
    dispatch,
    store,
    executor,
    rateLimit,
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close()
    },
  }
}

/** A worker whose programs do what `script` says. It looks for jobs it is not told of once an hour: being told has to be enough. */
export async function openWorker(
  redisUrl: string,
  script?: (execution: FakeExecution) => void,
  places = 4,
  { lookMs = 60 * 60_000 } = {},
) {
  const worker = randomBytes(6).toString('hex')
  const redis = connectRedis(redisUrl, 'worker', log)
  const subscriber = connectRedis(redisUrl, 'worker-listens', log)
  await Promise.all([firstAnswer(redis), firstAnswer(subscriber)])
  const executor = createFakeExecutor(script)
  executor.setState({
    languages: sampleLanguages.map(({ id, manifest, image }) => ({
      id,
      version: manifest.version,
      ready: true,
      message: 'ready',
      image,
      imageDigest: `sha256:${'1'.repeat(64)}`,
    })),
  })
  const saying = sayThatWorkerLives(redis, worker, () => ({ ...executor.state(), places }), log)
  await saying.said
  const jobs = takeJobs({
    redis,
    subscriber,
    shared: createSharedRuns(redis),
    executor,
    worker,
    places,
    newIncident: () => 'incident-1',
    log,
    lookMs,
  })
  await jobs.ready
  return {
    worker,
    executor,
    /** Is told of nothing any more. */
    goDeaf: () => subscriber.unsubscribe(),
    running: jobs.running,
    /** Says nothing any more and hears nothing, as after kill -9. What it held stays held until that runs out. */
    die(): void {
      redis.disconnect()
      subscriber.disconnect()
    },
    async [Symbol.asyncDispose]() {
      await jobs.close(0)
      await saying.close()
      redis.disconnect()
      subscriber.disconnect()
    },
  }
}
