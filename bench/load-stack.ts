import { type ChildProcess, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { MiB } from '../protocol/limits.ts'
import { startEmbeddedPostgres } from '../server/db/embedded-postgres.ts'
import { makeTemporaryFolder, silent } from '../server/db/test-postgres.ts'
import { freePort } from '../server/testing/free-port.ts'
import { startTestRedis } from '../server/workers/testing/test-redis.ts'
import { childrenOf, processNamed } from './process-use.ts'

type Ours = {
  pid: number
  /** What is left when its garbage has been collected, for which it stands still. */
  heldMiB(): Promise<number>
}
type Measured = Partial<Ours> & { pid: number; family?: boolean }

/** Everything on this machine, as the product is built: web servers and workers, a Redis that writes down every word, a PostgreSQL. */
export async function startStack(root: string, settings: { webs: number; workers: number; env: Record<string, string> }) {
  const redis = await startTestRedis()
  const { folder, remove } = await makeTemporaryFolder()
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log: silent })
  const { user, host, port, database } = postgres.config
  const databaseUrl = `postgres://${user}@localhost:${port}/${database}?host=${host}`
  const leashes: ChildProcess[] = []

  /** Resolves once it has said that it is ready. */
  async function start(script: string, ready: RegExp, env: Record<string, string>): Promise<Ours> {
    const measured = ['--import', join(root, 'bench/tell-what-is-held.ts'), join(root, script)]
    const leash = spawn(process.execPath, [join(root, 'bench/leash.ts'), process.execPath, ...measured], {
      cwd: root,
      env: { ...process.env, NODE_ENV: 'production', LOG_LEVEL: 'warn', REDIS_URL: redis.url, ...settings.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    leashes.push(leash)
    const lines = createInterface({ input: leash.stdout })
    const said = async (what: RegExp) => {
      for await (const [line] of on(lines, 'line', { close: ['close'] })) {
        const match = what.exec(line)
        if (match) return match
      }
      throw new Error(`${script} has ended; what it said is above.`)
    }
    await said(ready)
    const [pid] = await childrenOf(leash.pid as number)
    if (pid === undefined) throw new Error(`${script} has ended.`)
    return {
      pid,
      async heldMiB() {
        const answer = said(/^holds (\d+) bytes$/)
        process.kill(pid, 'SIGUSR2')
        return Number((await answer)[1]) / MiB
      },
    }
  }

  const urls: string[] = []
  /** By what they are called in the table; `family` where it is a process with children that come and go. */
  const processes: Record<string, Measured> = {}
  const nameOf = (what: string, nth: number, of: number) => (of === 1 ? what : `${what} ${nth + 1}`)
  for (let nth = 0; nth < settings.webs; nth++) {
    const own = await freePort()
    const web = await start('dist/server.mjs', /is ready/, {
      PORT: `${own}`,
      DATABASE_URL: databaseUrl,
      BUGGHOST_COOKIE_KEY: Buffer.alloc(32, 7).toString('base64url'),
    })
    urls.push(`http://127.0.0.1:${own}`)
    processes[nameOf('web', nth, settings.webs)] = web
  }
  for (let nth = 0; nth < settings.workers; nth++) {
    const worker = await start('dist/worker.mjs', /takes runs/, { DATABASE_URL: '', BUGGHOST_DATA_DIR: folder })
    processes[nameOf('worker', nth, settings.workers)] = worker
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
