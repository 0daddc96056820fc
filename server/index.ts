import { randomBytes } from 'node:crypto'
import { Server as NodeServer } from 'node:http'
import { join, resolve } from 'node:path'
import next from 'next'
import { readLanguages } from '../sandbox/languages.ts'
import { createActors, openKey } from './actor.ts'
import { createBuiltFiles, editorFilesIn, editorPrefix } from './built-files.ts'
import { openDatabase } from './db/database.ts'
import { createPostgresStore } from './db/postgres-store.ts'
import { createOpenSweep } from './db/postgres-sweep.ts'
import { readEnv } from './env.ts'
import { createHttpServer } from './http-server.ts'
import { openLog } from './log.ts'
import { placesOf } from './places.ts'
import { closeInReverse, reasonsOf } from './process-life.ts'
import { startRetention } from './retention.ts'
import { runHere } from './run-here.ts'
import { newRunId } from './run-id.ts'
import { createRunQuota } from './run-quota.ts'
import { createRuns } from './runs.ts'
import { provideServices } from './services.ts'
import { stopWebInOrder } from './stop-web.ts'
import { openTelemetry } from './telemetry.ts'
import { runOnWorkers, workersInstance } from './workers/run-on-workers.ts'

// The composition root: opens everything in the order in which one needs the other, and closes it in reverse.

/** The same for server/index.ts and for its bundle in dist/. */
const root = resolve(import.meta.dirname, '..')
const life = closeInReverse()

async function start(): Promise<void> {
  const env = readEnv()
  const log = openLog(env.logLevel, 'web')
  life.stopOnSignals(log)
  life.stopWithin(env.stopMs)
  const dataDir = resolve(env.dataDir)
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
  const runs = createRuns({
    dispatch,
    store,
    runLog,
    languages,
    instance,
    publicUrl,
    log,
    newRunId,
    now: Date.now,
  })
  // Before Next is prepared, so that no route can find them missing.
  const editor = editorFilesIn(join(root, 'dist'))
  provideServices({
    runs,
    executor,
    perform: dispatch.perform,
    quota: createRunQuota(rateLimit, env.rates),
    languages,
    actors,
    checkDatabase: () => database.check(),
    stopping: life.stopping,
    publicUrl,
    editor,
    telemetry,
    log,
  })

  // Next puts its listener for hot reloading on the server it is given, for every upgrade there is. It gets one that never
  // listens, and from ours only the upgrades that nobody else wants.
  const decoy = new NodeServer()
  const pages = next({ dev: env.dev, dir: root, hostname: env.host, port: env.port, httpServer: decoy })
  await pages.prepare()
  life.opened('the pages', () => pages.close())

  const http = createHttpServer({
    runs,
    actors,
    log,
    publicUrl,
    trustProxy: env.trustProxy,
    dev: env.dev,
    telemetry,
    stopping: life.stopping,
    builtFiles: createBuiltFiles([
      { prefix: editorPrefix, folder: join(root, 'dist', 'editor') },
      // In development they change under their names.
      ...(env.dev ? [] : [{ prefix: '/_next/static/', folder: join(root, '.next', 'static') }]),
    ]),
    handle: pages.getRequestHandler(),
    upgrade: (request, socket, head) => decoy.emit('upgrade', request, socket, head),
  })
  life.opened('the connections', () => http.close())
  await http.listen(env.port, env.host)
  // Stopped before the connections are: readers are still told how their runs ended.
  stopWebInOrder({ life, http, runs, shared: env.redisUrl !== undefined })

  const { retention: policy } = env
  if (policy.keepDays !== undefined || policy.keepBytes !== undefined) {
    const retention = startRetention({ openSweep: createOpenSweep(database, policy), policy, log, now: Date.now })
    life.opened('the retention', () => retention.close())
  }

  // An open page that reconnects before anyone asks for a page finds nobody at its hot reloading socket, for ever.
  if (env.dev) fetch(`http://${env.host}:${env.port}/favicon.ico`).catch((err: unknown) => log.debug({ err }, 'Not primed'))
  process.stdout.write(`Bug Ghost is ready at ${publicUrl}\n`)
}

start().catch((error: unknown) => {
  if (life.stopping()) return
  process.stderr.write(`Bug Ghost cannot start.\n${reasonsOf(error)}\n`)
  void life.stop(1, (err, what) => process.stderr.write(`Closing ${what} failed: ${reasonsOf(err)}\n`))
})
