import type { ActorId, RunId } from '../protocol/ids.ts'
import type { Limits } from '../protocol/limits.ts'
import type { Ending, Flags, Mode, RunEvent, RunFile, Status, TerminalSize } from '../protocol/run.ts'
import type { TestName } from '../protocol/test-report.ts'

/** What is known of a run from the start and never changes. */
export type RunRecord = {
  runId: RunId
  actorId: ActorId
  /** The server process that runs it; see `store.closeInterrupted`. */
  instance: string
  language: string
  version: string
  mode: Mode
  /** The tests it was asked for; empty for all. */
  only: TestName[]
  flags: Flags
  tty: TerminalSize | null
  /** Patterns of the files to give back. */
  artifacts: string[]
  files: RunFile[]
  entry: string
  stdin: string
  args: string[]
  env: Record<string, string>
  limits: Limits
  image: string
  imageDigest: string
  createdAt: Date
}

export type StoredRun = RunRecord & {
  /** What its owner calls it, and whether they want it at hand. */
  name: string | null
  pinned: boolean
  /** Whether somebody else than its owner has read it, or its owner gave the address away. It stays so. */
  shared: boolean
  /** Both null until the run has ended. */
  ending: Ending | null
  completedAt: Date | null
}

/** Why a run is no longer there. `room`: to make room for newer ones. */
export type Removal = { by: 'owner' } | { by: 'age' | 'room'; keptDays: number }

/** A history line: no files but the entry's first line of code. */
export type StoredRunSummary = Pick<
  StoredRun,
  'runId' | 'language' | 'version' | 'limits' | 'ending' | 'createdAt' | 'name' | 'pinned'
> & {
  excerpt: string
}

/** Which lines of a history are wanted; all of them together. */
export type RunFilter = {
  /** Text in the code, in the names of files or in the run's name, whatever its case. */
  text?: string | undefined
  language?: string | undefined
  /** How it ended. */
  status?: Status | undefined
  pinned?: true | undefined
}

/**
 * Keeps runs. It knows nothing of events that are still happening; those are the run log's, which keeps them through
 * `appendEvents`. Every method resolves when the database has it for good, and rejects when it does not: with AppError
 * `unavailable` while the database is away.
 */
export type Store = {
  /** Creating one twice changes nothing. */
  createRun(run: RunRecord): Promise<void>
  /**
   * Events of one run, numbered without gaps, in order. Storing one twice changes nothing. The ending is stored with `finished`.
   * Rejects, storing nothing, with AppError `not-found` for a run that is not there (yet), `conflict` for new events of one that
   * has ended, and a plain Error when events before these are missing.
   */
  appendEvents(runId: RunId, events: readonly RunEvent[]): Promise<void>
  findRun(runId: RunId): Promise<StoredRun | null>
  /** Events with seq > after, in order. */
  readEvents(runId: RunId, after: number): Promise<RunEvent[]>
  /** Newest first. `before` is the last one of the page before. */
  listRuns(
    actorId: ActorId,
    page: { limit: number; before?: { createdAt: Date; runId: RunId }; filter?: RunFilter },
  ): Promise<StoredRunSummary[]>
  /** Changes nothing of a run that is not there. */
  updateRun(
    runId: RunId,
    change: { name?: string | null | undefined; pinned?: boolean | undefined; shared?: true | undefined },
  ): Promise<void>
  /** Everything that was kept of it is gone; that it was deleted is known for ever. */
  deleteRun(runId: RunId): Promise<void>
  /** Null when it is there, or never was. */
  removalOf(runId: RunId): Promise<Removal | null>
  /** The runs without an ending whose instance no longer lives. */
  findInterrupted(isAlive: (instance: string) => Promise<boolean>): Promise<StoredRun[]>
}

/** What `finished` says of the whole run; null for every other event. */
export function endingOf(event: RunEvent): Ending | null {
  if (event.type !== 'finished') return null
  const { type, seq, at, ...ending } = event
  return ending
}
