import { execFile, spawn } from 'node:child_process'
import { chown, lchown, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { serverEnvironment } from './postgres-settings.ts'

/** As whom PostgreSQL runs; without a uid, as we do. */
export type Account = { uid?: number; gid?: number }

// "nobody" everywhere: PostgreSQL refuses to run as root.
const nobody = 65534

/** Ourselves; when we are root, the owner of the data there is, or nobody. */
export async function accountFor(dataFolder: string): Promise<Account> {
  const we = process.getuid?.()
  const owner = await stat(dataFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (we === 0) return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : { uid: nobody, gid: nobody }
  if (owner && we !== undefined && owner.uid !== we)
    throw new Error(
      `${dataFolder} belongs to user ${owner.uid}, and this is user ${we}: start as the user (or root) who made it, or give it away with \`sudo chown -R ${we} ${dataFolder}\`.`,
    )
  return {}
}

export async function giveTo(folder: string, { uid, gid }: Account): Promise<void> {
  if (uid === undefined || gid === undefined) return
  try {
    await chown(folder, uid, gid)
  } catch (cause) {
    throw new Error(
      `The embedded PostgreSQL cannot run as root, and ${folder} cannot be given to user ${uid}: start as another user, or give DATABASE_URL.`,
      { cause },
    )
  }
}

/** The same for all that is in it: a data folder that came back from a backup often belongs to root. */
export async function giveAllTo(folder: string, account: Account): Promise<void> {
  const { uid, gid } = account
  if (uid === undefined || gid === undefined) return
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await lchown(path.join(entry.parentPath, entry.name), uid, gid)
  await giveTo(folder, account)
}

/**
 * The name of a data folder for a program that runs as this account in that folder. Root's folders (/root, a private
 * mkdtemp) cannot be walked through by anyone else; a working directory inherited from root can be used all the same.
 */
export function nameFor(folder: string, account: Account): string {
  return account.uid !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : folder
}

/** Runs a short program as the account and gives what it printed. Rejects when it cannot be run or fails. */
export async function runAs(account: Account, file: string, args: string[], cwd = '/'): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { ...account, cwd, env: serverEnvironment, timeout: 120_000 })
  return stdout
}

/** Starts PostgreSQL as the account, in a session of its own: Ctrl-C in our terminal must reach us first, and it through us. */
export function spawnAs(account: Account, file: string, args: string[], cwd: string) {
  return spawn(file, args, { ...account, cwd, env: serverEnvironment, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
}
