import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from '../testing/free-port.ts'
import { accountFor, giveTo, runAs, spawnAs } from './postgres-account.ts'
import { processesIn } from './postmaster.ts'
import { oldestMajor } from './server-version.ts'

const user = 'outsider'

/** For tests: the PostgreSQL this system packages, as an operator runs it: TCP, a password, data and port of its own. */
export async function startOutsidePostgres() {
  const bin = await findInstalled()
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bugghost-test-'))
  const account = await accountFor(path.join(folder, 'data'))
  await giveTo(folder, account)
  const password = randomBytes(12).toString('hex')
  await runAs(account, '/bin/sh', ['-c', initScript, bin, password, user], folder)
  const data = path.join(folder, 'data')
  const port = await freePort()
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off', 'max_connections=150']
  const launch = () => spawnAs(account, `${bin}/postgres`, ['-D', data, ...settings.flatMap((one) => ['-c', one])], data)

  let server = await ready(launch())
  /** Each process that serves a connection leads a group of its own, so one signal does not reach them all. */
  async function signalAll(signal: NodeJS.Signals): Promise<void> {
    for (const pid of await processesIn(data)) {
      try {
        process.kill(pid, signal)
      } catch (error) {
        // They come and go.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    }
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    await signalAll('SIGCONT')
    server.kill(signal)
    await ended
  }
  return {
    url: (database: string) => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    /** Stands still without closing a connection, as a machine does that lost its network. */
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    /** As `systemctl stop` does. */
    shutDown: () => end('SIGINT'),
    async start(): Promise<void> {
      server = await ready(launch())
    },
    async remove(): Promise<void> {
      await end('SIGQUIT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The password reaches initdb through a file that nobody else can read. */
const initScript =
  'umask 077 && echo "$1" >password && "$0/initdb" -D data -U "$2" --pwfile=password --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync --no-instructions && rm password'

async function ready(server: ChildProcess): Promise<ChildProcess> {
  const said: string[] = []
  const lines = createInterface({ input: server.stderr! })
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(line)
      if (line.includes('ready to accept connections')) resolve()
    })
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${said.slice(-10).join(' ')}`)))
    server.once('error', reject)
  })
  return server
}

/** Where Debian, Ubuntu and their kin put a PostgreSQL that is new enough; the newest of several. */
async function findInstalled(): Promise<string> {
  const folder = '/usr/lib/postgresql'
  const majors = await readdir(folder).catch(() => [])
  const newest = Math.max(...majors.map(Number).filter((major) => major >= oldestMajor))
  if (!Number.isFinite(newest))
    throw new Error(
      `These tests need a PostgreSQL server of this system, ${oldestMajor} or newer, and there is none in ${folder}: install the package "postgresql", or let \`npm run test:postgres\` do it.`,
    )
  return path.join(folder, String(newest), 'bin')
}
