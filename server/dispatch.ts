import type { RunId } from '../protocol/ids.ts'
import type { RunEvent, Signal, TerminalSize } from '../protocol/run.ts'
import type { CancelledBy, Execution, Executor, Job } from '../sandbox/executor.ts'
import type { Kind } from './metrics/metrics.ts'
import type { Traceparent } from './tracing/tracing.ts'

/**
 * Has runs run, sees to it that what happens in them is in the run log and kept, and reaches them while they are under way:
 * in this process, or on the workers.
 */
export type Dispatch = {
  /**
   * Begins a run that is not kept yet. Rejects with AppError `unavailable` when nobody can run it now, and `too-many-requests` when its
   * owner, or the address it comes from, has too many waiting or under way.
   */
  start(runId: RunId, job: Job, from: From): Promise<Started>
  /** The run of this id that is under way; null when it has ended, or never began. */
  reach(runId: RunId): Promise<UnderWay | null>
  /**
   * Has a job run that is no run: whoever asked reads its events, once, and nothing is kept. Leaving the loop early stops it.
   * Rejects as `start` does.
   */
  perform(job: Job, from: From): Promise<Performed>
  state(): ReturnType<Executor['state']>
  /** The runs that are accepted and have not begun. */
  waiting(): Promise<(Kind & { runs: number })[]>
  /**
   * Takes no more runs, and resolves when those that end with this process are kept. They have `graceMs` to end by themselves; the
   * rest is stopped then, with the output it had.
   */
  close(graceMs: number): Promise<void>
}

/** Where a run comes from. Not part of the job: who runs programs need not know. */
export type From = {
  /** As it is counted (`countedAs`); '' when it counts for none. */
  address: string
  /** The trace it belongs to, for those who keep traces. */
  traceparent?: Traceparent | undefined
}

export type Performed = Pick<Execution, 'events' | 'cancel'>

/** A run between its start and its row in the store. One of `follow` and `abandon` is called, once. */
export type Started = {
  image: string
  imageDigest: string
  /**
   * It is kept: from now on its events are in its log. Resolves with all of them once the ending is kept for good; rejects with
   * AppError `unavailable` when that takes longer than a caller should wait.
   */
  follow(createdAt: Date): Promise<readonly RunEvent[]>
  /** It cannot be kept: it is stopped, and nothing stays of it. */
  abandon(): void
  cancel(by: CancelledBy): void
}

/** What can be done to a run while it goes on. Each is refused with AppError `conflict` when it has ended or cannot take it. */
export type UnderWay = {
  /** Refused with `too-large` when together more was typed than a run takes. */
  write(text: string): Promise<void>
  endInput(): Promise<void>
  /** Refused with `too-many-requests` beyond `mostOfEach`. */
  signal(signal: Signal): Promise<void>
  resize(size: TerminalSize): Promise<void>
  cancel(by: CancelledBy): Promise<void>
  /** Resolves with all events once the ending is kept. */
  ended(): Promise<readonly RunEvent[]>
}

/** Each is an event that is kept with the run, so there is an end to them. */
export const mostOfEach = { signals: 1_000, resizes: 1_000 } as const
