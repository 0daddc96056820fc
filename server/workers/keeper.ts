import type { Logger } from 'pino'
import { isAppError } from '../../protocol/errors.ts'
import type { RunId } from '../../protocol/ids.ts'
import type { RunEvent } from '../../protocol/run.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Store } from '../store.ts'
import type { SharedRuns } from './shared-runs.ts'

/** Who started a run keeps it at once; what is older than this has lost that server, or the database was away. */
const leftOverMs = 2_000
const everyMs = 1_000
const atOnce = 50
/** A run whose row never came: its server died between the queue and the database, and nobody knows its address. */
const rowlessMs = 60_000

/**
 * Moves runs that have ended from Redis into the database. Every server does, for everyone: keeping a run twice changes nothing,
 * so they need not agree on who does it.
 */
export function createKeeper({
  shared,
  store,
  metrics,
  log,
}: {
  shared: SharedRuns
  store: Pick<Store, 'appendEvents'>
  metrics?: Pick<Metrics, 'kept'>
  log: Logger
}) {
  const rowless = new Map<RunId, number>()
  let working: Promise<void> | null = null

  /** Resolves with its events once they are in the database for good. Rejects with AppError `unavailable` while that is away. */
  async function keep(runId: RunId): Promise<readonly RunEvent[]> {
    const events = await shared.events(runId, -1)
    const last = events.at(-1)
    if (last?.type !== 'finished') return events
    await store.appendEvents(runId, events)
    if (metrics) await measure(runId, last.at, metrics)
    await shared.kept(runId)
    return events
  }

  /** Its ending counts from its acceptance, and Redis knows how long ago that was. */
  async function measure(runId: RunId, endedMs: number, { kept }: Pick<Metrics, 'kept'>): Promise<void> {
    const ageMs = await shared.ageMs(runId).catch(() => 0)
    if (ageMs > 0) kept(ageMs - endedMs)
  }

  async function keepLeftOver(runId: RunId): Promise<void> {
    try {
      await keep(runId)
      rowless.delete(runId)
    } catch (error) {
      if (isAppError(error) && error.code === 'unavailable') return
      if (isAppError(error) && error.code === 'conflict') {
        // The database has another ending: it was given up while Redis was away.
        log.warn({ run_id: runId }, 'A run ended twice; the ending that was kept first stands')
        return shared.kept(runId)
      }
      if (isAppError(error) && error.code === 'not-found') {
        const since = rowless.get(runId) ?? Date.now()
        rowless.set(runId, since)
        if (Date.now() - since < rowlessMs) return
        rowless.delete(runId)
        log.warn({ run_id: runId }, 'A run that nobody was told of is dropped: its server died before it could be kept')
        return shared.forget(runId)
      }
      log.error({ err: error, run_id: runId }, 'A run that has ended could not be kept: trying again')
    }
  }

  async function keepAllLeftOver(): Promise<void> {
    try {
      for (const runId of await shared.unkept(leftOverMs, atOnce)) await keepLeftOver(runId)
    } catch (error) {
      log.debug({ err: error }, 'The runs that are to be kept could not be listed')
    }
  }

  const timer = setInterval(() => {
    working ??= keepAllLeftOver().finally(() => {
      working = null
    })
  }, everyMs)
  timer.unref()

  return {
    keep,
    async close(): Promise<void> {
      clearInterval(timer)
      await working
    },
  }
}

export type Keeper = ReturnType<typeof createKeeper>
