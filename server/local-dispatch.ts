import type { Logger } from 'pino'
import { AppError, isAppError } from '../protocol/errors.ts'
import type { RunId } from '../protocol/ids.ts'
import { requestLimits } from '../protocol/limits.ts'
import type { RunEvent, UnnumberedEvent } from '../protocol/run.ts'
import type { Execution, Executor, Job } from '../sandbox/executor.ts'
import { type Dispatch, type From, mostOfEach, type UnderWay } from './dispatch.ts'
import { inputClosed, noTerminal, notRunning, tooManyResizes, tooManySignals, tooMuchInput } from './input-refusals.ts'
import { logOfRun } from './log.ts'
import { endedRun } from './metrics/ended-run.ts'
import type { Kind } from './metrics/metrics.ts'
import { countPlaces, type Places } from './places.ts'
import type { RunLog } from './run-log.ts'
import { noTelemetry, type Telemetry } from './telemetry.ts'
import { spanOfKeeping, spanOfRun } from './tracing/spans-of-run.ts'
import type { Traceparent } from './tracing/tracing.ts'
import { unforeseenEnding } from './unforeseen-ending.ts'

/** A run that is under way here. Its events are held until the last one is kept, so that an answer needs no second look. */
type Active = Begun & {
  events: RunEvent[]
  typedBytes: number
  signals: number
  resizes: number
  /** Settles when the ending is kept; rejects with AppError when it cannot be. */
  finished: Promise<readonly RunEvent[]>
}

export type LocalDispatchParts = {
  executor: Executor
  places: Places
  runLog: RunLog
  log: Logger
  newIncident(): string
  /** Milliseconds since 1970. */
  now(): number
  telemetry?: Telemetry
}

/** A run that has been given to the executor. */
type Begun = {
  runId: RunId
  kind: Kind
  execution: Execution
  /** On the clock that events count by, and in milliseconds since 1970. */
  since: number
  acceptedAt: number
  traceparent: Traceparent | undefined
  log: () => Logger
}

