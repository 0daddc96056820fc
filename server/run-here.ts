import { join } from 'node:path'
import type { Logger } from 'pino'
import { imageBuildsFile, readImageBuilds } from '../sandbox/images/image-builds.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import { openLocalExecutor } from '../sandbox/local-executor.ts'
import type { Database } from './db/database.ts'
import type { Env } from './env.ts'
import { newIncident } from './incident.ts'
import { createLocalDispatch } from './local-dispatch.ts'
import { createLocalRunLog } from './local-run-log.ts'
import { createMemoryRateLimit } from './memory-rate-limit.ts'
import { placesOf } from './places.ts'
import type { ProcessLife } from './process-life.ts'
import { closeInterrupted } from './recovery.ts'
import type { Store } from './store.ts'
import type { Telemetry } from './telemetry.ts'

/** Everything that runs programs in this process, on an engine of its own. `instance` is new for every start. */
export async function runHere(parts: {
  env: Env
  dataDir: string
  languages: readonly LoadedLanguage[]
  database: Database
  store: Store
  instance: string
  life: ProcessLife
  telemetry: Telemetry
  log: Logger
}) {
  const { env, dataDir, languages, database, store, instance, life, telemetry, log } = parts
  const { metrics } = telemetry
  // Before anything else looks: from here on other servers know that this one lives.
  await database.holdInstance(instance)
  const interrupted = await closeInterrupted(store, database.isAlive, log)
  if (interrupted > 0) log.warn({ runs: interrupted }, 'Closed the runs that an earlier server left open')
  const runLog = createLocalRunLog({ store, log, onKept: metrics.kept })
  life.opened('the run log', () => runLog.close())

  const executor = await openLocalExecutor({
    languages,
    engine: env.engine,
    instance,
    installation: database.installationId,
    isAlive: database.isAlive,
    maxRunning: env.maxRunning,
    maxQueued: env.maxQueued,
    maxQueuedPerOwner: env.maxQueuedPerVisitor,
    runtime: env.runtime,
    warm: env.warmSandboxes,
    imageBuilds: () => readImageBuilds(join(dataDir, imageBuildsFile)),
    onEngineCall: metrics.engineCall,
    log,
  })
  life.opened('the executor', () => executor.close())
  metrics.lookAt('sandboxes', () => executor.state())
  const places = placesOf(env.maxRunning + env.maxQueued, env)
  const rateLimit = createMemoryRateLimit(Date.now)
  return {
    executor,
    runLog,
    rateLimit,
    dispatch: createLocalDispatch({ executor, runLog, log, newIncident, now: Date.now, places, telemetry }),
  }
}
