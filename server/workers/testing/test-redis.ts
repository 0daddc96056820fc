import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../testing/free-port.ts'

/** For tests: a Redis of its own on a port of its own, which writes down everything it is told, and can be stopped and come back. */
export async function startTestRedis(extra: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'bugghost-redis-'))
  const port = await freePort()
  let server: ChildProcess | null = null

  async function start(): Promise<void> {
    const child = spawn(
      'redis-server',
      [
        '--port',
        `${port}`,
        '--bind',
        '127.0.0.1',
        '--dir',
        folder,
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
        ...extra,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const failed = once(child, 'error').then(([error]) => {
      throw new Error(`redis-server cannot be started: ${error.message}. Debian's package of that name has it.`)
    })
    await Promise.race([ready(child), failed])
    server = child
  }

  /** Ends it with this signal and waits until it is gone. */
  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!server) return
    const gone = once(server, 'exit')
    server.kill(signal)
    await gone
    server = null
  }

  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}/0`,
    start,
    end,
    /** Forgets everything, as one that kept nothing on disk does. */
    async loseEverything(): Promise<void> {
      await end('SIGKILL')
      await rm(join(folder, 'appendonlydir'), { recursive: true, force: true })
      await start()
    },
    /** A connection for looking at it from outside. */
    look: () => new Redis(port, '127.0.0.1'),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type TestRedis = Awaited<ReturnType<typeof startTestRedis>>

async function ready(child: ChildProcess): Promise<void> {
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += chunk
    if (said.includes('Ready to accept connections')) {
      child.stdout?.resume()
      return
    }
  }
  throw new Error(`redis-server ended at once:\n${said}`)
}
