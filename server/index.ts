import { Server as NodeServer } from 'node:http'
import { join, resolve } from 'node:path'
import next from 'next'
import { createBuiltFiles, editorFilesIn, editorPrefix } from './built-files.ts'
import { createOpenSweep } from './db/postgres-sweep.ts'
import { readEnv } from './env.ts'
import { createHttpServer } from './http-server.ts'
import { openLog } from './log.ts'
import { openRuns } from './open-runs.ts'
import { closeInReverse, reasonsOf } from './process-life.ts'
import { startRetention } from './retention.ts'
import { provideServices } from './services.ts'
import { stopWebInOrder } from './stop-web.ts'

// The composition root of a web server: its runs (open-runs.ts), then its pages, then its connections; closed in reverse.

/** The same for server/index.ts and for its bundle in dist/. */
const root = resolve(import.meta.dirname, '..')
const life = closeInReverse()

async function start(): Promise<void> {
  const env = readEnv()
  const log = openLog(env.logLevel, 'web')
  life.stopOnSignals(log)
  life.stopWithin(env.stopMs)
  const { runs, actors, quota, executor, perform, languages, database, telemetry } = await openRuns({
    env,
    dataDir: resolve(env.dataDir),
    root,
    life,
    log,
  })
  const { publicUrl } = env
  // Before Next is prepared, so that no route can find them missing.
  const editor = editorFilesIn(join(root, 'dist'))
  provideServices({
    runs,
    executor,
    perform,
    quota,
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
