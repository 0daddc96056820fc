import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { imageBuildsFile, readImageBuilds } from '../sandbox/images/image-builds.ts'
import { readLanguages } from '../sandbox/languages.ts'
import { openLocalExecutor } from '../sandbox/local-executor.ts'
import { readWorkerEnv } from './env.ts'
import { newIncident } from './incident.ts'
import { openLog } from './log.ts'
import { closeInReverse, reasonsOf } from './process-life.ts'
import { openTelemetry } from './telemetry.ts'
import { installationOf } from './workers/installation.ts'
import { connectRedis, firstAnswer } from './workers/redis.ts'
import { isWorkerAlive, sayThatWorkerLives } from './workers/registry.ts'
import { createSharedRuns } from './workers/shared-runs.ts'
import { takeJobs } from './workers/take-jobs.ts'

// The composition root of a worker: a machine with a Docker engine that runs what others are asked for. It sits beside hostile code, so it
// knows no database, no visitor and no secret but its own user of Redis.

/** The same for server/worker.ts and for its bundle in dist/. */
const root = resolve(import.meta.dirname, '..')

const life = closeInReverse()

async function start(): Promise<void> {
  const env = readWorkerEnv()
  const log = openLog(env.logLevel, 'worker')
  life.stopOnSignals(log)
  life.stopWithin(env.stopMs)
  const worker = randomBytes(12).toString('hex')

  const languages = await readLanguages(join(root, 'sandbox'))
  const known = languages.map(({ id, manifest }) => ({ language: id, version: manifest.version }))
  const telemetry = await openTelemetry({ env, service: 'bugghost-worker', known, life, log })
  const { metrics } = telemetry

  const redis = connectRedis(env.redisUrl, 'worker', log)
  life.opened('the connection to Redis', () => redis.disconnect())
  const subscriber = connectRedis(env.redisUrl, 'worker-listens', log)
  life.opened('the connection to Redis that listens', () => subscriber.disconnect())
  await Promise.all([firstAnswer(redis), firstAnswer(subscriber)])
  const shared = createSharedRuns(redis)

  const executor = await openLocalExecutor({
    languages,
    engine: env.engine,
    instance: worker,
    installation: await installationOf(redis),
    isAlive: (instance) => isWorkerAlive(redis, instance),
    // What cannot be run at once is not taken from the queue.
    maxRunning: env.maxRunning,
    maxQueued: env.maxRunning,
    maxQueuedPerOwner: env.maxRunning,
    runtime: env.runtime,
    warm: env.warmSandboxes,
    imageBuilds: () => readImageBuilds(join(resolve(env.dataDir), imageBuildsFile)),
    onEngineCall: metrics.engineCall,
    log,
  })
  life.opened('the executor', () => executor.close())
  metrics.lookAt('sandboxes', () => executor.state())

  const saying = sayThatWorkerLives(redis, worker, () => ({ ...executor.state(), places: env.maxRunning }), log)
  life.opened('the word that this worker lives', () => saying.close())
  await saying.said
  const jobs = takeJobs({ redis, subscriber, shared, executor, worker, places: env.maxRunning, newIncident, telemetry, log })
  life.opened('the jobs', () => jobs.close(life.msForRuns()))
  await jobs.ready
  process.stdout.write(`This worker (${worker}) takes runs: ${env.maxRunning} at a time\n`)
}

start().catch((error: unknown) => {
  if (life.stopping()) return
  process.stderr.write(`The worker cannot start.\n${reasonsOf(error)}\n`)
  void life.stop(1, (err, what) => process.stderr.write(`Closing ${what} failed: ${reasonsOf(err)}\n`))
})
