import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { MiB } from '../protocol/limits.ts'

// What processes hold and use, as the kernel counts it.

/** `ownMiB`: memory that is of nobody else, which code and PostgreSQL's shared buffers are not. `cpuMs` since the processes began. */
export type Use = { ownMiB: number; cpuMs: number }

const tickMs = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Of a process; with `family`, of all it has started that still live too. One that is gone by now counts for nothing. */
export async function usageOf(pid: number, { family = false }: { family?: boolean } = {}): Promise<Use> {
  const pids = family ? [pid, ...(await childrenOf(pid))] : [pid]
  const uses = await Promise.all(pids.map((one) => oneOf(one, family).catch(() => ({ ownMiB: 0, cpuMs: 0 }))))
  return uses.reduce((sum, use) => ({ ownMiB: sum.ownMiB + use.ownMiB, cpuMs: sum.cpuMs + use.cpuMs }))
}

async function oneOf(pid: number, withReaped: boolean): Promise<Use> {
  const [status, stat] = await Promise.all([readFile(`/proc/${pid}/status`, 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8')])
  const ownKiB = Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  // The name stands in brackets and may hold spaces; after it, the 12th and 13th are its own time, the two after those of children that are gone.
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number)
  return { ownMiB: (ownKiB * 1024) / MiB, cpuMs: (user + system + (withReaped ? childUser + childSystem : 0)) * tickMs }
}

export async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  )
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number)
}

/** The oldest process of this name; null when there is none that may be looked at. */
export async function processNamed(name: string): Promise<number | null> {
  for (const pid of (await readdir('/proc')).filter((one) => /^\d+$/.test(one)).sort((a, b) => Number(a) - Number(b))) {
    if ((await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() === name) return Number(pid)
  }
  return null
}

/** What a cache may take, and code that is compiled while it runs. */
const slackMiB = 8
const slackShare = 0.1

/** Whether what a process holds is about the same at two times, the first after it has warmed up. */
export const isFlat = (early: number, late: number): boolean => late - early <= Math.max(slackMiB, slackShare * early)
