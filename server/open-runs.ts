import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { readLanguages } from '../sandbox/languages.ts'
import { createActors, openKey } from './actor.ts'
import { openDatabase } from './db/database.ts'
import { createPostgresStore } from './db/postgres-store.ts'
import type { Env } from './env.ts'
import { placesOf } from './places.ts'
import type { ProcessLife } from './process-life.ts'
import { runHere } from './run-here.ts'
import { newRunId } from './run-id.ts'
import { createRunQuota } from './run-quota.ts'
import { createRuns } from './runs.ts'
import { openTelemetry } from './telemetry.ts'
import { runOnWorkers, workersInstance } from './workers/run-on-workers.ts'

/**
 * Everything of a web server but its pages and connections: who runs programs (this process, or workers), what keeps the runs, and who may
 * start them. Opened in the order in which one needs the other, and closed with `life`.
 * @param root the folder that `sandbox/` is in
 */
export async function openRuns({
  env,
  dataDir,
  root,
  life,
  log,
}: {
  env: Env
  dataDir: string
  root: string
  life: ProcessLife
  log: Logger
}) {
  // New for every start: whatever an earlier one left behind under its own name belongs to nobody now.
  const instance = env.redisUrl ? workersInstance : randomBytes(12).toString('hex')
  const [languages, key] = await Promise.all([readLanguages(join(root, 'sandbox')), env.cookieKey ?? openKey(dataDir)])
  const known = languages.map(({ id, manifest }) => ({ language: id, version: manifest.version }))
  const telemetry = await openTelemetry({ env, service: 'bugghost-web', known, life, log })
  const database = await openDatabase({ dataDir, log, ...(env.databaseUrl ? { url: env.databaseUrl } : {}) })
  life.opened('the database', () => database.close())
  const store = createPostgresStore(database)
  const { executor, runLog, dispatch, rateLimit } = env.redisUrl
    ? await runOnWorkers({
        redisUrl: env.redisUrl,
        languages,
        installation: database.installationId,
        store,
        places: placesOf(env.maxQueued, env),
        life,
        telemetry,
        log,
      })
    : await runHere({ env, dataDir, languages, database, store, instance, life, telemetry, log })
  telemetry.metrics.lookAt('waiting', () => dispatch.waiting())

  const { publicUrl } = env
  const actors = createActors({ key, secure: publicUrl.startsWith('https:') })
  const runs = createRuns({ dispatch, store, runLog, languages, instance, publicUrl, log, newRunId, now: Date.now })
  const quota = createRunQuota(rateLimit, env.rates)
  return { runs, actors, quota, executor, perform: dispatch.perform, languages, database, store, telemetry }
}
