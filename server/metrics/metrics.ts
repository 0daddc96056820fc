import type { ErrorCode } from '../../protocol/errors.ts'
import type { Verdict } from '../../protocol/run.ts'
import type { Acquired, EngineCall, Executor } from '../../sandbox/executor.ts'

/** What a run is of. */
export type Kind = { language: string; version: string }

/** How a run went, once its ending stands. */
export type EndedRun = Kind & {
  verdict: Verdict['kind']
  /** From its acceptance to its first stage; null when no program of it was let in. */
  waitedMs: number | null
  durationMs: number
  /** Null when it never had a sandbox, or another process knows. */
  acquired: Acquired | null
}

export type Door = 'http' | 'socket'
export type Connection = 'page' | 'event-stream' | 'log-socket'

/** What is asked for when somebody reads the metrics. */
export type Looked = {
  /** The sandboxes and the engine of this process. */
  sandboxes(): Pick<ReturnType<Executor['state']>, 'engine' | 'sandboxes'>
  /** The runs that are accepted and have not begun. */
  waiting(): Promise<(Kind & { runs: number })[]>
  /** The Socket.IO connections of open pages. */
  pages(): number
}

/** What a process tells of its work. Nothing here throws, or waits. */
export type Metrics = {
  ended(run: EndedRun): void
  /** An event can be read, or is in the database, so long after it happened. */
  readable(lagMs: number): void
  kept(lagMs: number): void
  engineCall(call: EngineCall, ms: number, done: boolean): void
  refused(door: Door, code: ErrorCode): void
  /** Somebody reads, until what is returned is called. */
  reading(by: Exclude<Connection, 'page'>): () => void
  lookAt<Q extends keyof Looked>(question: Q, ask: Looked[Q]): void
}

const nothing = () => {}

/** Of a process whose metrics nobody reads. */
export const noMetrics: Metrics = {
  ended: nothing,
  readable: nothing,
  kept: nothing,
  engineCall: nothing,
  refused: nothing,
  reading: () => nothing,
  lookAt: nothing,
}
