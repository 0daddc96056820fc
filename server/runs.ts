import type { Logger } from 'pino'
import type { z } from 'zod'
import type { contract, RunList, UpdateRun } from '../protocol/contract.ts'
import { AppError, isAppError } from '../protocol/errors.ts'
import type { ActorId, RunId } from '../protocol/ids.ts'
import { requestLimits } from '../protocol/limits.ts'
import type { Run, RunEvent, RunRequest, Signal, TerminalSize, UnnumberedEvent } from '../protocol/run.ts'
import { applyEvents, emptyTranscript } from '../protocol/transcript.ts'
import { bytes } from '../protocol/words.ts'
import type { Execution, Executor } from '../sandbox/executor.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import { may, refusalOf } from './access.ts'
import { cursorOf, positionOf } from './history-cursor.ts'
import { newRun } from './new-run.ts'
import type { RunLog } from './run-log.ts'
import { runView, summaryView } from './run-view.ts'
import { endingOf, type RunRecord, type Store, type StoredRun } from './store.ts'
import { unforeseenEnding } from './unforeseen-ending.ts'
import { removedRun, unknownRun } from './unknown-run.ts'

/** The runs of this server and everything people may do with them. Every refusal is an AppError. */
export type Runs = {
  /**
   * Starts a run. Resolves once it is kept for good; `run` is how it stands then, `finished` how it ended, kept for good too.
   * Aborting `signal` (the caller went away) cancels it.
   */
  create(request: RunRequest, actor: ActorId, options?: { signal?: AbortSignal }): Promise<{ run: Run; finished: Promise<Run> }>
  /** For whoever reads it: that it was somebody else than its owner is kept with the run. */
  find(runId: RunId, reader: ActorId): Promise<Run | null>
  list(actor: ActorId, page: HistoryPage): Promise<z.infer<typeof RunList>>
  /** Names, pins or shares a run. */
  update(runId: RunId, actor: ActorId, change: UpdateRun): Promise<void>
  /** Stops it if it is still going on, and leaves nothing of it. */
  remove(runId: RunId, actor: ActorId): Promise<void>
  /** Events after `after` (-1: all), those there are and then those to come; ends after `finished` or when `signal` aborts. */
  events(runId: RunId, reader: ActorId, options: { after: number; signal?: AbortSignal }): Promise<AsyncIterable<RunEvent[]>>
  /** The events there are, without waiting for more. */
  eventsSoFar(runId: RunId): Promise<readonly RunEvent[]>
  write(runId: RunId, actor: ActorId, text: string): Promise<void>
  endInput(runId: RunId, actor: ActorId): Promise<void>
  signal(runId: RunId, actor: ActorId, signal: Signal): Promise<void>
  resize(runId: RunId, actor: ActorId, size: TerminalSize): Promise<void>
  /** A file the program left, by its path; null when there is no such run or file. */
  artifact(runId: RunId, reader: ActorId, path: string): Promise<ArtifactEvent | null>
  /** Resolves with the run as it ended. */
  cancel(runId: RunId, actor: ActorId): Promise<Run>
  /** Takes no more runs, stops those under way and resolves when the last one is kept. */
  close(): Promise<void>
}

type HistoryPage = z.output<(typeof contract)['listRuns']['query']>

export type ArtifactEvent = Extract<RunEvent, { type: 'artifact' }>

/** A run that is under way here. Its events are held until the last one is kept, so that an answer needs no second look. */
type Active = {
  record: RunRecord
  execution: Execution
  events: RunEvent[]
  typedBytes: number
  signals: number
  resizes: number
  /** Somebody else has read it. */
  shared: boolean
  /** Settles when the ending is kept; rejects with AppError `unavailable` when it cannot be. */
  finished: Promise<Run>
}

export type RunsParts = {
  executor: Executor
  store: Store
  runLog: RunLog
  languages: readonly LoadedLanguage[]
  /** The name of this server process, kept with every run it starts. */
  instance: string
  publicUrl: string
  log: Logger
  newRunId(): RunId
  newIncident(): string
  /** Milliseconds since 1970. */
  now(): number
}

