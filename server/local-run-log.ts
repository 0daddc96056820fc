import type { Logger } from 'pino'
import { AppError, isAppError } from '../protocol/errors.ts'
import type { RunId } from '../protocol/ids.ts'
import type { RunEvent, UnnumberedEvent } from '../protocol/run.ts'
import type { RunLog } from './run-log.ts'
import { sleeper, wake } from './sleeper.ts'
import type { Store } from './store.ts'

export type LocalRunLogOptions = {
  store: Pick<Store, 'appendEvents' | 'readEvents' | 'findRun'>
  log: Pick<Logger, 'warn' | 'error'>
  /** Some events are kept, the first of which so long after it was appended. */
  onKept?: ((lagMs: number) => void) | undefined
  /** For tests that would rather not wait. */
  timing?: Partial<Timing>
}

type Timing = {
  /** How long an event waits for others to be written with it: a short run is then one row. */
  gatherMs: number
  /** How long `flushed` waits for a database that is away. The events are kept all the same once it is back. */
  flushWithinMs: number
  /** How long `close` tries to get everything kept. */
  closeWithinMs: number
  /** How long a run stays in memory after it is finished and kept: most readers come then. */
  lingerMs: number
  /** How often a reader looks for news of a run that is not run here. */
  lookMs: number
}
const defaultTiming: Timing = { gatherMs: 100, flushWithinMs: 10_000, closeWithinMs: 10_000, lingerMs: 30_000, lookMs: 1_000 }
/** Finished runs are dropped earlier, the oldest first, when together they hold more text than this. */
const lingerChars = 16 * 1024 * 1024
/** What an event costs beside its text, roughly. */
const eventChars = 64

/** A run whose events are in memory, all of them: `events[n].seq === n`. Their number is bounded by the run's own limits. */
type LiveRun = {
  events: RunEvent[]
  chars: number
  finished: boolean
  /** How many of the events the store has. */
  kept: number
  /** When the first was appended of those that are not kept, nor being written. */
  unkeptSince: number | null
  /** The next write: `idle` when there is nothing to write or one is under way. */
  write: { state: 'idle' } | { state: 'due'; timer: NodeJS.Timeout } | { state: 'writing' } | { state: 'lost'; why: unknown }
  /** Writes that failed since the last that did not, and those of them for which the database was not to blame. */
  failures: number
  refusals: number
  sleepers: Set<() => void>
  waiting: Set<{ count: number; settle: (failure?: unknown) => void }>
}

/**
 * The log of the runs of this process: live ones in memory, kept in the store in batches a tenth of a second behind.
 * When the database is away the live view goes on, and what happened is written when it returns.
 * `append` for a run that is not in memory begins a new one, at 0.
 */
