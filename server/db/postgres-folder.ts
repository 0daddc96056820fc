import { constants } from 'node:fs'
import { lstat, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Logger } from 'pino'
import { type Account, giveAllTo, giveTo, nameFor, runAs } from './postgres-account.ts'
import type { Binaries } from './postgres-binaries.ts'
import { initArguments, socketPort } from './postgres-settings.ts'

/**
 * Makes sure `folder` holds a PostgreSQL database of this version. A new one is made beside it and moved in whole, so one
 * that was broken off half-way is never met again. Rejects, with what to do, when the folder holds something else.
 */
export async function ensureDataFolder(folder: string, account: Account, binaries: Binaries, log: Logger): Promise<void> {
  await removeUnfinished(folder, log)
  if ((await readdir(folder).catch(nothingIfMissing)).length === 0) await initialise(folder, account, binaries, log)
  const major = (await readFile(path.join(folder, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (!major)
    throw new Error(
      `${folder} is not a PostgreSQL data folder (it has no PG_VERSION): move it away, or give another data folder.`,
    )
  if (major !== binaries.major)
    throw new Error(
      `${folder} was written by PostgreSQL ${major}, and this Bug Ghost brings ${binaries.version}: dump it with the old version and restore it with this one, or move it away to start empty.`,
    )
  if ((await stat(folder)).uid === 0 && account.uid !== undefined) await giveAllTo(folder, account)
}

async function initialise(folder: string, account: Account, binaries: Binaries, log: Logger): Promise<void> {
  log.info({ folder, version: binaries.version }, 'Making a new PostgreSQL database')
  await mkdir(path.dirname(folder), { recursive: true })
  const unfinished = await mkdtemp(`${unfinishedPrefix(folder)}${process.pid}-`)
  try {
    await giveTo(unfinished, account)
    await runAs(account, binaries.initdb, initArguments(nameFor(unfinished, account)), unfinished)
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    const code = (error as NodeJS.ErrnoException).code
    // Another server on the same folder was quicker. Which of the two may go on is decided later, by the owner's lock.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return
    throw new Error(`A new PostgreSQL database cannot be made in ${folder}: ${(error as Error).message.trim()}`, { cause: error })
  }
  await syncFolder(path.dirname(folder))
}

const unfinishedPrefix = (folder: string) => `${folder}.new-`

/** What a killed `initdb` left. Its name holds the pid of the one that was waiting for it. */
async function removeUnfinished(folder: string, log: Logger): Promise<void> {
  const prefix = path.basename(unfinishedPrefix(folder))
  for (const name of await readdir(path.dirname(folder)).catch(nothingIfMissing)) {
    if (!name.startsWith(prefix) || lives(Number.parseInt(name.slice(prefix.length), 10))) continue
    log.warn({ name }, 'Removing a database whose making was broken off')
    await rm(path.join(path.dirname(folder), name), { recursive: true, force: true, maxRetries: 5 })
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A rename is kept for good when the folder that holds the name is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function nothingIfMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}

// sockaddr_un holds 108 bytes on Linux and 104 on macOS, and PostgreSQL cuts nothing: it refuses.
const socketPathBytes = 100
const socketPrefix = 'bugghost-pg-'

/**
 * A new folder for the socket that only the account can enter. Not in the data folder: that path may be too long, lies where
 * the account may not walk, and tools that scan the project stumble over sockets.
 */
export async function makeSocketFolder(account: Account): Promise<string> {
  const problems: string[] = []
  for (const base of new Set([os.tmpdir(), '/tmp'])) {
    if (Buffer.byteLength(path.join(base, `${socketPrefix}XXXXXX`, `.s.PGSQL.${socketPort}.lock`)) > socketPathBytes) {
      problems.push(`${base} is too long for a socket`)
      continue
    }
    let folder: string | undefined
    try {
      folder = await mkdtemp(path.join(base, socketPrefix))
      await giveTo(folder, account)
      await runAs(account, 'test', ['-w', folder])
      return folder
    } catch (error) {
      problems.push((error as Error).message.trim())
      if (folder) await rm(folder, { recursive: true, force: true })
    }
  }
  throw new Error(
    `There is no folder for PostgreSQL's socket: ${problems.join('; ')}. Set TMPDIR to a short path, or give DATABASE_URL.`,
  )
}

/** Whether a folder named by a pid file is one that `makeSocketFolder` made for this account, and nobody else's. */
export async function isOurSocketFolder(folder: string, account: Account): Promise<boolean> {
  if (!path.basename(folder).startsWith(socketPrefix)) return false
  const found = await lstat(folder).catch(() => undefined)
  const owner = account.uid ?? process.getuid?.()
  return found?.isDirectory() === true && found.uid === owner && (found.mode & 0o077) === 0
}