export function createRuns(parts: RunsParts): Runs {
  const { executor, store, runLog, languages, instance, publicUrl, log } = parts
  const active = new Map<RunId, Active>()
  let closing = false

  const compiles = (language: string): boolean => languages.find(({ id }) => id === language)?.manifest.compile !== undefined
  const view = (run: StoredRun, events: readonly RunEvent[]): Run =>
    runView(run, applyEvents(emptyTranscript, events), { compiles: compiles(run.language), publicUrl })
  const viewActive = ({ record, events }: Pick<Active, 'record' | 'events'>): Run =>
    view({ ...record, ending: null, completedAt: null, name: null, pinned: false, shared: false }, events)

  async function create(request: RunRequest, actor: ActorId, { signal }: { signal?: AbortSignal } = {}) {
    const { record: asked, job } = newRun(request, languages, actor)
    if (closing) throw new AppError('unavailable', 'The server is shutting down. Try again in a moment.', { retryAfterSec: 5 })
    // First the sandbox, then the row: the program is already running while the database writes, and a run that no sandbox
    // can be had for leaves nothing behind.
    const execution = executor.start(job)
    const { image, imageDigest } = execution
    const createdAt = new Date(parts.now())
    const record: RunRecord = { ...asked, runId: parts.newRunId(), actorId: actor, instance, image, imageDigest, createdAt }
    const stop = () => execution.cancel('client')
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) stop()
    try {
      await store.createRun(record)
    } catch (cause) {
      signal?.removeEventListener('abort', stop)
      abandon(execution)
      throw new AppError(
        'unavailable',
        'The run could not be kept, so it was stopped: the database does not answer. Try again.',
        {
          cause,
          retryAfterSec: 5,
        },
      )
    }
    // Only now: an event needs its row. Nobody waits for it, since nobody knows the address before this function answers.
    const events: RunEvent[] = []
    const finished = follow(record, execution, events).finally(() => {
      active.delete(record.runId)
      signal?.removeEventListener('abort', stop)
    })
    // Whoever wants the ending awaits it; the log has already said why it could not be kept.
    finished.catch(() => {})
    active.set(record.runId, { record, execution, events, typedBytes: 0, signals: 0, resizes: 0, shared: false, finished })
    if (closing) execution.cancel('shutdown')
    return { run: viewActive({ record, events }), finished }
  }

  /** Moves a run's events into its log until the last one is kept. */
  async function follow(record: RunRecord, execution: Execution, events: RunEvent[]): Promise<Run> {
    const { runId } = record
    await copyEvents(record, execution, events)
    try {
      await runLog.flushed(runId)
    } catch (cause) {
      // A database that is away gets the ending once it is back, and says so in its refusal; anything else has been lost.
      if (isAppError(cause)) throw cause
      throw new AppError('internal', 'The run has ended, but it could not be kept.', { cause })
    }
    return viewActive({ record, events })
  }

  /** Always ends with `finished` in the log, also when the executor breaks its promise of one. */
  async function copyEvents({ runId, createdAt }: RunRecord, execution: Execution, events: RunEvent[]): Promise<void> {
    const append = (event: UnnumberedEvent) => events.push(runLog.append(runId, event))
    const fail = (cause: unknown) => {
      const incident = parts.newIncident()
      log.error({ err: cause, runId, incident }, 'A run ended without telling how')
      const at = Math.max(events.at(-1)?.at ?? 0, parts.now() - createdAt.getTime())
      append(unforeseenEnding(events, { kind: 'sandbox-failed', incident }, at))
    }
    const happening = execution.events[Symbol.asyncIterator]()
    try {
      for (;;) {
        const next = await happening.next()
        if (next.done) return fail(new Error('The event stream ended without a `finished` event.'))
        append(next.value)
        if (next.value.type !== 'finished') continue
        // Not awaited: what the executor still has to tidy up is no reason to keep the answer back.
        happening.return?.()?.then(undefined, (err) => log.error({ err, runId }, 'An execution did not close cleanly'))
        return
      }
    } catch (cause) {
      execution.cancel('shutdown')
      fail(cause)
    }
  }

  /** Stops a run that will never be kept and lets go of its sandbox. */
  function abandon(execution: Execution): void {
    execution.cancel('shutdown')
    const events = execution.events[Symbol.asyncIterator]()
    const drain = async () => {
      while (!(await events.next()).done);
    }
    drain().catch((err) => log.error({ err }, 'An abandoned execution did not close cleanly'))
  }

  /** The run under way that `actor` wants to act on; refuses when there is none, or it is somebody else's. */
  async function reach(runId: RunId, actor: ActorId, action: 'write' | 'signal' | 'cancel'): Promise<Active> {
    const here = active.get(runId)
    const record = here?.record ?? (await store.findRun(runId))
    if (!record) throw await missing(runId)
    if (!may(actor, action, record)) throw new AppError('forbidden', refusalOf(action))
    if (!here || hasEnded(here)) throw new AppError('conflict', 'This run has already ended.')
    return here
  }

  async function missing(runId: RunId): Promise<AppError> {
    const removal = await store.removalOf(runId)
    return removal ? removedRun(removal) : unknownRun()
  }

  /** Whoever reads the run of another was given its address: such a run is shared. Nobody waits for that to be kept. */
  function noticeReader(reader: ActorId, { runId, actorId }: RunRecord, state: { shared: boolean }): void {
    if (reader === actorId || state.shared) return
    state.shared = true
    store.updateRun(runId, { shared: true }).catch((err) => {
      state.shared = false
      log.warn({ err, runId }, 'That a run is shared could not be kept')
    })
  }

  /** A run that is kept, and that `actor` may change. */
  async function reachKept(runId: RunId, actor: ActorId, action: 'share' | 'update' | 'delete'): Promise<void> {
    const record = active.get(runId)?.record ?? (await store.findRun(runId))
    if (!record) throw await missing(runId)
    if (action !== 'share' && !may(actor, action, record)) throw new AppError('forbidden', refusalOf(action))
  }

  return {
    create,

    async find(runId, reader) {
      const here = active.get(runId)
      if (here) noticeReader(reader, here.record, here)
      if (here) return viewActive(here)
      const run = await store.findRun(runId)
      if (run) noticeReader(reader, run, run)
      if (run) return view(run, await store.readEvents(runId, -1))
      const removal = await store.removalOf(runId)
      if (removal) throw removedRun(removal)
      return null
    },

    async list(actor, { cursor, limit, q, language, status, pinned }) {
      const before = cursor === undefined ? undefined : positionOf(cursor)
      // One more than asked for tells whether there is a next page.
      const found = await store.listRuns(actor, {
        limit: limit + 1,
        ...(before ? { before } : {}),
        filter: { text: q || undefined, language, status, pinned: pinned && true },
      })
      const page = found.slice(0, limit)
      const last = page.at(-1)
      return {
        runs: page.map((run) => {
          const here = active.get(run.runId)
          const waits = here && !here.events.some((event) => event.type === 'started')
          // The row learns of the ending a moment later than the log.
          const last = here?.events.at(-1)
          const ending = last ? endingOf(last) : run.ending
          return summaryView({ ...run, ending }, waits ? 'queued' : 'running', publicUrl)
        }),
        next_cursor: found.length > limit && last ? cursorOf(last) : null,
      }
    },

    async update(runId, actor, change) {
      const onlyShares = change.name === undefined && change.pinned === undefined
      await reachKept(runId, actor, onlyShares ? 'share' : 'update')
      await store.updateRun(runId, change)
    },

    async remove(runId, actor) {
      await reachKept(runId, actor, 'delete')
      const here = active.get(runId)
      here?.execution.cancel('user')
      // Whatever became of its last events, they are not wanted.
      await here?.finished.catch(() => {})
      await store.deleteRun(runId)
    },

    async events(runId, reader, options) {
      const here = active.get(runId)
      const run = here ? null : await store.findRun(runId)
      if (here) noticeReader(reader, here.record, here)
      else if (run) noticeReader(reader, run, run)
      else throw await missing(runId)
      return runLog.read(runId, options)
    },

    async eventsSoFar(runId) {
      return active.get(runId)?.events ?? (await store.readEvents(runId, -1))
    },

    async write(runId, actor, text) {
      const run = await reach(runId, actor, 'write')
      const wellFormed = text.toWellFormed()
      const typedBytes = run.typedBytes + Buffer.byteLength(wellFormed)
      // What is typed is kept with the run, so there is an end to it.
      if (typedBytes > requestLimits.stdinBytes) {
        throw new AppError('too-large', `A run takes at most ${bytes(requestLimits.stdinBytes)} of input.`)
      }
      if (!run.execution.write(wellFormed)) throw inputClosed()
      run.typedBytes = typedBytes
    },

    async endInput(runId, actor) {
      if (!(await reach(runId, actor, 'write')).execution.endInput()) throw inputClosed()
    },

    async signal(runId, actor, signal) {
      const run = await reach(runId, actor, 'signal')
      if (run.signals >= maxSignals) throw new AppError('too-many-requests', `A run takes at most ${maxSignals} signals.`)
      if (!run.execution.signal(signal)) throw new AppError('conflict', 'The program is not running, so it cannot take a signal.')
      run.signals += 1
    },

    async resize(runId, actor, size) {
      const run = await reach(runId, actor, 'write')
      if (run.resizes >= maxResizes) throw new AppError('too-many-requests', `A run takes at most ${maxResizes} changes of size.`)
      if (!run.execution.resize(size)) throw new AppError('conflict', 'The program has no terminal, or has ended.')
      run.resizes += 1
    },

    async artifact(runId, reader, path) {
      const here = active.get(runId)
      const run = here ? null : await store.findRun(runId)
      if (here) noticeReader(reader, here.record, here)
      else if (run) noticeReader(reader, run, run)
      const events = await this.eventsSoFar(runId)
      return events.find((event): event is ArtifactEvent => event.type === 'artifact' && event.path === path) ?? null
    },

    async cancel(runId, actor) {
      const run = await reach(runId, actor, 'cancel')
      run.execution.cancel('user')
      return run.finished
    },

    async close() {
      closing = true
      const under = [...active.values()]
      for (const run of under) run.execution.cancel('shutdown')
      await Promise.allSettled(under.map((run) => run.finished))
    },
  }
}

/** Each is an event that is kept with the run, so there is an end to them. */
const maxSignals = 1_000
const maxResizes = 1_000

const inputClosed = (): AppError => new AppError('conflict', 'The input of this run is closed.')

const hasEnded = ({ events }: Active): boolean => events.at(-1)?.type === 'finished'
