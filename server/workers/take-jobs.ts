import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Job as QueueJob, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { isAppError } from '../../protocol/errors.ts'
import type { RunId } from '../../protocol/ids.ts'
import type { Executor } from '../../sandbox/executor.ts'
import { noTelemetry, type Telemetry } from '../telemetry.ts'
import { endRun } from './end-run.ts'
import { jobOf } from './job-message.ts'
import { channels, queueName, queuePrefix } from './keys.ts'
import { type RunningJob, runJob } from './run-job.ts'
import type { SharedRuns } from './shared-runs.ts'

export type TakeJobsOptions = {
  redis: Redis
  /** A connection of its own: one that listens can do nothing else. */
  subscriber: Redis
  shared: SharedRuns
  executor: Executor
  /** The name of this process among the workers. */
  worker: string
  /** Runs at a time, of all languages together. */
  places: number
  newIncident(): string
  telemetry?: Telemetry
  log: Logger
  lookMs?: number
}

/** How long the queue holds a job for a worker that says nothing: then another one gets it. */
const holdMs = 15_000
/** A job is worth another worker's try this often; then the web servers end its run. */
const mostRedeliveries = 5
/** Something new in an inbox is told; what was missed while the connection was away is found this often, and images that came. */
const attendMs = 1_000
/** So are jobs nobody was told of; many workers ask many queues for them. */
const lookForJobsMs = 5_000
/** While it stops, what is left is looked at this often. */
const closingMs = 20
/** A job that a living worker has already, or that cannot be run here just now, is looked at again after this. */
const putOffMs = 3_000

/**
 * Takes jobs from the queues of the languages whose images are here, never more than there are places, and runs them.
 * BullMQ holds, redelivers and orders the jobs; which of them is taken when is decided here, since one machine has many queues and one
 * number of places.
 */
