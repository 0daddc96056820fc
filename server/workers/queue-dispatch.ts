import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { AppError, isAppError } from '../../protocol/errors.ts'
import type { RunId } from '../../protocol/ids.ts'
import type { RunEvent } from '../../protocol/run.ts'
import type { CancelledBy, Executor, Job } from '../../sandbox/executor.ts'
import type { Dispatch, From, Started, UnderWay } from '../dispatch.ts'
import { ended, inputClosed, noTerminal, notRunning, tooManyResizes, tooManySignals, tooMuchInput } from '../input-refusals.ts'
import { type Places, refusalOf as shortageRefusal } from '../places.ts'
import { newRunId } from '../run-id.ts'
import type { RunLogReader } from '../run-log.ts'
import { noTelemetry, type Telemetry } from '../telemetry.ts'
import { attributesOf, spanOfKeeping } from '../tracing/spans-of-run.ts'
import { endRun } from './end-run.ts'
import { messageOf } from './job-message.ts'
import type { Keeper } from './keeper.ts'
import { channels, queueName, queuePrefix } from './keys.ts'
import { priorityOf } from './priority.ts'
import { redisError } from './redis.ts'
import type { Answer, Sent, SharedRuns } from './shared-runs.ts'

export type QueueDispatchParts = {
  redis: Redis
  shared: SharedRuns
  runLog: RunLogReader
  keeper: Pick<Keeper, 'keep'>
  /** What the workers can run, as it was known a second ago. */
  workers: { state(): ReturnType<Executor['state']> }
  places: Places
  telemetry?: Telemetry
  log: Logger
}

/** How long a caller waits for a run that has ended to be in the database, which may be away. It is kept all the same once that is back. */
const keptWithinMs = 10_000
const keepAgainMs = 250

