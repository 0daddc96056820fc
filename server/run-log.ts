import type { RunId } from '../protocol/ids.ts'
import type { RunEvent, UnnumberedEvent } from '../protocol/run.ts'

/** What happened in runs, whoever runs them. A reader may come before, during or after the run. */
export type RunLogReader = {
  /**
   * Events after `after` (-1: all) as arrays, those there are at once and the rest as they happen; ends after `finished`, or when `signal` aborts.
   * A reader that takes its time holds only its position: the log buffers nothing for it.
   */
  read(runId: RunId, options: { after: number; signal?: AbortSignal }): AsyncIterable<RunEvent[]>
  /** The events there are, without waiting for more. */
  soFar(runId: RunId): Promise<readonly RunEvent[]>
  /** A run that is deleted leaves nothing here either. */
  forget(runId: RunId): Promise<void>
  /** Ends every reader, and resolves when all that can be kept is kept. Nothing may be appended any more. */
  close(): Promise<void>
}

/** A run is an append-only log of events; everything else reads it. This is the one place where the order of a run of this process is decided. */
export type RunLog = RunLogReader & {
  /** Numbers the event, wakes the readers and keeps it soon. Synchronous, so two writers cannot swap. */
  append(runId: RunId, event: UnnumberedEvent): RunEvent
  /**
   * Resolves when everything appended so far is kept for good. Rejects with AppError `unavailable` when the database stays away
   * for longer than a caller should wait; what happened is then still kept once it is back.
   */
  flushed(runId: RunId): Promise<void>
}
