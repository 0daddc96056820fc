// A web server of its own process, for tests that kill one: the real HTTP server, routes, database and queue, and nothing where Next would
// stand. Settings: DATABASE_URL, REDIS_URL, BUGGHOST_COOKIE_KEY and PORT. Stops as the product does. Says "listening <port>".
import { join, resolve } from 'node:path'
import { readEnv } from '../../../server/env.ts'
import { openLog } from '../../../server/log.ts'
import { openRuns } from '../../../server/open-runs.ts'
import { closeInReverse } from '../../../server/process-life.ts'
import { stopWebInOrder } from '../../../server/stop-web.ts'
import { openServer } from '../sample-server.ts'

const env = readEnv()
if (!env.databaseUrl || !env.redisUrl || !env.cookieKey)
  throw new Error('DATABASE_URL, REDIS_URL and BUGGHOST_COOKIE_KEY say where everything is.')
const log = openLog(env.logLevel, 'web')
const life = closeInReverse()
life.stopOnSignals(log)
life.stopWithin(env.stopMs)
const root = join(import.meta.dirname, '../../..')
const { database, ...opened } = await openRuns({ env, dataDir: resolve(env.dataDir), root, life, log })
const server = await openServer(
  {
    ...opened,
    stopping: life.stopping,
    checkDatabase: () => database.check(),
    publicUrl: env.publicUrl,
    editor: { path: '', parts: [] },
    log,
    close: () => opened.runs.close(),
  },
  { port: env.port },
)
life.opened('the connections', () => server.http.close())
stopWebInOrder({ life, http: server.http, runs: opened.runs, shared: true })
console.log(`listening ${server.port}`)