/** Puts runs into the queue of the workers, and reaches them there. Any server reaches any run, whoever started it. */
export function createQueueDispatch(parts: QueueDispatchParts): Dispatch {
  const { redis, shared, runLog, keeper, workers, log } = parts
  const { metrics, tracing } = parts.telemetry ?? noTelemetry
  const queues = new Map<string, Queue>()
  const closing = new AbortController()

  function queueOf(name: string): Queue {
    const known = queues.get(name)
    if (known) return known
    const queue = new Queue(name, { connection: redis, prefix: queuePrefix, skipVersionCheck: true })
    queue.on('error', (err: Error) => log.debug({ err, queue: name }, 'The queue has trouble'))
    queues.set(name, queue)
    return queue
  }

  function assertRunnable(language: string, version: string) {
    const { engine, languages } = workers.state()
    if (closing.signal.aborted) throw shuttingDown()
    if (!engine.ok) throw new AppError('unavailable', engine.message, { retryAfterSec: 5 })
    const state = languages.find((one) => one.id === language && one.version === version)
    if (!state) throw new AppError('invalid', `There is no ${language} ${version} here.`)
    if (!state.ready)
      throw new AppError('unavailable', `${language} ${version} is not ready: ${state.message}`, { retryAfterSec: 30 })
    return state
  }

  /** Every event of a run, once its ending is in the database. */
  async function follow(runId: RunId, onKept?: (endedAt: number) => void): Promise<readonly RunEvent[]> {
    const events: RunEvent[] = []
    for await (const batch of runLog.read(runId, { after: -1, signal: closing.signal })) events.push(...batch)
    if (events.at(-1)?.type !== 'finished') throw shuttingDown()
    const endedAt = Date.now()
    await keep(runId)
    onKept?.(endedAt)
    return events
  }

  async function keep(runId: RunId): Promise<void> {
    const deadline = performance.now() + keptWithinMs
    for (;;) {
      try {
        await keeper.keep(runId)
        return
      } catch (cause) {
        // Its row has another ending already, which is then the one that counts.
        if (isAppError(cause) && cause.code === 'conflict') return
        if (performance.now() > deadline) {
          throw new AppError(
            'unavailable',
            'The run has ended, but it is not in the database yet. It is kept once that answers.',
            {
              cause,
              retryAfterSec: 5,
            },
          )
        }
        await new Promise((resolve) => setTimeout(resolve, keepAgainMs))
      }
    }
  }

  async function cancel(runId: RunId, by: CancelledBy): Promise<void> {
    for (;;) {
      const answer = await shared.send(runId, { kind: 'cancel', by })
      if (answer !== 'queued') return
      // Nobody has it yet, so nobody else can end it; unless a worker takes it in this moment.
      const appended = await endRun(shared, runId, '', { kind: 'cancelled', by }, metrics)
      if (appended === 'ok' || appended === 'ended') return
    }
  }

  const cancelInBackground = (runId: RunId, by: CancelledBy) => {
    cancel(runId, by).catch((err: unknown) => log.warn({ err, run_id: runId }, 'A run could not be told to stop'))
  }

  /** The events of a job that is no run; nothing stays of it. */
  async function* eventsOnce(id: RunId): AsyncGenerator<RunEvent> {
    try {
      for await (const batch of runLog.read(id, { after: -1, signal: closing.signal })) yield* batch
    } finally {
      await runLog
        .forget(id)
        .catch((err: unknown) => log.debug({ err, run_id: id }, 'A job that is done could not be taken away yet'))
    }
  }

  function underWay(runId: RunId): UnderWay {
    async function send(sent: Sent): Promise<void> {
      const refusal = refusalOf(sent, await asked(() => shared.send(runId, sent)))
      if (refusal) throw refusal
    }
    return {
      write: (text) => send({ kind: 'write', text }),
      endInput: () => send({ kind: 'end' }),
      signal: (signal) => send({ kind: 'signal', signal }),
      resize: ({ columns, rows }) => send({ kind: 'resize', columns, rows }),
      cancel: (by) => asked(() => cancel(runId, by)),
      ended: () => follow(runId),
    }
  }

  async function start(runId: RunId, job: Job, from: From): Promise<Started> {
    const { traceparent } = from
    const { image, imageDigest } = assertRunnable(job.language, job.version)
    const kind = { language: job.language, version: job.version }
    // What is no run has no parent, and is not told of.
    const enqueuing = traceparent === undefined ? undefined : tracing.open('enqueue', 'producer', { under: traceparent })
    try {
      await enqueue(runId, job, { ...from, traceparent: enqueuing?.traceparent })
      enqueuing?.end({ attributes: attributesOf({ runId, ...kind }) })
    } catch (error) {
      enqueuing?.end({ failed: true })
      throw error
    }
    log.debug({ run_id: runId, ...kind }, 'A run is in the queue')
    return {
      image,
      imageDigest,
      async follow() {
        const events = await follow(runId, (endedAt) => {
          if (traceparent !== undefined) tracing.tell(spanOfKeeping(endedAt, Date.now(), { runId, ...kind }), traceparent)
        })
        log.debug({ run_id: runId, ...kind }, 'A run has ended and is kept')
        return events
      },
      // Its worker finds that there is no such run, and stops it.
      abandon: () =>
        void shared.forget(runId).catch((err: unknown) => log.warn({ err, run_id: runId }, 'A run could not be taken back')),
      cancel: (by) => cancelInBackground(runId, by),
    }
  }

  async function enqueue(runId: RunId, job: Job, { address, traceparent }: From): Promise<void> {
    const opened = await asked(() =>
      shared.open(
        runId,
        {
          owner: job.owner,
          address,
          // A job that only formats is no run, and not counted as one.
          ...(job.mode === 'format' ? {} : { kind: { language: job.language, version: job.version } }),
          inputOpen: job.stdinOpen,
          tty: job.tty !== null,
        },
        parts.places,
      ),
    )
    if (opened.kind !== 'ok') throw shortageRefusal(opened.kind, parts.places)
    const name = queueName(job.language, job.version)
    try {
      await queueOf(name).add('run', messageOf(runId, job, traceparent), {
        jobId: runId,
        priority: priorityOf({ ofOwner: opened.ofOwner, interactive: job.interactive ?? false }),
        removeOnComplete: true,
        removeOnFail: true,
      })
    } catch (cause) {
      await shared.forget(runId).catch(() => {})
      throw redisError(cause)
    }
    // Not waited for: a worker that does not hear of it finds it all the same, seconds later.
    redis.publish(channels.jobs, name).catch((err: unknown) => log.debug({ err, run_id: runId }, 'No worker was told of a run'))
  }

  return {
    start,

    async perform(job, from) {
      const id = newRunId()
      const { cancel } = await start(id, job, from)
      return { events: eventsOnce(id), cancel }
    },

    async reach(runId) {
      const state = await asked(() => shared.state(runId))
      return state === null || state === 'ended' ? null : underWay(runId)
    },

    state: () => workers.state(),

    // Of every language there is: a run of one that nobody has any more waits too.
    waiting: () =>
      Promise.all(
        workers.state().languages.map(async ({ id, version }) => ({
          language: id,
          version,
          runs: await queueOf(queueName(id, version)).getJobCountByTypes('waiting', 'prioritized', 'delayed'),
        })),
      ),

    /** Runs on workers go on: another server, or this one after its start, keeps them. */
    async close(_graceMs) {
      closing.abort()
      // The connection is shared and closed by whoever opened it.
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
    },
  }
}

async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (cause) {
    throw isAppError(cause) ? cause : redisError(cause)
  }
}

function refusalOf(sent: Sent, answer: Answer): AppError | null {
  switch (answer) {
    case 'ok':
    case 'queued':
      return null
    case 'ended':
      return ended()
    case 'closed':
      return inputClosed()
    case 'too-large':
      return tooMuchInput()
    case 'too-many':
      return sent.kind === 'resize' ? tooManyResizes() : tooManySignals()
    case 'not-running':
      return notRunning()
    case 'no-terminal':
      return noTerminal()
    default:
      return answer satisfies never
  }
}

const shuttingDown = () =>
  new AppError('unavailable', 'This server is shutting down; the run goes on. Ask for it again in a moment.', {
    retryAfterSec: 5,
  })