export function createLocalRunLog({ store, log, onKept, timing }: LocalRunLogOptions): RunLog {
  const { gatherMs, flushWithinMs, closeWithinMs, lingerMs, lookMs } = { ...defaultTiming, ...timing }
  const live = new Map<RunId, LiveRun>()
  /** Readers of runs that are not in memory. */
  const expecting = new Map<RunId, Set<() => void>>()
  /** Finished and kept, oldest first. */
  const lingering = new Map<RunId, NodeJS.Timeout>()
  let lingeringChars = 0
  let closed = false
  /** After `close` has waited long enough, nothing is tried any more. */
  let gaveUp = false

  function append(runId: RunId, event: UnnumberedEvent): RunEvent {
    if (closed) throw new Error('The run log is closed.')
    const run = live.get(runId) ?? begin(runId)
    if (run.finished) throw new Error(`Run ${runId} has already finished: nothing can happen in it any more.`)
    const numbered: RunEvent = { ...event, seq: run.events.length }
    run.events.push(numbered)
    run.unkeptSince ??= performance.now()
    run.chars += eventChars + ('text' in numbered ? numbered.text.length : 0)
    run.finished = numbered.type === 'finished'
    wake(run.sleepers)
    plan(runId, run)
    return numbered
  }

  function begin(runId: RunId): LiveRun {
    const run: LiveRun = {
      events: [],
      chars: 0,
      finished: false,
      kept: 0,
      unkeptSince: null,
      write: { state: 'idle' },
      failures: 0,
      refusals: 0,
      // Those who came before the run wait on.
      sleepers: expecting.get(runId) ?? new Set(),
      waiting: new Set(),
    }
    expecting.delete(runId)
    live.set(runId, run)
    return run
  }

  /** Decides when what is not kept yet is written. */
  function plan(runId: RunId, run: LiveRun): void {
    if (run.finished && (run.kept === run.events.length || run.write.state === 'lost')) linger(runId, run)
    if (gaveUp || run.kept === run.events.length || run.write.state === 'writing' || run.write.state === 'lost') return
    // While the database is away nothing is urgent: the wait of the last failure stands.
    const urgent = run.failures === 0 && (run.finished || run.waiting.size > 0 || closed)
    if (run.write.state === 'due') {
      if (!urgent) return
      clearTimeout(run.write.timer)
    }
    if (urgent) {
      void write(runId, run)
      return
    }
    const afterMs = run.failures > 0 ? retryDelayMs(run.failures) : gatherMs
    run.write = { state: 'due', timer: setTimeout(() => void write(runId, run), afterMs) }
  }

  /** Never rejects: a failure is a later try, or the end of trying. */
  async function write(runId: RunId, run: LiveRun): Promise<void> {
    run.write = { state: 'writing' }
    const upTo = run.events.length
    const since = run.unkeptSince
    run.unkeptSince = null
    try {
      await store.appendEvents(runId, run.events.slice(run.kept, upTo))
      if (run.failures > 0) log.warn({ run_id: runId, failures: run.failures }, 'The events of a run are kept after all')
      run.kept = upTo
      if (since !== null) onKept?.(performance.now() - since)
      run.failures = 0
      run.refusals = 0
      run.write = { state: 'idle' }
    } catch (error) {
      run.unkeptSince = since
      run.failures++
      if (!isAway(error)) run.refusals++
      if (isHopeless(error, run.refusals)) {
        log.error({ err: error, run_id: runId, lost: run.events.length - run.kept }, 'The events of a run cannot be kept')
        run.write = { state: 'lost', why: error }
      } else {
        if (run.failures === 1) log.warn({ err: error, run_id: runId }, 'The events of a run are not kept yet: trying again')
        run.write = { state: 'idle' }
      }
    }
    for (const one of run.waiting) {
      if (run.write.state === 'lost') one.settle(run.write.why)
      else if (one.count <= run.kept) one.settle()
    }
    plan(runId, run)
  }

  function linger(runId: RunId, run: LiveRun): void {
    lingering.set(runId, setTimeout(() => drop(runId), lingerMs).unref())
    lingeringChars += run.chars
    for (const oldest of lingering.keys()) {
      if (lingeringChars <= lingerChars) return
      drop(oldest)
    }
  }

  function drop(runId: RunId): void {
    clearTimeout(lingering.get(runId))
    lingering.delete(runId)
    lingeringChars -= live.get(runId)?.chars ?? 0
    live.delete(runId)
  }

  function flushed(runId: RunId): Promise<void> {
    const run = live.get(runId)
    // Only what is kept (or was given up, and logged) leaves memory.
    if (!run || run.kept === run.events.length) return Promise.resolve()
    if (run.write.state === 'lost') return Promise.reject(run.write.why)
    const kept = waitUntilKept(run, flushWithinMs)
    plan(runId, run)
    return kept
  }

  function waitUntilKept(run: LiveRun, withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (failure?: unknown) => {
        clearTimeout(timer)
        run.waiting.delete(one)
        if (failure === undefined) resolve()
        else reject(failure)
      }
      const one = { count: run.events.length, settle }
      const timer = setTimeout(() => settle(tooLate()), withinMs)
      run.waiting.add(one)
    })
  }

  async function* read(runId: RunId, { after, signal }: { after: number; signal?: AbortSignal }): AsyncGenerator<RunEvent[]> {
    let position = after
    const nap = sleeper(signal)
    try {
      while (!closed && !signal?.aborted) {
        const run = live.get(runId)
        // Nothing is awaited between looking and going to sleep, so no event can come in between unseen.
        if (run && position + 1 >= run.events.length) {
          if (run.finished) return
          await nap.until(run.sleepers)
          continue
        }
        const events = run ? run.events.slice(Math.max(0, position + 1)) : await store.readEvents(runId, position)
        const last = events.at(-1)
        if (last) {
          position = last.seq
          yield events
          if (last.type === 'finished') return
          continue
        }
        // It has ended before `after`; unless it ended between the two questions, which the next look shows.
        if ((await store.findRun(runId))?.ending && (await store.readEvents(runId, position)).length === 0) return
        // Not finished, and not run here, or not yet: it appears, or another server writes to it.
        if (!live.has(runId)) await nap.until(expectingOf(runId), lookMs)
      }
    } finally {
      nap.end()
      if (expecting.get(runId)?.size === 0) expecting.delete(runId)
    }
  }

  function expectingOf(runId: RunId): Set<() => void> {
    const known = expecting.get(runId) ?? new Set()
    expecting.set(runId, known)
    return known
  }

  async function close(): Promise<void> {
    if (closed) return
    closed = true
    for (const runId of lingering.keys()) drop(runId)
    const last = [...live].map(async ([runId, run]) => {
      wake(run.sleepers)
      if (run.kept === run.events.length || run.write.state === 'lost') return
      const kept = waitUntilKept(run, closeWithinMs)
      plan(runId, run)
      try {
        await kept
      } catch (error) {
        log.error(
          { err: error, run_id: runId, lost: run.events.length - run.kept },
          'The server ends before the events of a run are kept',
        )
        if (run.write.state === 'due') clearTimeout(run.write.timer)
      }
    })
    for (const sleepers of expecting.values()) wake(sleepers)
    await Promise.all(last)
    gaveUp = true
    for (const runId of lingering.keys()) drop(runId)
  }

  return {
    append,
    flushed,
    read,
    soFar: async (runId) => live.get(runId)?.events.slice() ?? store.readEvents(runId, -1),
    async forget(runId) {
      if (lingering.has(runId)) drop(runId)
    },
    close,
  }
}

/** Delays of 0.1 s, doubling to 5 s: a database that returns has everything a few seconds later. */
export function retryDelayMs(failures: number): number {
  return Math.min(5_000, 100 * 2 ** (failures - 1))
}

const isAway = (error: unknown): boolean => isAppError(error) && error.code === 'unavailable'

/** Some minute and a half of trying. A row that comes late (`not-found`) has long come by then. */
const mostRefusals = 24

/**
 * Whether to stop trying. A database that is away comes back, so that is tried for as long as the server lives: no new run
 * starts meanwhile, and those there are have bounds. Anything else that stays is our mistake, and a `conflict` stays:
 * somebody else has ended this run.
 */
export function isHopeless(error: unknown, refusals: number): boolean {
  if (isAway(error)) return false
  return (isAppError(error) && error.code === 'conflict') || refusals >= mostRefusals
}

const tooLate = () =>
  new AppError('unavailable', 'The database does not answer. What happened is held in memory and kept once it does.', {
    retryAfterSec: 5,
  })
