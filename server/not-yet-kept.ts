import { AppError } from '../protocol/errors.ts'
import type { RunId } from '../protocol/ids.ts'
import type { RunEvent } from '../protocol/run.ts'

/** How far a store has got with a run. */
export type KeptSoFar = {
  known: boolean
  /** The number of the last event it has; -1 when there is none. */
  kept: number
  ended: boolean
}

/**
 * Which of these events a store still has to take: the same ones may come again, whole or in part, after an answer was lost.
 * Throws what `Store.appendEvents` promises when they do not join what it has.
 */
export function notYetKept(runId: RunId, events: readonly RunEvent[], { known, kept, ended }: KeptSoFar): readonly RunEvent[] {
  if (!known) throw new AppError('not-found', `There is no run ${runId} to keep events of.`)
  const rest = events.filter((event) => event.seq > kept)
  const next = rest[0]
  if (!next) return rest
  if (ended) throw new AppError('conflict', `Run ${runId} has already ended.`)
  if (next.seq > kept + 1)
    throw new Error(`Events of run ${runId} are missing: number ${kept + 1} was to come, and ${next.seq} came.`)
  return rest
}
