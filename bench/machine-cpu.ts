import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

/** CPU-milliseconds used so far: by the whole machine, and by parts of it; a part that cannot be told apart here is not in it. */
export type CpuReading = { at: number; machine: number; parts: Record<string, number> }
/** What something cost: `machine` is all of it, less what the machine does anyway; `parts` of it are known. */
export type CpuCost = { machine: number; parts: Record<string, number> }

/**
 * Reads where CPU time goes: the daemon, containerd, this process, and everything inside of containers. What is left of the machine's own count is the
 * shims, the OCI runtime and the kernel's work for them, which live too shortly to be asked. Only of a machine on which nothing else is going on.
 */
export async function openCpuMeter() {
  const tickMs = 1000 / Number((await promisify(execFile)('getconf', ['CLK_TCK'])).stdout)
  const engine = await engineProcesses()
  const containers = await containersFile()

  async function read(): Promise<CpuReading> {
    const [stat, ...times] = await Promise.all([
      readFile('/proc/stat', 'utf8'),
      ...Object.values(engine).map((pid) => processTicks(pid)),
    ])
    const [, user, nice, system, , , irq, softirq] = stat.split('\n', 1)[0]?.split(/\s+/).map(Number) ?? []
    const own = process.cpuUsage()
    const inContainers = containers && (await containers())
    return {
      at: performance.now(),
      machine: ((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softirq ?? 0)) * tickMs,
      parts: {
        ...Object.fromEntries(Object.keys(engine).map((name, nth) => [name, (times[nth] ?? 0) * tickMs])),
        ...(inContainers === null ? {} : { containers: inContainers }),
        'this process': (own.user + own.system) / 1000,
      },
    }
  }

  /** The cost of doing something, and what it returns. What it sets off must be over when it resolves. */
  async function costOf<T>(act: () => Promise<T>): Promise<CpuCost & { result: T }> {
    const idle = await read()
    await setTimeout(2_000)
    const before = await read()
    const result = await act()
    const after = await read()
    const per = (before.machine - idle.machine) / (before.at - idle.at)
    const own = ((before.parts['this process'] ?? 0) - (idle.parts['this process'] ?? 0)) / (before.at - idle.at)
    const took = after.at - before.at
    const parts = Object.fromEntries(
      Object.entries(after.parts).map(([name, value]) => [name, value - (before.parts[name] ?? 0)]),
    )
    parts['this process'] = Math.max(0, (parts['this process'] ?? 0) - own * took)
    return { result, machine: after.machine - before.machine - per * took, parts }
  }

  return { costOf, parts: [...Object.keys(engine), ...(containers ? ['containers'] : []), 'this process'] }
}

/** User and system time, its children's that have ended included. */
async function processTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name in brackets may contain anything, so the numbers are counted from its end (proc(5): utime is the 14th of all).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return [11, 12, 13, 14].reduce((sum, nth) => sum + Number(fields[nth]), 0)
}

/** The engine's two processes. Of several engines on one machine the oldest is taken; of one elsewhere there are none. */
async function engineProcesses(): Promise<Record<string, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const named = await Promise.all(
    // Processes come and go while they are listed.
    pids.map(async (pid) => [(await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim(), pid] as const),
  )
  const oldest = (name: string) => named.filter(([comm]) => comm === name).sort((a, b) => a[1] - b[1])[0]
  return Object.fromEntries(['dockerd', 'containerd'].flatMap((name) => (oldest(name) ? [oldest(name) as [string, number]] : [])))
}

/** Milliseconds used by all containers there are and ever were; null where the engine puts them into no group of their own. */
async function containersFile(): Promise<(() => Promise<number>) | null> {
  const [v1, v2] = ['/sys/fs/cgroup/cpuacct/docker/cpuacct.usage', '/sys/fs/cgroup/docker/cpu.stat']
  const there = (file: string) => readFile(file, 'utf8').catch(() => null)
  if ((await there(v1)) !== null) return async () => Number(await readFile(v1, 'utf8')) / 1e6
  if ((await there(v2)) !== null)
    return async () => Number(/^usage_usec (\d+)/m.exec(await readFile(v2, 'utf8'))?.[1] ?? 0) / 1000
  return null
}
