// A web server of its own process, for tests that kill one: the real HTTP server, routes, database and queue, and nothing where Next would
// stand. Settings: DATABASE_URL, REDIS_URL, BUGGHOST_COOKIE_KEY and PORT. Stops as the product does. Says "listening <port>".
import { join } from 'node:path'
import { readLanguages } from '../../../sandbox/languages.ts'
import { createActors } from '../../../server/actor.ts'
import { openDatabase } from '../../../server/db/database.ts'
import { createPostgresStore } from '../../../server/db/postgres-store.ts'
import { readEnv } from '../../../server/env.ts'
import { openLog } from '../../../server/log.ts'
import { placesOf } from '../../../server/places.ts'
import { closeInReverse } from '../../../server/process-life.ts'
import { newRunId } from '../../../server/run-id.ts'
import { createRunQuota } from '../../../server/run-quota.ts'
import { createRuns } from '../../../server/runs.ts'
import { stopWebInOrder } from '../../../server/stop-web.ts'
import { openTelemetry } from '../../../server/telemetry.ts'
import { runOnWorkers, workersInstance } from '../../../server/workers/run-on-workers.ts'
import { openServer } from '../sample-server.ts'

const env = readEnv()
if (!env.databaseUrl || !env.redisUrl || !env.cookieKey)
  throw new Error('DATABASE_URL, REDIS_URL and BUGGHOST_COOKIE_KEY say where everything is.')
const log = openLog(env.logLevel, 'web')
const life = closeInReverse()
life.stopOnSignals(log)
life.stopWithin(env.stopMs)
const languages = await readLanguages(join(import.meta.dirname, '../../../sandbox'))
const database = await openDatabase({ url: env.databaseUrl, dataDir: '', log })
life.opened('the database', () => database.close())
const store = createPostgresStore(database)
const known = languages.map(({ id, manifest }) => ({ language: id, version: manifest.version }))
const telemetry = await openTelemetry({ env, service: 'bugghost-web', known, life, log })
const { dispatch, runLog, executor, rateLimit } = await runOnWorkers({
  redisUrl: env.redisUrl,
  languages,
  installation: database.installationId,
  store,
  places: placesOf(env.maxQueued, env),
  life,
  telemetry,
  log,
})
telemetry.metrics.lookAt('waiting', () => dispatch.waiting())
const publicUrl = 'http://localhost:3000'
const runs = createRuns({
  dispatch,
  store,
  runLog,
  languages,
  instance: workersInstance,
  publicUrl,
  log,
  newRunId,
  now: Date.now,
})
const server = await openServer(
  {
    runs,
    executor,
    perform: dispatch.perform,
    store,
    languages,
    actors: createActors({ key: env.cookieKey, secure: false }),
    quota: createRunQuota(rateLimit, env.rates),
    stopping: life.stopping,
    checkDatabase: () => database.check(),
    publicUrl,
    telemetry,
    editor: { path: '', parts: [] },
    log,
    close: () => runs.close(),
  },
  { port: env.port },
)
life.opened('the connections', () => server.http.close())
stopWebInOrder({ life, http: server.http, runs, shared: true })
console.log(`listening ${server.port}`)