export function takeJobs(options: TakeJobsOptions) {
  const {
    redis,
    subscriber,
    shared,
    executor,
    worker,
    places,
    newIncident,
    telemetry = noTelemetry,
    log,
    lookMs = lookForJobsMs,
  } = options
  /** The queues whose jobs can be run here, by name. */
  const sources = new Map<string, Worker>()
  /** Queues that may have something; asked in turn, so that none is starved. */
  const promising = new Set<string>()
  /** How often each was told to have something: one that answers it is empty may have been told so meanwhile. */
  const told = new Map<string, number>()
  const running = new Map<RunId, { queued: QueueJob; token: string; run: RunningJob }>()
  let taking = 0
  let stopped = false

  function openSources(): void {
    for (const { id, version, ready } of executor.state().languages) {
      const name = queueName(id, version)
      if (!ready || sources.has(name)) continue
      const source = new Worker(name, null, {
        connection: redis,
        prefix: queuePrefix,
        autorun: false,
        skipVersionCheck: true,
        lockDuration: holdMs,
        stalledInterval: holdMs / 3,
        maxStalledCount: mostRedeliveries,
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      })
      source.on('error', (err: Error) => log.debug({ err, queue: name }, 'The queue has trouble'))
      source.on('stalled', () => tellOfJob(name))
      sources.set(name, source)
      // Jobs of workers that died come back to the queue.
      source.startStalledCheckTimer().catch((err: unknown) => log.debug({ err }, 'Lost jobs cannot be looked for yet'))
      promising.add(name)
    }
  }

  /** To all workers: this one may have no place for it. Who does not hear it finds it all the same, later. */
  function tellOfJob(name: string): void {
    redis.publish(channels.jobs, name).catch((err: unknown) => log.debug({ err, queue: name }, 'Nobody was told of a job'))
  }

  /** Fills the free places. */
  function fill(): void {
    while (!stopped && running.size + taking < places) {
      const name = promising.values().next().value
      const source = name && sources.get(name)
      if (!name) return
      // To the end of the line, and out of it when it turns out to be empty.
      promising.delete(name)
      if (!source) continue
      promising.add(name)
      taking++
      void takeOne(name, source)
        .catch((err: unknown) => {
          promising.delete(name)
          log.debug({ err, queue: name }, 'No job could be taken')
        })
        .finally(() => {
          taking--
          fill()
        })
      // One question to a queue at a time is enough to know whether there is more.
      if (promising.size === 1) return
    }
  }

  async function takeOne(name: string, source: Worker): Promise<void> {
    const token = randomBytes(12).toString('hex')
    const toldBefore = told.get(name)
    const queued = await source.getNextJob(token, { block: false })
    if (!queued) {
      if (told.get(name) === toldBefore) promising.delete(name)
      return
    }
    // Told to stop while it asked.
    if (stopped) return putOff(queued, token, 0)
    await begin(queued, token).catch((err: unknown) => log.error({ err, run_id: queued.id }, 'A job could not be begun'))
  }

  async function begin(queued: QueueJob, token: string): Promise<void> {
    let parsed: ReturnType<typeof jobOf>
    try {
      parsed = jobOf(queued.data)
    } catch (err) {
      log.error({ err, run_id: queued.id }, 'There is something in the queue that is no job')
      return done(queued, token)
    }
    const { runId, job, traceparent } = parsed
    const claim = await shared.claim(runId, worker)
    if (claim.kind === 'gone') return done(queued, token)
    if (claim.kind === 'elsewhere') return putOff(queued, token)
    if (claim.kind === 'lost') {
      log.warn({ run_id: runId, lost: claim.worker }, 'A worker died in the middle of a run: it ends as interrupted')
      await endRun(shared, runId, claim.worker, { kind: 'interrupted' }, telemetry.metrics)
      return done(queued, token)
    }
    let run: RunningJob
    try {
      run = runJob({ runId, job, traceparent, waitedMs: claim.waitedMs, worker, executor, shared, newIncident, telemetry, log })
    } catch (err) {
      // The engine has just gone, or the image: somebody else may have it.
      if (!isAppError(err)) log.error({ err, run_id: runId }, 'A run could not be begun')
      await shared.release(runId, worker)
      return putOff(queued, token)
    }
    running.set(runId, { queued, token, run })
    // What was sent while nobody had it.
    void run.attend()
    void run.outcome
      .then(async (outcome) => {
        if (outcome === 'not-started' && (await shared.release(runId, worker).catch(() => false)))
          return putOff(queued, token, stopped ? 0 : putOffMs)
        return done(queued, token)
      })
      .catch((err: unknown) => log.debug({ err, run_id: runId }, 'A job could not be given back'))
      .finally(() => {
        running.delete(runId)
        fill()
      })
  }

  /** The queue needs it no more. One it believes lost comes again, is found to have ended, and goes then. */
  async function done(queued: QueueJob, token: string): Promise<void> {
    await queued
      .moveToCompleted(null, token, false)
      .catch((err: unknown) => log.debug({ err, run_id: queued.id }, 'A job is not taken back'))
  }

  async function putOff(queued: QueueJob, token: string, ms = putOffMs): Promise<void> {
    await queued.moveToDelayed(Date.now() + ms, token)
    if (ms === 0) return tellOfJob(queued.queueName)
    setTimeout(tellOfJob, ms, queued.queueName).unref()
  }

  const onMessage = (channel: string, message: string) => {
    if (channel === channels.jobs) {
      if (!sources.has(message)) return
      told.set(message, (told.get(message) ?? 0) + 1)
      promising.add(message)
      fill()
      return
    }
    void running.get(message as RunId)?.run.attend()
  }
  const listen = () =>
    subscriber.subscribe(channels.jobs, channels.worker(worker)).then(
      // What was told before is not heard any more.
      lookEverywhere,
      (err: unknown) => log.debug({ err }, 'Not listening yet'),
    )
  function lookEverywhere(): void {
    for (const name of sources.keys()) promising.add(name)
    for (const { run } of running.values()) void run.attend()
    fill()
  }
  subscriber.on('message', onMessage)
  subscriber.on('ready', listen)

  const attending = setInterval(() => {
    openSources()
    for (const { run } of running.values()) void run.attend()
    fill()
  }, attendMs)
  const looking = setInterval(lookEverywhere, lookMs)
  const holding = setInterval(() => {
    for (const { queued, token } of running.values()) {
      queued.extendLock(token, holdMs).catch((err: unknown) => log.debug({ err, run_id: queued.id }, 'The hold on a job is lost'))
    }
  }, holdMs / 3)

  openSources()
  const listening = listen()
  fill()

  return {
    /** Resolves when new jobs are heard of. */
    ready: listening,
    running: () => running.size,
    /** Takes no more jobs, lets those under way end for `graceMs`, and stops the rest; those not begun yet go to another worker. */
    async close(graceMs: number): Promise<void> {
      stopped = true
      clearInterval(attending)
      clearInterval(looking)
      const deadline = performance.now() + graceMs
      // Their jobs are given back after their ends are told, and one may just be on its way here.
      while (running.size > 0 || taking > 0) {
        if (performance.now() >= deadline) for (const { run } of running.values()) run.cancel()
        await sleep(closingMs)
      }
      clearInterval(holding)
      subscriber.off('message', onMessage)
      subscriber.off('ready', listen)
      await Promise.allSettled([...sources.values()].map((source) => source.close(true)))
    },
  }
}
