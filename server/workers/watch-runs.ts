import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { isAppError } from '../../protocol/errors.ts'
import type { RunId } from '../../protocol/ids.ts'
import type { Verdict } from '../../protocol/run.ts'
import { type Metrics, noMetrics } from '../metrics/metrics.ts'
import type { Store } from '../store.ts'
import { unforeseenEnding } from '../unforeseen-ending.ts'
import { endRun } from './end-run.ts'
import { keys } from './keys.ts'
import { fateOf } from './lost.ts'
import { isWorkerAlive, leaseMs } from './registry.ts'
import type { SharedRuns, Standing } from './shared-runs.ts'

const everyMs = 2_000
/** Rows without an ending are looked for less often: only a Redis that has lost its data leaves any. */
const rowsEvery = 5
/** A row is made a moment after its run is opened in Redis, or before. */
const rowMs = 30_000

/**
 * Ends the runs whose worker is dead, and those Redis has lost. One server at a time looks, whichever comes first; if two ever do,
 * the ending that is appended first stands.
 */
export function watchRuns({
  redis,
  shared,
  store,
  instance,
  newIncident,
  metrics = noMetrics,
  log,
}: {
  redis: Redis
  shared: SharedRuns
  store: Pick<Store, 'findInterrupted' | 'readEvents' | 'appendEvents'>
  /** What stands in the rows of runs that workers run. */
  instance: string
  newIncident(): string
  metrics?: Pick<Metrics, 'ended'>
  log: Logger
}) {
  /** Since when Redis has answered without a break, on our own clock; null while it does not. */
  let answersSince: number | null = null
  let looks = 0
  let working: Promise<void> | null = null
  redis.on('close', () => {
    answersSince = null
  })

  async function look(): Promise<void> {
    try {
      if ((await redis.set(keys.watch, '1', 'PX', everyMs - 200, 'NX')) === null) {
        answersSince ??= performance.now()
        return
      }
      answersSince ??= performance.now()
      // After a restart of Redis the workers need a moment to say that they live.
      if (performance.now() - answersSince < 2 * leaseMs) return
      for (const run of await shared.living()) await judge(run)
      if (looks++ % rowsEvery === 0) await closeForgotten()
    } catch (error) {
      answersSince = null
      log.debug({ err: error }, 'Lost runs could not be looked for')
    }
  }

  async function judge(run: Standing): Promise<void> {
    const fate = fateOf(run, run.worker !== null && (await isWorkerAlive(redis, run.worker)))
    if (fate === 'goes-on') return
    if (fate === 'interrupted') {
      log.warn({ run_id: run.runId, worker: run.worker }, 'A worker died: its run ends as interrupted')
      return end(run, { kind: 'interrupted' })
    }
    const incident = newIncident()
    log.error({ run_id: run.runId, incident }, 'No worker took a run for longer than anybody waits')
    await end(run, { kind: 'sandbox-failed', incident })
  }

  async function end({ runId, worker }: Standing, verdict: Verdict): Promise<void> {
    await endRun(shared, runId, worker ?? '', verdict, metrics)
  }

  /** Runs that have a row and no ending, and that Redis knows nothing of: it lost its data. */
  async function closeForgotten(): Promise<void> {
    const open = await store.findInterrupted(async (of) => of !== instance)
    for (const { runId, createdAt } of open) {
      if (Date.now() - createdAt.getTime() < rowMs || (await shared.state(runId)) !== null) continue
      await closeRow(runId)
    }
  }

  async function closeRow(runId: RunId): Promise<void> {
    log.warn({ run_id: runId }, 'Redis knows nothing of a run any more: it ends as interrupted')
    const events = await store.readEvents(runId, -1)
    try {
      await store.appendEvents(runId, [{ ...unforeseenEnding(events, { kind: 'interrupted' }), seq: events.length }])
    } catch (error) {
      // Somebody else was quicker.
      if (!(isAppError(error) && error.code === 'conflict')) throw error
    }
  }

  const timer = setInterval(() => {
    working ??= look().finally(() => {
      working = null
    })
  }, everyMs)
  timer.unref()

  return {
    async close(): Promise<void> {
      clearInterval(timer)
      await working
    },
  }
}
