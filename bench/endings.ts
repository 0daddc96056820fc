import type Docker from 'dockerode'
import { defaultLimits } from '../protocol/limits.ts'
import type { UnnumberedEvent } from '../protocol/run.ts'
import type { Executor, Job } from '../sandbox/executor.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import { jobFor } from './plain-commands.ts'
import { ms, spread, table } from './statistics.ts'

export type Endings = { overshoot: number[]; flood: number[]; cancelled: number[]; gone: number[] }

type Setting = {
  docker: Docker
  executor: Executor
  installation: string
  python: LoadedLanguage
  rounds: number
  /** Resolves when nothing runs and what should wait does. */
  ready(): Promise<void>
}

/** How soon a run ends that has to be ended: the promises that are about time. */
export async function measureEndings({ docker, executor, installation, python, rounds, ready }: Setting): Promise<Endings> {
  const times: Endings = { overshoot: [], flood: [], cancelled: [], gone: [] }
  for (let round = 0; round < rounds; round++) {
    await ready()
    const loop = jobFor(python, 'while True: pass', { limits: { ...defaultLimits, wall_time_ms: 300 } })
    times.overshoot.push((await endOf(executor, loop)).duration_ms - 300)
    await ready()
    const from = performance.now()
    const ending = await endOf(executor, jobFor(python, 'import os\nwhile True: os.write(1, b"x" * 65536)'))
    if (!ending.truncated.stdout) throw new Error('the flood was not cut')
    times.flood.push(performance.now() - from)
    await ready()
    const { ended, gone } = await cancelOne(
      docker,
      executor,
      installation,
      jobFor(python, 'print("up", flush=True)\nwhile True: pass'),
    )
    times.cancelled.push(ended)
    times.gone.push(gone)
    process.stderr.write(`\rendings: ${round + 1}/${rounds} `)
  }
  process.stderr.write('\n')
  return times
}

async function endOf(executor: Executor, job: Job) {
  let finished: Extract<UnnumberedEvent, { type: 'finished' }> | undefined
  for await (const event of executor.start(job).events) if (event.type === 'finished') finished = event
  if (!finished) throw new Error('a run did not end')
  return finished
}

async function cancelOne(docker: Docker, executor: Executor, installation: string, job: Job) {
  const running = async () => {
    const label = [`bugghost.installation=${installation}`]
    return new Set((await docker.listContainers({ filters: JSON.stringify({ label }) })).map(({ Id }) => Id))
  }
  const before = [...(await running())]
  const execution = executor.start(job)
  let from = Number.NaN
  let ended = Number.NaN
  for await (const event of execution.events) {
    if (event.type === 'output') {
      from = performance.now()
      execution.cancel('user')
    }
    if (event.type === 'finished') ended = performance.now() - from
  }
  // Of the containers that waited before, one has run this and is gone now.
  for (const giveUp = performance.now() + 10_000; ; ) {
    const now = await running()
    if (before.some((id) => !now.has(id))) break
    if (performance.now() > giveUp) throw new Error('a cancelled container is still there')
  }
  return { ended, gone: performance.now() - from }
}

export function describeEndings(endings: Endings): string {
  const row = (what: string, times: readonly number[]) => [what, spread(times), ms(Math.max(...times))]
  return table(
    ['Ending a Python run', 'p50 / p95', 'longest'],
    [
      row('over the wall-time limit, by', endings.overshoot),
      row('endless output, request to end, 1 MiB kept', endings.flood),
      row('cancel to the end being known', endings.cancelled),
      row('cancel to its container no longer running', endings.gone),
    ],
  )
}
