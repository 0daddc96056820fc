import type { Logger } from 'pino'
import type { z } from 'zod'
import type { contract, RunList, UpdateRun } from '../protocol/contract.ts'
import { AppError } from '../protocol/errors.ts'
import type { ActorId, RunId } from '../protocol/ids.ts'
import type { Run, RunEvent, RunRequest, Signal, TerminalSize } from '../protocol/run.ts'
import { applyEvents, emptyTranscript } from '../protocol/transcript.ts'
import type { LoadedLanguage } from '../sandbox/languages.ts'
import { type Action, may, refusalOf } from './access.ts'
import type { Dispatch, UnderWay } from './dispatch.ts'
import { cursorOf, positionOf } from './history-cursor.ts'
import { ended } from './input-refusals.ts'
import { newRun } from './new-run.ts'
import type { RunLogReader } from './run-log.ts'
import { runView, summaryView } from './run-view.ts'
import { endingOf, type RunRecord, type Store, type StoredRun } from './store.ts'
import type { Traceparent } from './tracing/tracing.ts'
import { removedRun, unknownRun } from './unknown-run.ts'

/** The runs of this server and everything people may do with them. Every refusal is an AppError. */
export type Runs = {
  /**
   * Starts a run. Resolves once it is kept for good; `run` is how it stands then, `finished` how it ended, kept for good too.
   * Aborting `signal` (the caller went away) cancels it.
   */
  create(request: RunRequest, actor: ActorId, options?: CreateOptions): Promise<{ run: Run; finished: Promise<Run> }>
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
  /** Takes no more runs, stops those still under way after `graceMs`, and resolves when the last one is kept. */
  close(graceMs?: number): Promise<void>
}

type CreateOptions = {
  signal?: AbortSignal
  traceparent?: Traceparent | undefined
  /** Where it comes from, as it is counted. */
  address?: string
}

type HistoryPage = z.output<(typeof contract)['listRuns']['query']>

export type ArtifactEvent = Extract<RunEvent, { type: 'artifact' }>

export type RunsParts = {
  dispatch: Dispatch
  store: Store
  runLog: RunLogReader
  languages: readonly LoadedLanguage[]
  /** Who sees runs to their end: this server process, or the workers. Kept with every run, so that a later start knows. */
  instance: string
  publicUrl: string
  log: Pick<Logger, 'warn'>
  newRunId(): RunId
  /** Milliseconds since 1970. */
  now(): number
}

