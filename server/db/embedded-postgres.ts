import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PoolConfig } from 'pg'
import type { Logger } from 'pino'
import { isOwnedElsewhere, type OwnerSession, openOwnerSession } from './owner-session.ts'
import { type Account, accountFor, nameFor, spawnAs } from './postgres-account.ts'
import { type Binaries, findBinaries } from './postgres-binaries.ts'
import { ensureDataFolder, isOurSocketFolder, makeSocketFolder } from './postgres-folder.ts'
import { databaseName, databaseUser, serverArguments, socketPort } from './postgres-settings.ts'
import { findServing, type Postmaster, servesFolder } from './postmaster.ts'

export type EmbeddedPostgres = {
  /** How to connect. It stays right when the server is started again. */
  config: PoolConfig
  /** A sentence on what is wrong while it does not answer; null while it does. */
  trouble(): string | null
  /** Shuts PostgreSQL down, at the latest after some 20 s by force, which it recovers from at its next start. */
  close(): Promise<void>
}

/**
 * A PostgreSQL of our own: a child process on a private unix socket, with its data in `<dataDir>/pg`.
 * One that a killed server of ours left running is taken over; one that dies is started again. A second server on the same
 * data is refused: the first would shut PostgreSQL down beneath it. Rejects with what to do when it cannot be started.
 */
export async function startEmbeddedPostgres({ dataDir, log }: { dataDir: string; log: Logger }): Promise<EmbeddedPostgres> {
  const home = path.resolve(dataDir)
  const folder = path.join(home, 'pg')
  const account = await accountFor(folder)
  const binaries = await findBinaries(account, home, log)
  await ensureDataFolder(folder, account, binaries, log)

  const server = createSupervisor({ folder, account, binaries, log })
  try {
    const host = await server.start()
    const config = { host, port: socketPort, user: databaseUser, database: databaseName, ssl: false }
    return { config, trouble: server.trouble, close: server.close }
  } catch (error) {
    await server.close()
    throw error
  }
}

/** Recovery after a crash reads back at most `max_wal_size`: seconds, on a slow disk tens of them. */
const startDeadlineMs = 120_000
const restartDelayMs = { first: 100, most: 5_000 }
/** A server that lived this long did not die of how it was started. */
const steadyMs = 30_000

type Place = { folder: string; account: Account; binaries: Binaries; log: Logger }

