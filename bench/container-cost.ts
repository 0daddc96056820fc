import { setTimeout } from 'node:timers/promises'
import type Docker from 'dockerode'
import type { Engine } from '../sandbox/engine/docker.ts'
import { sandboxSpecOf } from '../sandbox/execution/steps.ts'
import type { Executor } from '../sandbox/executor.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import type { CpuCost, openCpuMeter } from './machine-cpu.ts'
import { jobFor } from './plain-commands.ts'
import { table } from './statistics.ts'

type Meter = Awaited<ReturnType<typeof openCpuMeter>>
/** The engine's own processes go on for a moment after it has said that a container is gone. */
const settleMs = 500

export type ContainerCost = CpuCost & { containers: number }

/** One container after the other, made, ready and removed; with the agent alone in it, so that no runtime's own start is part of it. */
export async function measureFreshContainers(
  meter: Meter,
  engine: Engine,
  language: LoadedLanguage & { imageId: string },
  count: number,
): Promise<ContainerCost> {
  const spec = { ...sandboxSpecOf(language), agentArguments: [] }
  const { machine, parts } = await meter.costOf(async () => {
    for (let nth = 0; nth < count; nth++) await (await engine.prepare(spec, new AbortController().signal)).destroy()
    await setTimeout(settleMs)
  })
  const each = (ms: number) => ms / count
  return {
    containers: count,
    machine: each(machine),
    parts: Object.fromEntries(Object.entries(parts).map(([name, ms]) => [name, each(ms)])),
  }
}

export type SustainedRate = { runs: number; seconds: number; clients: number; cpuMsPerRun: number }

/**
 * So many clients, each starting its next run when the last is over, on an executor that keeps as many waiting. The CPU is of everything from the
 * first start until the pool is as full as it was, so making and removing every container is in it.
 */
export async function measureSustainedRate(
  meter: Meter,
  executor: Executor,
  language: LoadedLanguage,
  { clients, seconds }: { clients: number; seconds: number },
): Promise<SustainedRate> {
  await rest(executor, clients)
  let runs = 0
  let inWindow = 0
  const { machine } = await meter.costOf(async () => {
    const end = performance.now() + seconds * 1000
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        while (performance.now() < end) {
          const execution = executor.start(jobFor(language, language.hello, { owner: `client ${client}` }))
          for await (const event of execution.events)
            if (event.type === 'finished' && event.verdict.kind !== 'exited')
              throw new Error(`a run ended as ${event.verdict.kind}`)
          runs++
          if (performance.now() < end) inWindow++
        }
      }),
    )
    await rest(executor, clients)
    await setTimeout(settleMs)
  })
  return { runs: inWindow, seconds, clients, cpuMsPerRun: machine / runs }
}

/** Until nothing runs and so many wait. */
async function rest(executor: Executor, count: number): Promise<void> {
  for (const giveUp = performance.now() + 60_000; performance.now() < giveUp; await setTimeout(20)) {
    const { waiting, running, queued } = executor.state().sandboxes
    if (waiting === count && running + queued === 0) return
  }
  throw new Error(`the pool did not come to rest: ${JSON.stringify(executor.state())}`)
}

export type Preparation = { name: string; cpuMs: number; wallMs: number; memoryBytes: number }

/** What it takes until a sandbox waits: CPU inside of the container, and memory it holds from then on. */
export async function measurePreparation(
  docker: Docker,
  engine: Engine,
  installation: string,
  language: LoadedLanguage & { imageId: string },
  rounds: number,
): Promise<Preparation> {
  const taken: Preparation[] = []
  for (let round = 0; round < rounds; round++) {
    const from = performance.now()
    const sandbox = await engine.prepare(sandboxSpecOf(language), new AbortController().signal)
    const wallMs = performance.now() - from
    try {
      const found = await docker.listContainers({
        filters: JSON.stringify({ label: [`bugghost.sandbox=${sandbox.id}`, `bugghost.installation=${installation}`] }),
      })
      const stats = await docker.getContainer(found[0]?.Id ?? '').stats({ stream: false, 'one-shot': true } as { stream: false })
      taken.push({
        name: language.manifest.name,
        wallMs,
        cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6,
        memoryBytes: (await sandbox.heldBytes()) ?? Number.NaN,
      })
    } finally {
      await sandbox.destroy()
    }
  }
  const middle = (of: (one: Preparation) => number) =>
    taken.map(of).sort((a, b) => a - b)[Math.floor((taken.length - 1) / 2)] ?? Number.NaN
  return {
    name: language.manifest.name,
    cpuMs: middle((one) => one.cpuMs),
    wallMs: middle((one) => one.wallMs),
    memoryBytes: middle((one) => one.memoryBytes),
  }
}

export function describeContainerCost(fresh: ContainerCost, rate: SustainedRate): string {
  const known = Object.values(fresh.parts).reduce((sum, ms) => sum + ms, 0)
  const cpu = (ms: number) => String(Math.round(ms))
  return [
    table(
      ['A fresh container, made and removed', 'CPU-ms'],
      [
        ...Object.entries(fresh.parts).map(([name, ms]) => [name, cpu(ms)]),
        ['shims, OCI runtime and the kernel (the rest)', cpu(fresh.machine - known)],
        ['in all', cpu(fresh.machine)],
      ],
    ),
    '',
    `Python hello, ${rate.clients} clients for ${rate.seconds} s: ${(rate.runs / rate.seconds).toFixed(1)} runs a second, ${cpu(rate.cpuMsPerRun)} CPU-ms a run in all, from the first request until the pool is full again.`,
  ].join('\n')
}
