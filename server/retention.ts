import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { RunId } from '../protocol/ids.ts'

/** What an operator wants kept. Without a bound everything is. */
export type RetentionPolicy = {
  keepDays?: number | undefined
  /** Of all runs together, as `Sweep.totalBytes` counts. */
  keepBytes?: number | undefined
  /** Whether shared, pinned and named runs stay whatever the bounds say. */
  keepShared: boolean
}

export type OldRun = { runId: RunId; createdAt: Date; bytes: number }
export type Expired = OldRun & { by: 'age' | 'room'; keptDays: number }

/** One look at the runs by one server, while no other looks. */
export type Sweep = {
  /** What people and programs wrote in all runs that have ended, with what a row costs; before compression, so an upper bound. */
  totalBytes(): Promise<number>
  /** Of the runs that have ended and that the policy may remove, the oldest, oldest first. */
  oldest(limit: number): Promise<OldRun[]>
  /** Gives those it removed: one that was shared meanwhile, or that somebody is just changing, stays. */
  remove(expired: readonly Expired[]): Promise<OldRun[]>
}
/** Runs `work`, or says `busy` when another server is at it. */
export type OpenSweep = (work: (sweep: Sweep) => Promise<void>) => Promise<'done' | 'busy'>

const dayMs = 24 * 60 * 60 * 1000
/** Gone within milliseconds each time, so that no request waits behind it. */
const batchRuns = 50

/** Which of the oldest runs have to go, and why: first those that are too old, then the oldest until the rest has room. */
export function expiredAmong(
  oldestFirst: readonly OldRun[],
  { keepDays, keepBytes }: RetentionPolicy,
  { now, totalBytes }: { now: number; totalBytes: number },
): Expired[] {
  const expired: Expired[] = []
  let left = totalBytes
  for (const run of oldestFirst) {
    const keptDays = Math.max(0, Math.floor((now - run.createdAt.getTime()) / dayMs))
    const tooOld = keepDays !== undefined && keptDays >= keepDays
    const tooMuch = keepBytes !== undefined && left > keepBytes
    if (!tooOld && !tooMuch) break
    expired.push({ ...run, by: tooOld ? 'age' : 'room', keptDays })
    left -= run.bytes
  }
  return expired
}

/** Removes what has to go, a few runs at a time. Resolves with how many went and what all that stays takes. */
export async function removeExpired(
  sweep: Sweep,
  policy: RetentionPolicy,
  { now, signal, pauseMs = 0 }: { now: number; signal?: AbortSignal; pauseMs?: number },
): Promise<{ removed: number; totalBytes: number }> {
  let totalBytes = policy.keepBytes === undefined ? 0 : await sweep.totalBytes()
  let removed = 0
  while (!signal?.aborted) {
    const oldest = await sweep.oldest(batchRuns)
    const gone = await sweep.remove(expiredAmong(oldest, policy, { now, totalBytes }))
    removed += gone.length
    for (const { bytes } of gone) totalBytes -= bytes
    // Fewer than were looked at: the rest may stay, or is held by somebody, and the next look comes.
    if (gone.length < batchRuns) break
    await sleep(pauseMs, undefined, { signal }).catch(() => {})
  }
  return { removed, totalBytes }
}

export type RetentionTiming = { firstMs: number; everyMs: number; pauseMs: number }
/** The database has other things to do right after a start; and a tenth of a second's work is followed by as much rest. */
const unhurried: RetentionTiming = { firstMs: 60_000, everyMs: 10 * 60_000, pauseMs: 100 }

/** Keeps to the policy in the background, beside any number of servers that do the same, until it is closed. */
export function startRetention(parts: {
  openSweep: OpenSweep
  policy: RetentionPolicy
  log: Logger
  now(): number
  timing?: RetentionTiming
}): { close(): Promise<void> } {
  const { openSweep, policy, log, now, timing = unhurried } = parts
  const closing = new AbortController()
  const { signal } = closing

  async function sweepOnce(): Promise<void> {
    await openSweep(async (sweep) => {
      const { removed, totalBytes } = await removeExpired(sweep, policy, { now: now(), signal, pauseMs: timing.pauseMs })
      if (removed > 0) log.info({ removed }, 'Removed old runs, as the settings say')
      if (policy.keepBytes !== undefined && totalBytes > policy.keepBytes && policy.keepShared && !signal.aborted)
        log.warn(
          { totalBytes, keepBytes: policy.keepBytes },
          'Runs that were shared, pinned or named take more than BUGGHOST_KEEP_GB by themselves: raise it, or set BUGGHOST_KEEP_SHARED=false',
        )
    })
  }

  async function keepSweeping(): Promise<void> {
    for (let waitMs = timing.firstMs; ; waitMs = timing.everyMs) {
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      await sweepOnce().catch((err: Error) =>
        log.warn({ reason: err.message }, 'Old runs could not be removed: trying again later'),
      )
    }
  }
  const sweeping = keepSweeping()

  return {
    async close() {
      closing.abort()
      await sweeping
    },
  }
}