function createSupervisor({ folder, account, binaries, log }: Place) {
  const closing = new AbortController()
  /** The PostgreSQL we answer for, started or taken over. */
  let ours: { pid: number } | undefined
  /** Where we started or found the first server we owned. Once it is told to others, it stays. */
  let socketFolder: string | undefined
  let told = false
  let session: OwnerSession | undefined
  let trouble: string | null = 'PostgreSQL is being started.'
  let watching: Promise<void> = Promise.resolve()
  let closed: Promise<void> | undefined

  /** Resolves with the socket's folder. */
  async function start(): Promise<string> {
    const attached = await attach()
    session = attached.session
    told = true
    trouble = null
    watching = watch()
    return attached.socketFolder
  }

  /** Until we close: whenever the connection that owns the server ends, finds out why and has a server again. */
  async function watch(): Promise<void> {
    let failures = 0
    let since = Date.now()
    while (session) {
      await session.ended
      session = undefined
      if (Date.now() - since > steadyMs) failures = 0
      while (!session && !closing.signal.aborted) {
        trouble ??= 'PostgreSQL went away and is being started again.'
        log.error({ trouble, failures }, 'The embedded PostgreSQL does not answer')
        try {
          if (failures > 0) await sleep(backOff(failures), undefined, { signal: closing.signal })
          failures++
          session = (await attach()).session
          // Closing began in the middle of that, and found no session to close.
          if (closing.signal.aborted) return await session.close()
          since = Date.now()
          trouble = null
          log.info('The embedded PostgreSQL answers again')
        } catch (error) {
          if (!closing.signal.aborted) trouble = (error as Error).message
        }
      }
    }
  }

  /**
   * The connection that makes the server on our data ours; starts a server if there is none. Of several that try this at once,
   * the one that gets the connection has won, whoever started the server.
   */
  async function attach(): Promise<{ session: OwnerSession; socketFolder: string }> {
    const deadline = Date.now() + startDeadlineMs
    for (;;) {
      closing.signal.throwIfAborted()
      const found = await waitForServing(deadline)
      if (!found) {
        socketFolder ??= await makeSocketFolder(account)
        closing.signal.throwIfAborted()
        const started = launch(socketFolder)
        ours = { pid: started.pid }
        const opened = await connect(socketFolder, deadline, started)
        if (opened) return { session: opened, socketFolder }
        ours = undefined
        // It ended again. If that is because another one was quicker, that one's owner has something to say.
        if (!(await waitForServing(deadline))) throw new Error(`PostgreSQL does not start on ${folder}: ${started.lastWords()}`)
        continue
      }
      if (found.ready && !existsSync(found.socketFolder))
        throw new Error(
          `PostgreSQL (process ${found.pid}) has ${folder} open, but somebody removed ${found.socketFolder}, where it can be reached. Shut it down with \`kill -INT ${found.pid}\` and start again.`,
        )
      const opened = await connect(found.socketFolder, deadline)
      if (!opened) continue
      if (ours?.pid !== found.pid) log.info({ pid: found.pid }, 'Took over the PostgreSQL that an earlier server left running')
      ours = { pid: found.pid }
      if (!told && (await isOurSocketFolder(found.socketFolder, account))) await moveTo(found.socketFolder)
      if (found.socketFolder === socketFolder) return { session: opened, socketFolder }
      // Not where those we told an address look for it, or not private: it must make room. We own it until it has, so that
      // nobody else builds on it.
      await stop(found.pid)
      await opened.close()
    }
  }

  /** Takes the socket folder of the server there is; one made for a server of our own that came too late goes. */
  async function moveTo(found: string): Promise<void> {
    const made = socketFolder
    socketFolder = found
    if (made && made !== found) await rm(made, { recursive: true, force: true })
  }

  /** Undefined when the server ended while we were knocking. */
  async function connect(host: string, deadline: number, started?: Launched): Promise<OwnerSession | undefined> {
    for (;;) {
      try {
        return await openOwnerSession({ host, folder })
      } catch (error) {
        if (isOwnedElsewhere(error)) {
          // Also when we started it: it is theirs now.
          ours = undefined
          throw error
        }
        const gone = started ? started.hasEnded() : ['none', 'left'].includes((await findServing(folder)).state)
        if (gone) return undefined
        if (!isNotYet(error) || Date.now() > deadline) throw error
        await sleep(20, undefined, { signal: closing.signal })
      }
    }
  }

  /** Who serves the data, once that is settled; null when nobody does, and then nothing of an earlier one is in the way. */
  async function waitForServing(deadline: number): Promise<Postmaster | null> {
    for (;;) {
      const serving = await findServing(folder)
      if (serving.state === 'serving') return serving.postmaster
      if (serving.state === 'none') return null
      if (serving.state === 'left') {
        await removeLeft(serving.postmaster)
        return null
      }
      if (Date.now() > deadline)
        throw new Error(`A PostgreSQL on ${folder} neither starts nor ends. Stop the processes that have it open, and try again.`)
      await sleep(20, undefined, { signal: closing.signal })
    }
  }

  /**
   * The pid files of a server that was killed, beside its data and beside its socket: PostgreSQL takes any living process of
   * the same user that has the pid by now for a server, and would refuse to start for ever.
   */
  async function removeLeft(postmaster: Postmaster | null): Promise<void> {
    await rm(path.join(folder, 'postmaster.pid'), { force: true })
    if (postmaster?.socketFolder && (await isOurSocketFolder(postmaster.socketFolder, account)))
      if (postmaster.socketFolder === socketFolder)
        for (const name of await readdir(socketFolder)) await rm(path.join(socketFolder, name), { force: true })
      else await rm(postmaster.socketFolder, { recursive: true, force: true })
  }

  function launch(socketFolder: string): Launched {
    const child = spawnAs(account, binaries.postgres, serverArguments(nameFor(folder, account), socketFolder), folder)
    return followChild(child, log)
  }

  async function stop(pid: number): Promise<void> {
    // Fast: ends sessions and writes everything down. Immediate: drops everything; the next start recovers. Then the kernel.
    const steps = [
      { signal: 'SIGINT', withinMs: 10_000 },
      { signal: 'SIGQUIT', withinMs: 3_000 },
      { signal: 'SIGKILL', withinMs: 5_000 },
    ] as const
    for (const { signal, withinMs } of steps) {
      const deadline = Date.now() + withinMs
      if (signal !== 'SIGINT') log.warn({ pid, signal }, 'PostgreSQL does not shut down: insisting')
      if (!sendSignal(pid, signal)) return
      // One that was taken over is no child of ours, so no event tells of its end.
      while (await servesFolder(pid, folder)) {
        if (Date.now() > deadline) break
        await sleep(15)
      }
      if (!(await servesFolder(pid, folder))) return
    }
  }

  async function shutDown(): Promise<void> {
    closing.abort(new Error('The embedded PostgreSQL is being shut down.'))
    trouble = 'PostgreSQL is shut down.'
    await session?.close()
    // A server that stands still does not end the session either: then stopping it does.
    await Promise.race([watching, sleep(1_000, undefined, { ref: false })])
    if (ours && (await servesFolder(ours.pid, folder))) await stop(ours.pid)
    if (socketFolder && !(await isUsed(socketFolder))) await rm(socketFolder, { recursive: true, force: true })
  }

  /** By a server that somebody else owns by now. */
  async function isUsed(socketFolder: string): Promise<boolean> {
    const serving = await findServing(folder)
    return serving.state === 'serving' && serving.postmaster.socketFolder === socketFolder
  }

  return {
    start,
    trouble: () => trouble,
    close: () => (closed ??= shutDown()),
  }
}

