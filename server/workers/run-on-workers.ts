import type { Logger } from 'pino'
import type { LoadedLanguage } from '../../sandbox/languages.ts'
import { newIncident } from '../incident.ts'
import { noMetrics } from '../metrics/metrics.ts'
import type { Places } from '../places.ts'
import type { ProcessLife } from '../process-life.ts'
import type { Store } from '../store.ts'
import { noTelemetry, type Telemetry } from '../telemetry.ts'
import { sayInstallation } from './installation.ts'
import { createKeeper } from './keeper.ts'
import { createQueueDispatch } from './queue-dispatch.ts'
import { connectRedis, firstAnswer } from './redis.ts'
import { createRedisRateLimit } from './redis-rate-limit.ts'
import { createRedisRunLog } from './redis-run-log.ts'
import { watchWorkers } from './registry.ts'
import { createSharedRuns } from './shared-runs.ts'
import { watchRuns } from './watch-runs.ts'

/** What stands in the rows of runs that workers run, in the place of a server process: they outlive every server. */
export const workersInstance = 'workers'

/** Everything of a web server whose programs run on workers. */
export async function runOnWorkers(parts: {
  redisUrl: string
  languages: readonly LoadedLanguage[]
  installation: string
  store: Store
  places: Places
  life: Pick<ProcessLife, 'opened'>
  telemetry?: Telemetry
  log: Logger
}) {
  const { redisUrl, languages, installation, store, places, life, telemetry = noTelemetry, log } = parts
  const { metrics } = telemetry
  const redis = connectRedis(redisUrl, 'web', log)
  life.opened('the connection to Redis', () => redis.disconnect())
  const subscriber = connectRedis(redisUrl, 'web-listens', log)
  life.opened('the connection to Redis that listens', () => subscriber.disconnect())
  await Promise.all([firstAnswer(redis), firstAnswer(subscriber)])
  await sayInstallation(redis, installation)

  const shared = createSharedRuns(redis)
  const known = languages.map(({ id, manifest, image }) => ({ id, version: manifest.version, image }))
  const workers = await watchWorkers(redis, known, log)
  life.opened('the word from the workers', () => workers.close())
  const keeper = createKeeper({ shared, store, ...(metrics === noMetrics ? {} : { metrics }), log })
  life.opened('the keeper', () => keeper.close())
  const watch = watchRuns({ redis, shared, store, instance: workersInstance, newIncident, metrics, log })
  life.opened('the watch over runs', () => watch.close())
  const runLog = createRedisRunLog({ shared, subscriber, store, log })
  life.opened('the run log', () => runLog.close())
  const dispatch = createQueueDispatch({
    redis,
    shared,
    runLog,
    keeper,
    workers,
    places,
    telemetry,
    log,
  })
  return { executor: { state: workers.state }, runLog, dispatch, rateLimit: createRedisRateLimit(redis) }
}
