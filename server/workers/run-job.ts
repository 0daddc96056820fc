import type { Logger } from 'pino'
import type { RunId } from '../../protocol/ids.ts'
import type { RunEvent, Signal, Verdict } from '../../protocol/run.ts'
import type { Execution, Executor, Job } from '../../sandbox/executor.ts'
import { logOfRun } from '../log.ts'
import { endedRun } from '../metrics/ended-run.ts'
import type { Telemetry } from '../telemetry.ts'
import { spanOfRun } from '../tracing/spans-of-run.ts'
import type { Traceparent } from '../tracing/tracing.ts'
import { unforeseenEnding } from '../unforeseen-ending.ts'
import type { Sent, SharedRuns } from './shared-runs.ts'

/** Redis may be away for long; what happened is held (a run's limits bound it) and told when it is back. */
const tryAgainMs = 250

export type RunningJob = {
  /** Something is in its inbox. Never rejects. */
  attend(): Promise<void>
  cancel(): void
  /**
   * `done`: its ending is in Redis. `not-started`: nothing of it was executed, so it may be given to somebody else.
   * `taken`: somebody else has ended or got it; here it was stopped. Never rejects.
   */
  outcome: Promise<'done' | 'not-started' | 'taken'>
}

/** One run on a worker: lets it in, and tells Redis what happens. Throws AppError `unavailable` when no sandbox can be had. */
export function runJob({
  runId,
  job,
  traceparent,
  waitedMs,
  worker,
  executor,
  shared,
  newIncident,
  telemetry: { metrics, tracing },
  log: ofAll,
}: {
  runId: RunId
  job: Job
  traceparent: Traceparent | undefined
  /** Since it was accepted: its own clock began then. */
  waitedMs: number
  worker: string
  executor: Executor
  shared: SharedRuns
  newIncident(): string
  telemetry: Telemetry
  log: Logger
}): RunningJob {
  const log = logOfRun(ofAll, runId)
  /** Null until it was asked whether its program may be let in. */
  let permitted: Promise<boolean> | null = null
  const since = performance.now()
  const acceptedAt = Date.now() - waitedMs
  const execution = executor.start(job, {
    permit() {
      permitted = shared.start(runId, worker).catch(() => false)
      return permitted
    },
    log,
  })
  if (ofAll.isLevelEnabled('debug'))
    log().debug({ language: job.language, version: job.version, waitedMs }, 'A run is taken from the queue')
  const told = createTelling()

  /** Sends events as they come: those that come while some are on their way go together. */
  function createTelling() {
    const waiting: RunEvent[] = []
    let sending: Promise<void> | null = null
    let taken = false

    async function send(): Promise<void> {
      while (waiting.length > 0 && !taken) {
        const batch = waiting.splice(0)
        for (;;) {
          const appended = await shared.append(runId, worker, batch).catch((error: Error) => error)
          if (appended === 'ok') {
            for (const { at } of batch) metrics.readable(performance.now() - since - (at - waitedMs))
            break
          }
          if (appended instanceof Error) {
            await new Promise((resolve) => setTimeout(resolve, tryAgainMs))
            continue
          }
          // Somebody believed us dead, and has ended the run. What is said now nobody hears.
          log().warn({ appended }, 'A run was taken from this worker: it is stopped')
          taken = true
          execution.cancel('shutdown')
          return
        }
      }
    }

    return {
      tell(event: RunEvent): void {
        waiting.push(event)
        sending ??= send().finally(() => {
          sending = null
        })
      },
      async all(): Promise<'done' | 'taken'> {
        while (sending) await sending
        return taken ? 'taken' : 'done'
      },
    }
  }

  /** Not when it was refused, and not when this worker stopped before it got so far. What a user stopped has ended. */
  async function mayHaveBegun(verdict: Verdict): Promise<boolean> {
    if (permitted) return permitted
    return !(verdict.kind === 'cancelled' && verdict.by === 'shutdown')
  }

  /** All of it has been said. When Redis took it, this is how the run went. */
  async function ended(events: readonly RunEvent[]): Promise<'done' | 'taken'> {
    const outcome = await told.all()
    if (outcome === 'taken' || job.mode === 'format') return outcome
    const acquired = execution.acquired()
    const run = endedRun(job, events, acquired)
    if (run) metrics.ended(run)
    if (ofAll.isLevelEnabled('debug')) log().debug({ ...run }, 'A run has ended')
    const { language, version } = job
    if (tracing.on)
      tracing.tell(spanOfRun({ runId, language, version, acceptedAt, waitedMs, acquired, events }), traceparent, 'consumer')
    return outcome
  }

  async function follow(): Promise<'done' | 'not-started' | 'taken'> {
    const events: RunEvent[] = []
    const tell = (event: RunEvent) => {
      events.push(event)
      told.tell(event)
    }
    try {
      for await (const event of execution.events) {
        // Nothing but that it ended here: the run itself has not begun.
        if (event.type === 'finished' && !(await mayHaveBegun(event.verdict))) return 'not-started'
        const numbered = { ...event, seq: events.length, at: event.at + waitedMs } as RunEvent
        const isFirst = numbered.type === 'started' && !events.some(({ type }) => type === 'started')
        tell(isFirst ? { ...numbered, image_digest: execution.imageDigest } : numbered)
        if (event.type === 'finished') return ended(events)
      }
      throw new Error('The event stream ended without a `finished` event.')
    } catch (cause) {
      const incident = newIncident()
      log().error({ err: cause, incident }, 'A run ended without telling how')
      tell({ ...unforeseenEnding(events, { kind: 'sandbox-failed', incident }), seq: events.length })
      return ended(events)
    }
  }

  return {
    async attend() {
      try {
        for (const sent of await shared.receive(runId)) deliver(execution, sent)
      } catch (err) {
        log().debug({ err }, 'The inbox of a run could not be read: it is asked again')
      }
    },
    cancel: () => execution.cancel('shutdown'),
    outcome: follow(),
  }
}

function deliver(execution: Execution, sent: Sent): void {
  switch (sent.kind) {
    case 'write':
      execution.write(sent.text)
      break
    case 'end':
      execution.endInput()
      break
    case 'signal':
      execution.signal(sent.signal as Signal)
      break
    case 'resize':
      execution.resize({ columns: sent.columns, rows: sent.rows })
      break
    case 'cancel':
      execution.cancel(sent.by)
      break
    default:
      sent satisfies never
  }
}