type Launched = { pid: number; hasEnded(): boolean; lastWords(): string }

const lastLines = 10

function followChild(child: ChildProcess, log: Logger): Launched {
  const lines: string[] = []
  let failure: Error | undefined
  child.on('error', (error) => {
    failure = error
  })
  child.on('exit', (code, signal) => log.debug({ code, signal }, 'PostgreSQL ended'))
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (lines.push(line) > lastLines) lines.shift()
      log[levelOf(line)]({ postgres: true }, line)
    })
  return {
    // Without a pid there is an error, and `hasEnded` is true at once.
    pid: child.pid ?? -1,
    hasEnded: () => failure !== undefined || child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    lastWords: () => failure?.message ?? (lines.join(' ') || `it ended with ${child.signalCode ?? `code ${child.exitCode}`}`),
  }
}

/** PostgreSQL's levels in ours. FATAL ends a session, and every knock while it starts is one. */
export function levelOf(line: string): 'debug' | 'warn' | 'error' {
  // Until it has read its settings, it puts a time and pid before the level.
  const level = /^(?:.*\[\d+\] )?([A-Z]+):/.exec(line)?.[1]
  if (level === 'PANIC') return 'error'
  if (line.includes('the database system is')) return 'debug'
  return level === 'FATAL' || level === 'ERROR' || level === 'WARNING' ? 'warn' : 'debug'
}

export function backOff(failures: number): number {
  return Math.min(restartDelayMs.most, restartDelayMs.first * 2 ** (failures - 1))
}

/** No socket yet, nobody behind it, or "the database system is starting up". */
function isNotYet(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', '57P03'].includes((error as { code?: string }).code ?? '')
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