export function createRuns(parts: RunsParts): Runs {
  const { dispatch, store, runLog, languages, instance, publicUrl, log } = parts
  /** Those that were started here and are not kept to their end: they are known without asking the store. */
  const started = new Map<RunId, { record: RunRecord; shared: boolean }>()
  const following = new Set<Promise<unknown>>()
  let closing = false

  const compiles = (language: string): boolean => languages.find(({ id }) => id === language)?.manifest.compile !== undefined
  const view = (run: StoredRun, events: readonly RunEvent[]): Run =>
    runView(run, applyEvents(emptyTranscript, events), { compiles: compiles(run.language), publicUrl })
  const viewStarted = (record: RunRecord, events: readonly RunEvent[]): Run =>
    view({ ...record, ending: null, completedAt: null, name: null, pinned: false, shared: false }, events)

  async function create(request: RunRequest, actor: ActorId, { signal, traceparent, address = '' }: CreateOptions = {}) {
    const { record: asked, job } = newRun(request, languages, actor)
    if (closing) throw new AppError('unavailable', 'The server is shutting down. Try again in a moment.', { retryAfterSec: 5 })
    const runId = parts.newRunId()
    // First the run, then its row: the program is already running while the database writes, and a run that no sandbox
    // can be had for leaves nothing behind.
    const run = await dispatch.start(runId, job, { address, traceparent })
    const { image, imageDigest } = run
    const createdAt = new Date(parts.now())
    const record: RunRecord = { ...asked, runId, actorId: actor, instance, image, imageDigest, createdAt }
    const stop = () => run.cancel('client')
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted) stop()
    try {
      await store.createRun(record)
    } catch (cause) {
      signal?.removeEventListener('abort', stop)
      run.abandon()
      log.warn({ err: cause, run_id: runId }, 'A run could not be kept, so it was stopped')
      throw new AppError(
        'unavailable',
        'The run could not be kept, so it was stopped: the database does not answer. Try again.',
        { retryAfterSec: 5 },
      )
    }
    // Only now: an event needs its row. Nobody waits for it, since nobody knows the address before this function answers.
    started.set(runId, { record, shared: false })
    const finished = run
      .follow(createdAt)
      .then((events) => viewStarted(record, events))
      .finally(() => {
        started.delete(runId)
        following.delete(finished)
        signal?.removeEventListener('abort', stop)
      })
    following.add(finished)
    // Whoever wants the ending awaits it; the log has already said why it could not be kept.
    finished.catch(() => {})
    return { run: viewStarted(record, []), finished }
  }

  /** The run under way that `actor` wants to act on; refuses when there is none, or it is somebody else's. */
  async function reach(runId: RunId, actor: ActorId, action: 'write' | 'signal' | 'cancel'): Promise<UnderWay> {
    await own(runId, actor, action)
    const run = await dispatch.reach(runId)
    if (!run) throw ended()
    return run
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
      log.warn({ err, run_id: runId }, 'That a run is shared could not be kept')
    })
  }

  /** Refuses when there is no such run, or `actor` may not do this to it. */
  async function own(runId: RunId, actor: ActorId, action: Exclude<Action, 'read'>): Promise<RunRecord> {
    const record = started.get(runId)?.record ?? (await store.findRun(runId))
    if (!record) throw await missing(runId)
    if (action !== 'share' && !may(actor, action, record)) throw new AppError('forbidden', refusalOf(action))
    return record
  }

  /** A run that somebody reads: without its ending while it goes on here. Null when there is none. */
  async function readBy(reader: ActorId, runId: RunId): Promise<StoredRun | null> {
    const here = started.get(runId)
    if (here) {
      noticeReader(reader, here.record, here)
      return { ...here.record, ending: null, completedAt: null, name: null, pinned: false, shared: here.shared }
    }
    const run = await store.findRun(runId)
    if (run) noticeReader(reader, run, run)
    return run
  }

  return {
    create,

    async find(runId, reader) {
      const run = await readBy(reader, runId)
      if (run) return view(run, await runLog.soFar(runId))
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
      const lines = page.map(async (run) => {
        // The row learns of the ending a moment later than the log.
        const events = run.ending ? [] : await runLog.soFar(run.runId)
        const ending = run.ending ?? (events.at(-1) ? endingOf(events.at(-1) as RunEvent) : null)
        const runs = events.some((event) => event.type === 'started')
        return summaryView({ ...run, ending }, runs ? 'running' : 'queued', publicUrl)
      })
      return {
        runs: await Promise.all(lines),
        next_cursor: found.length > limit && last ? cursorOf(last) : null,
      }
    },

    async update(runId, actor, change) {
      const onlyShares = change.name === undefined && change.pinned === undefined
      await own(runId, actor, onlyShares ? 'share' : 'update')
      await store.updateRun(runId, change)
    },

    async remove(runId, actor) {
      await own(runId, actor, 'delete')
      const run = await dispatch.reach(runId)
      // Whatever became of its last events, they are not wanted.
      await run
        ?.cancel('user')
        .then(run.ended)
        .catch(() => {})
      await store.deleteRun(runId)
      await runLog.forget(runId)
    },

    async events(runId, reader, options) {
      if (!(await readBy(reader, runId))) throw await missing(runId)
      return runLog.read(runId, options)
    },

    eventsSoFar: (runId) => runLog.soFar(runId),

    async write(runId, actor, text) {
      await (await reach(runId, actor, 'write')).write(text.toWellFormed())
    },

    async endInput(runId, actor) {
      await (await reach(runId, actor, 'write')).endInput()
    },

    async signal(runId, actor, signal) {
      await (await reach(runId, actor, 'signal')).signal(signal)
    },

    async resize(runId, actor, size) {
      await (await reach(runId, actor, 'write')).resize(size)
    },

    async artifact(runId, reader, path) {
      await readBy(reader, runId)
      const events = await runLog.soFar(runId)
      return events.find((event): event is ArtifactEvent => event.type === 'artifact' && event.path === path) ?? null
    },

    async cancel(runId, actor) {
      const record = await own(runId, actor, 'cancel')
      const run = await dispatch.reach(runId)
      if (!run) throw ended()
      await run.cancel('user')
      return viewStarted(record, await run.ended())
    },

    async close(graceMs = 0) {
      closing = true
      await dispatch.close(graceMs)
      await Promise.allSettled(following)
    },
  }
}
