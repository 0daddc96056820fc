import { randomBytes } from 'node:crypto'
import { Server as NodeServer } from 'node:http'
import { join, resolve } from 'node:path'
import next from 'next'
import { type Logger, pino } from 'pino'
import { imageBuildsFile, readImageBuilds } from '../sandbox/images/image-builds.ts'
import { readLanguages } from '../sandbox/languages.ts'
import { openLocalExecutor } from '../sandbox/local-executor.ts'
import { createActors, openKey } from './actor.ts'
import { openDatabase } from './db/database.ts'
import { createPostgresStore } from './db/postgres-store.ts'
import { createOpenSweep } from './db/postgres-sweep.ts'
import { readEnv } from './env.ts'
import { createHttpServer } from './http-server.ts'
import { newIncident } from './incident.ts'
import { createLocalDispatch } from './local-dispatch.ts'
import { createLocalRunLog } from './local-run-log.ts'
import { closeInterrupted } from './recovery.ts'
import { startRetention } from './retention.ts'
import { newRunId } from './run-id.ts'
import { createRuns } from './runs.ts'
import { provideServices } from './services.ts'

// The composition root: opens everything in the order in which one needs the other, and closes it in reverse.

/** The same for server/index.ts and for its bundle in dist/. */
const root = resolve(import.meta.dirname, '..')
/** A supervisor usually kills after ten seconds; better to choose ourselves what is left undone. */
const shutdownMs = 9_000

type Opened = { what: string; close(): Promise<void> | void }
/** Newest first. */
const opened: Opened[] = []

async function start(): Promise<void> {
  const env = readEnv()
  const log = pino({ level: env.logLevel, base: null }, pino.destination(2))
  stopOnSignals(log)
  const dataDir = resolve(env.dataDir)
  // New for every start: whatever an earlier one left behind under its own name belongs to nobody now.
  const instance = randomBytes(12).toString('hex')

  const [languages, key] = await Promise.all([readLanguages(join(root, 'sandbox')), openKey(dataDir)])
  const database = await openDatabase({ dataDir, log, ...(env.databaseUrl ? { url: env.databaseUrl } : {}) })
  opened.unshift({ what: 'the database', close: () => database.close() })
  // Before anything else looks: from here on other servers know that this one lives.
  await database.holdInstance(instance)

  const store = createPostgresStore(database)
  const interrupted = await closeInterrupted(store, database.isAlive, log)
  if (interrupted > 0) log.warn({ runs: interrupted }, 'Closed the runs that an earlier server left open')
  const runLog = createLocalRunLog({ store, log })
  opened.unshift({ what: 'the run log', close: () => runLog.close() })

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
    log,
  })
  opened.unshift({ what: 'the executor', close: () => executor.close() })

  const { publicUrl } = env
  const actors = createActors({ key, secure: publicUrl.startsWith('https:') })
  const runs = createRuns({
    dispatch: createLocalDispatch({ executor, runLog, log, newIncident, now: Date.now }),
    store,
    runLog,
    languages,
    instance,
    publicUrl,
    newRunId,
    now: Date.now,
  })
  // Before Next is prepared, so that no route can find them missing.
  provideServices({ runs, executor, languages, actors, checkDatabase: () => database.check(), publicUrl, log })

  // Next puts its listener for hot reloading on the server it is given, for every upgrade there is. It gets one that never
  // listens, and from ours only the upgrades that nobody else wants.
  const decoy = new NodeServer()
  const pages = next({ dev: env.dev, dir: root, hostname: env.host, port: env.port, httpServer: decoy })
  await pages.prepare()
  opened.unshift({ what: 'the pages', close: () => pages.close() })

  const http = createHttpServer({
    runs,
    actors,
    log,
    publicUrl,
    trustProxy: env.trustProxy,
    dev: env.dev,
    handle: pages.getRequestHandler(),
    upgrade: (request, socket, head) => decoy.emit('upgrade', request, socket, head),
  })
  opened.unshift({ what: 'the connections', close: () => http.close() })
  await http.listen(env.port, env.host)
  // Stopped before the connections are: readers are still told how their runs ended.
  opened.unshift({ what: 'the runs', close: () => runs.close() })
  opened.unshift({ what: 'the port', close: () => http.stopListening() })

  const { retention: policy } = env
  if (policy.keepDays !== undefined || policy.keepBytes !== undefined) {
    const retention = startRetention({ openSweep: createOpenSweep(database, policy), policy, log, now: Date.now })
    opened.unshift({ what: 'the retention', close: () => retention.close() })
  }

  // An open page that reconnects before anyone asks for a page finds nobody at its hot reloading socket, for ever.
  if (env.dev) fetch(`http://${env.host}:${env.port}/favicon.ico`).catch((err: unknown) => log.debug({ err }, 'Not primed'))
  process.stdout.write(`Bug Ghost is ready at ${publicUrl}\n`)
}

let stopping = false

/** Closes everything, the newest first, and ends the process. What does not close does not keep the rest open. */
async function stop(exitCode: number, report: (error: unknown, what: string) => void): Promise<never> {
  stopping = true
  setTimeout(() => {
    report(new Error(`Not closed within ${shutdownMs / 1000} s.`), opened[0]?.what ?? 'the process')
    process.exit(exitCode || 1)
  }, shutdownMs).unref()
  for (let next = opened[0]; next; next = opened[0]) {
    try {
      await next.close()
    } catch (error) {
      report(error, next.what)
    }
    opened.shift()
  }
  process.exit(exitCode)
}

function stopOnSignals(log: Logger): void {
  const report = (err: unknown, what: string) => log.error({ err }, `Closing ${what} failed`)
  let askedAt = Number.NEGATIVE_INFINITY
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait. A supervisor that signals the whole group asks once, but reaches us twice:
      // directly and through `npm start`.
      if (performance.now() - askedAt < 1_000) return
      askedAt = performance.now()
      if (stopping) process.exit(128 + { SIGTERM: 15, SIGINT: 2, SIGHUP: 1 }[signal])
      log.info({ signal }, 'Stopping')
      void stop(0, report)
    })
  }
  // After one of these nobody knows what still holds; a supervisor starts a fresh process, and that closes what is left open.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (err: unknown) => {
      log.fatal({ err }, `Stopping after an ${event === 'uncaughtException' ? 'uncaught exception' : 'unhandled rejection'}`)
      if (!stopping) void stop(1, report)
    })
  }
}

start().catch((error: unknown) => {
  if (stopping) return
  process.stderr.write(`Bug Ghost cannot start.\n${reasonsOf(error)}\n`)
  void stop(1, (err, what) => process.stderr.write(`Closing ${what} failed: ${reasonsOf(err)}\n`))
})

/** The sentences of an error and of what caused it. Start-up errors are written for the person who reads them here. */
function reasonsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const known = error.constructor !== Error && error.name !== 'AppError'
  // A TypeError at start is our mistake: then the place matters.
  const own = known ? (error.stack ?? error.message) : error.message
  return error.cause ? `${own}\n  because: ${reasonsOf(error.cause)}` : own
}
