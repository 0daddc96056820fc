import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { RunEvent } from '../../../protocol/run.ts'
import { connectEngine, type FoundSandbox } from '../../../sandbox/engine/docker.ts'
import { startEmbeddedPostgres } from '../../../server/db/embedded-postgres.ts'
import { makeTemporaryFolder, silent } from '../../../server/db/test-postgres.ts'
import { freePort } from '../../../server/testing/free-port.ts'
import { startTestRedis } from '../../../server/workers/testing/test-redis.ts'

// For tests: web servers and workers as processes of their own, around a real Redis, a real PostgreSQL and the machine's Docker engine.

const root = join(import.meta.dirname, '../../..')

export async function startFleet() {
  const redis = await startTestRedis()
  const { folder, remove } = await makeTemporaryFolder()
  const postgres = await startEmbeddedPostgres({ dataDir: folder, log: silent })
  const { user, host, port, database } = postgres.config
  const databaseUrl = `postgres://${user}@localhost:${port}/${database}?host=${host}`
  const started: ChildProcess[] = []
  const engine = connectEngine({ address: {}, instance: 'test', installation: 'test', newSandboxId: () => 'test' })

  /** What goes wrong is shown, unless a test asks for more of the log: then it is there to be read. */
  function start(script: string, env: Record<string, string>): { child: ChildProcess; log: () => string } {
    const child = spawn(process.execPath, [join(root, script)], {
      cwd: root,
      env: { NODE_ENV: 'production', LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', env.LOG_LEVEL ? 'pipe' : 'inherit'],
    })
    started.push(child)
    let log = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk
    })
    return { child, log: () => log }
  }

  /** Asks the database itself. */
  async function sql(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(databaseUrl)
    await client.connect()
    return client
      .query(text)
      .then(({ rows }) => rows)
      .finally(() => client.end())
  }

  async function sandboxes(): Promise<FoundSandbox[]> {
    const [row] = await sql("SELECT value FROM meta WHERE key = 'installation_id'")
    return (await engine.listSandboxes()).filter(({ installation }) => installation === row?.value)
  }

  return {
    redis,
    async startWeb({ env = {} }: { env?: Record<string, string> } = {}): Promise<Web> {
      const port = await freePort()
      const { child, log } = start('app/api/testing/web-process.ts', {
        PORT: `${port}`,
        REDIS_URL: redis.url,
        DATABASE_URL: databaseUrl,
        // The same for each: a visitor of one is known to the others.
        BUGGHOST_COOKIE_KEY: Buffer.alloc(32, 7).toString('base64url'),
        ...env,
      })
      await said(child, /^listening/)
      return webOf(child, port, log)
    },
    /** Takes one run at a time unless told otherwise. */
    async startWorker({
      redisUrl = redis.url,
      places = 1,
      env = {},
    }: {
      redisUrl?: string
      places?: number
      env?: Record<string, string>
    } = {}) {
      const { child, log } = start('server/worker.ts', {
        REDIS_URL: redisUrl,
        BUGGHOST_MAX_RUNNING: `${places}`,
        BUGGHOST_WARM_SANDBOXES: '0',
        BUGGHOST_DATA_DIR: folder,
        ...env,
      })
      await said(child, /takes runs/)
      return { log, end: (signal: NodeJS.Signals) => end(child, signal) }
    },
    /** As kill -9 of PostgreSQL: it comes back by itself, after recovery. */
    async killPostgres(): Promise<void> {
      const [pid] = (await readFile(join(folder, 'pg', 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(pid), 'SIGKILL')
    },
    sql,
    /** The sandboxes on the engine that are of this fleet. */
    sandboxes,
    /** As when the engine removes them in the middle of what they do. */
    async removeSandboxes(): Promise<void> {
      for (const { containerId } of await sandboxes()) await engine.remove(containerId)
    },
    async [Symbol.asyncDispose]() {
      for (const child of started) await end(child, 'SIGKILL')
      await postgres.close()
      await remove()
      await redis[Symbol.asyncDispose]()
    },
  }
}

export type Web = ReturnType<typeof webOf>

function webOf(child: ChildProcess, port: number, log: () => string) {
  return {
    ...clientOf(`http://127.0.0.1:${port}`, () => isGone(child)),
    port,
    /** What it has logged. */
    log,
    end: (signal: NodeJS.Signals) => end(child, signal),
  }
}

/** Somebody who uses a server, or a balancer before several. */
export function clientOf(url: string, isItGone = () => false) {
  let cookie = ''
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { ...init, headers: { 'content-type': 'application/json', cookie } })
    cookie ||= response.headers.get('set-cookie')?.split(';')[0] ?? ''
    return response
  }
  return {
    url,
    ask,
    /** Starts a program, and tells how to find it. Tried again while no sandbox can be had. */
    async start(code: string, more: object = {}): Promise<string> {
      for (;;) {
        const response = await ask('/api/runs', {
          method: 'POST',
          body: JSON.stringify({ language: 'python', code, wait: false, timeout_sec: 60, ...more }),
        })
        const body = await response.json()
        if (response.status === 202) return body.run_id
        if (response.status !== 503) throw new Error(JSON.stringify(body))
        await new Promise((resolve) => setTimeout(resolve, 250))
      }
    },
    find: async (runId: string) => (await ask(`/api/runs/${runId}`)).json(),
    /**
     * Everything from `after` on, to the end; as a browser does, from the last event seen when the stream breaks off, and again while
     * the server says that it cannot now. Ends early, with what there was, when the server goes.
     */
    async read(runId: string, { after = -1, onEvent = (_: RunEvent): void => {} } = {}): Promise<RunEvent[]> {
      const events: RunEvent[] = []
      while (events.at(-1)?.type !== 'finished') {
        try {
          const response = await ask(`/api/runs/${runId}/events?after=${events.at(-1)?.seq ?? after}`)
          if (response.ok) await takeEvents(response)
          else if (response.status !== 503) throw new Error(`${response.status}: ${await response.text()}`)
        } catch (error) {
          if (!(error instanceof TypeError)) throw error
        }
        if (isItGone()) break
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      return events

      async function takeEvents({ body }: Response): Promise<void> {
        let rest = ''
        for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
          const lines = (rest + chunk).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            if (!line.startsWith('data: ')) continue
            const event = RunEvent.parse(JSON.parse(line.slice(6)))
            events.push(event)
            onEvent(event)
          }
        }
      }
    },
  }
}

async function said(child: ChildProcess, words: RegExp): Promise<RegExpExecArray> {
  if (!child.stdout) throw new Error('The process has no output.')
  for await (const line of createInterface({ input: child.stdout })) {
    const found = words.exec(line)
    if (found) {
      child.stdout.resume()
      return found
    }
  }
  throw new Error('The process ended before it was ready; what it said is above.')
}

const isGone = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** Resolves with its exit code when it is gone; null when the signal was the end of it. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (!isGone(child)) {
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  return child.exitCode
}
