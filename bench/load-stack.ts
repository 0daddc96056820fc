import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { startEmbeddedPostgres } from '../server/db/embedded-postgres.ts'
import { makeTemporaryFolder, silent } from '../server/db/test-postgres.ts'
import { freePort } from '../server/testing/free-port.ts'
import { startTestRedis } from '../server/workers/testing/test-redis.ts'
import { childrenOf, processNamed } from './process-use.ts'

/** Everything on this machine, as the product is built: web servers and workers, a Redis that writes down every word, a PostgreSQL. */
export async function startStack(root: string, settings: { webs: number; workers: number; env: Record<string, string> }) {
  const redis = await startTestRedis()
  const { folder, remove } = await makeTemporaryFolder()
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log: silent })
  const { user, host, port, database } = postgres.config
  const databaseUrl = `postgres://${user}@localhost:${port}/${database}?host=${host}`
  const leashes: ChildProcess[] = []

  /** Resolves with its process id once it has said that it is ready. */
  async function start(script: string, ready: RegExp, env: Record<string, string>): Promise<number> {
    const leash = spawn(process.execPath, [join(root, 'bench/leash.ts'), process.execPath, join(root, script)], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', REDIS_URL: redis.url, ...settings.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    leashes.push(leash)
    for await (const line of createInterface({ input: leash.stdout })) {
      if (!ready.test(line)) continue
      leash.stdout.resume()
      const [pid] = await childrenOf(leash.pid as number)
      if (pid !== undefined) return pid
    }
    throw new Error(`${script} ended before it was ready; what it said is above.`)
  }

  const urls: string[] = []
  /** By what they are called in the table; `family` where it is a process with children that come and go. */
  const processes: Record<string, { pid: number; family?: boolean }> = {}
  const nameOf = (what: string, nth: number, of: number) => (of === 1 ? what : `${what} ${nth + 1}`)
  for (let nth = 0; nth < settings.webs; nth++) {
    const own = await freePort()
    const pid = await start('dist/server.mjs', /is ready/, {
      PORT: `${own}`,
      DATABASE_URL: databaseUrl,
      BUGGHOST_COOKIE_KEY: Buffer.alloc(32, 7).toString('base64url'),
    })
    urls.push(`http://127.0.0.1:${own}`)
    processes[nameOf('web', nth, settings.webs)] = { pid }
  }
  for (let nth = 0; nth < settings.workers; nth++) {
    const pid = await start('dist/worker.mjs', /takes runs/, { DATABASE_URL: '', BUGGHOST_DATA_DIR: folder })
    processes[nameOf('worker', nth, settings.workers)] = { pid }
  }
  const look = redis.look()
  processes.Redis = { pid: Number(/process_id:(\d+)/.exec(await look.info('server'))?.[1]) }
  const [postmaster] = (await readFile(join(folder, 'pg', 'postmaster.pid'), 'utf8')).split('\n')
  processes.PostgreSQL = { pid: Number(postmaster), family: true }
  /** Of the whole machine, and there before us: their costs are told, their memory is not. */
  const engine: Record<string, { pid: number }> = {}
  for (const name of ['dockerd', 'containerd']) {
    const pid = await processNamed(name)
    if (pid !== null) engine[name] = { pid }
  }
  const sql = new pg.Pool({ connectionString: databaseUrl, max: 1 })

  return {
    urls,
    processes,
    engine,
    async redisUse() {
      const [stats, memory] = await Promise.all([look.info('stats'), look.info('memory')])
      const number = (text: string, name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1])
      return {
        commands: number(stats, 'total_commands_processed'),
        usedMiB: number(memory, 'used_memory') / 2 ** 20,
        keys: await look.dbsize(),
      }
    },
    async databaseBytes(): Promise<number> {
      const { rows } = await sql.query('SELECT pg_database_size(current_database())::float8 AS bytes')
      return rows[0].bytes
    },
    async [Symbol.asyncDispose]() {
      await sql.end()
      look.disconnect()
      for (const leash of leashes.reverse()) {
        if (leash.exitCode !== null) continue
        const ended = once(leash, 'exit')
        leash.stdin?.end()
        await ended
      }
      await postgres.close()
      await remove()
      await redis[Symbol.asyncDispose]()
    },
  }
}