/** Runs every run in this process. */
export function createLocalDispatch(parts: LocalDispatchParts): Dispatch {
  const { executor, runLog, log: ofAll, newIncident, now, telemetry = noTelemetry } = parts
  const { metrics, tracing } = telemetry
  const places = countPlaces(parts.places)
  const active = new Map<RunId, Active>()
  let closing = false

  /** Moves a run's events into its log until the last one is kept. */
  async function follow(run: Begun, createdAt: Date, events: RunEvent[]): Promise<readonly RunEvent[]> {
    await copyEvents(run, createdAt, events)
    const endedAt = now()
    const ended = endedRun(run.kind, events, run.execution.acquired())
    if (ended) metrics.ended(ended)
    if (ofAll.isLevelEnabled('debug')) run.log().debug({ ...ended }, 'A run has ended')
    try {
      await runLog.flushed(run.runId)
    } catch (cause) {
      // A database that is away gets the ending once it is back, and says so in its refusal; anything else has been lost.
      if (isAppError(cause)) throw cause
      throw new AppError('internal', 'The run has ended, but it could not be kept.', { cause })
    } finally {
      if (tracing.on) trace(run, events, endedAt)
    }
    return events
  }

  function trace({ runId, kind, execution, acceptedAt, traceparent }: Begun, events: readonly RunEvent[], endedAt: number): void {
    const traced = { runId, ...kind, acceptedAt, waitedMs: 0, acquired: execution.acquired(), events }
    tracing.tell(spanOfRun(traced), traceparent)
    tracing.tell(spanOfKeeping(endedAt, now(), traced), traceparent)
  }

  /** Always ends with `finished` in the log, also when the executor breaks its promise of one. */
  async function copyEvents({ runId, execution, since, log }: Begun, createdAt: Date, events: RunEvent[]): Promise<void> {
    const append = (event: UnnumberedEvent) => {
      events.push(runLog.append(runId, event))
      metrics.readable(performance.now() - since - event.at)
    }
    const fail = (cause: unknown) => {
      const incident = newIncident()
      log().error({ err: cause, incident }, 'A run ended without telling how')
      const at = Math.max(events.at(-1)?.at ?? 0, now() - createdAt.getTime())
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
        happening.return?.()?.then(undefined, (err) => log().error({ err }, 'An execution did not close cleanly'))
        return
      }
    } catch (cause) {
      execution.cancel('shutdown')
      fail(cause)
    }
  }

  /** Stops a run that will never be kept and lets go of its sandbox. */
  function abandon({ execution, log }: Begun): void {
    execution.cancel('shutdown')
    const events = execution.events[Symbol.asyncIterator]()
    const drain = async () => {
      while (!(await events.next()).done);
    }
    drain().catch((err) => log().error({ err }, 'An abandoned execution did not close cleanly'))
  }

  /** The execution has its place until it has said how it ended. */
  function execute(job: Job, { address }: From, options?: Parameters<Executor['start']>[1]): Execution {
    const giveBack = places.take(job.owner, address)
    try {
      const execution = executor.start(job, options)
      void execution.finished.then(giveBack)
      return execution
    } catch (error) {
      giveBack()
      throw error
    }
  }

  return {
    async start(runId, job, from) {
      const log = logOfRun(ofAll, runId)
      const since = performance.now()
      const execution = execute(job, from, { log })
      const { traceparent } = from
      const { language, version } = job
      const run: Begun = { runId, kind: { language, version }, execution, since, acceptedAt: now(), traceparent, log }
      if (ofAll.isLevelEnabled('debug')) log().debug({ language, version }, 'A run is accepted')
      return {
        image: execution.image,
        imageDigest: execution.imageDigest,
        follow(createdAt) {
          const events: RunEvent[] = []
          const finished = follow(run, createdAt, events).finally(() => active.delete(runId))
          active.set(runId, { ...run, events, typedBytes: 0, signals: 0, resizes: 0, finished })
          if (closing) execution.cancel('shutdown')
          return finished
        },
        abandon: () => abandon(run),
        cancel: (by) => execution.cancel(by),
      }
    },

    async reach(runId) {
      const run = active.get(runId)
      return run && run.events.at(-1)?.type !== 'finished' ? underWay(run) : null
    },

    perform: async (job, from) => execute(job, from),

    state: () => executor.state(),

    async waiting() {
      const runs = new Map<string, Kind & { runs: number }>()
      for (const { kind, events } of active.values()) {
        if (events.some(({ type }) => type === 'started' || type === 'finished')) continue
        const key = `${kind.language} ${kind.version}`
        runs.set(key, { ...kind, runs: (runs.get(key)?.runs ?? 0) + 1 })
      }
      return [...runs.values()]
    },

    async close(graceMs) {
      const deadline = setTimeout(() => {
        closing = true
        for (const run of active.values()) run.execution.cancel('shutdown')
      }, graceMs)
      while (active.size > 0) await Promise.allSettled([...active.values()].map((run) => run.finished))
      clearTimeout(deadline)
      closing = true
    },
  }
}

function underWay(run: Active): UnderWay {
  const { execution } = run
  return {
    async write(text) {
      const typedBytes = run.typedBytes + Buffer.byteLength(text)
      // What is typed is kept with the run, so there is an end to it.
      if (typedBytes > requestLimits.stdinBytes) throw tooMuchInput()
      if (!execution.write(text)) throw inputClosed()
      run.typedBytes = typedBytes
    },
    async endInput() {
      if (!execution.endInput()) throw inputClosed()
    },
    async signal(signal) {
      if (run.signals >= mostOfEach.signals) throw tooManySignals()
      if (!execution.signal(signal)) throw notRunning()
      run.signals += 1
    },
    async resize(size) {
      if (run.resizes >= mostOfEach.resizes) throw tooManyResizes()
      if (!execution.resize(size)) throw noTerminal()
      run.resizes += 1
    },
    async cancel(by) {
      execution.cancel(by)
    },
    ended: () => run.finished,
  }
}
