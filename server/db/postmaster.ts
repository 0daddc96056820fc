import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

/** The main process of a PostgreSQL, and where it listens, or will once it is `ready`. */
export type Postmaster = { pid: number; socketFolder: string; port: number; ready: boolean }

/**
 * Who serves a data folder. `changing`: somebody is starting, or has not quite gone. `left`: nobody, but one that was killed left
 * its pid file, with as much in it as it had come to write.
 */
export type Serving =
  | { state: 'none' }
  | { state: 'changing' }
  | { state: 'left'; postmaster: Postmaster | null }
  | { state: 'serving'; postmaster: Postmaster }

/**
 * postmaster.pid, written line by line while PostgreSQL starts: pid, data folder, start time, port, socket folder, network
 * address, shared memory, status (src/include/utils/pidfile.h). Null while a line we need is missing.
 */
export function parsePostmasterPid(text: string): Postmaster | null {
  const lines = text.split('\n').map((line) => line.trim())
  const pid = Number(lines[0])
  const port = Number(lines[3])
  const socketFolder = lines[4]
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0 || !socketFolder) return null
  return { pid, port, socketFolder, ready: lines[7] === 'ready' }
}

/** A pid file alone says little: its process may be gone, or by now be some other program. */
export async function findServing(folder: string): Promise<Serving> {
  const text = await readFile(path.join(folder, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return { state: 'none' }
  const postmaster = parsePostmasterPid(text)
  const pid = Number.parseInt(text, 10)
  if (pid > 0 && (await servesFolder(pid, folder))) return postmaster ? { state: 'serving', postmaster } : { state: 'changing' }
  // The children of a killed postmaster live a moment longer, and hold its shared memory.
  return (await processesIn(folder)).length > 0 ? { state: 'changing' } : { state: 'left', postmaster }
}

/** Whether this process is a PostgreSQL of this data folder: each of them has it as its working directory. */
export async function servesFolder(pid: number, folder: string): Promise<boolean> {
  if (process.platform === 'linux') return sameFile(`/proc/${pid}/cwd`, folder)
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)])
    return stdout.trim().endsWith('postgres')
  } catch {
    // ps found no such process.
    return false
  }
}

/** The pids of all that have this folder as their working directory; none are known where there is no /proc. */
export async function processesIn(folder: string): Promise<number[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const inside = await Promise.all(pids.map((pid) => sameFile(`/proc/${pid}/cwd`, folder)))
  return pids.filter((_, at) => inside[at])
}

async function sameFile(one: string, other: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([stat(one), stat(other)])
    return a.dev === b.dev && a.ino === b.ino
  } catch {
    // Gone, a zombie, or another user's: none of these is our server.
    return false
  }
}
