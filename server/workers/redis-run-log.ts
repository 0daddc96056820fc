import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { isAppError } from '../../protocol/errors.ts'
import type { RunId } from '../../protocol/ids.ts'
import type { RunEvent } from '../../protocol/run.ts'
import type { RunLogReader } from '../run-log.ts'
import { sleeper, wake } from '../sleeper.ts'
import type { Store } from '../store.ts'
import { channels } from './keys.ts'
import { parseBatch, type SharedRuns } from './shared-runs.ts'

/** A run that is read here: its events so far (`events[n].seq === n`), for as long as somebody reads. */
type Tail = {
  events: RunEvent[]
  finished: boolean
  readers: number
  sleepers: Set<() => void>
  /** The look under way; all who want one share it. */
  looking: Promise<void> | null
  /** When to look the next time without news, and how long after that, on our own clock. */
  lookAt: number
  lookInMs: number
}

/** News come by themselves; this finds what was said while the connection was away, and what the database has of a run Redis has lost. */
const lookMs = 1_000
/** A run of which nothing is heard waits in a queue or for a person; thousands of those must not ask every second. */
const mostLookMs = 8_000

/**
 * The log of runs that run on workers: the living in Redis, the finished in the database. Any server reads any run.
 * However many read a run here, Redis is asked once. `subscriber` is a connection of its own: one that listens can do nothing else.
 */
export function createRedisRunLog({
  shared,
  subscriber,
  store,
  log,
}: {
  shared: SharedRuns
  subscriber: Redis
  store: Pick<Store, 'readEvents' | 'appendEvents'>
  log: Pick<Logger, 'warn'>
}): RunLogReader {
  const tails = new Map<RunId, Tail>()
  /** By channel, so that a message finds its run. */
  const byChannel = new Map<string, RunId>()
  let closed = false

  const onMessage = (channel: string, batch: string) => {
    const runId = byChannel.get(channel)
    const tail = runId && tails.get(runId)
    if (!tail) return
    const events = parseBatch(batch)
    // With a gap before it, what is missing is in the stream, and this with it.
    if (!take(tail, events)) void look(runId, tail)
  }
  // What was published while nobody listened is in the streams.
  const onReady = () => {
    for (const [runId, tail] of tails) void subscribe(runId).then(() => look(runId, tail))
  }
  subscriber.on('message', onMessage)
  subscriber.on('ready', onReady)

  /** False when events before these are missing. */
  function take(tail: Tail, events: readonly RunEvent[]): boolean {
    for (const event of events) {
      if (event.seq < tail.events.length) continue
      if (event.seq > tail.events.length) return false
      tail.events.push(event)
      tail.lookInMs = lookMs
      if (event.type === 'finished') tail.finished = true
    }
    wake(tail.sleepers)
    return true
  }

  /** Reads on from where the tail ends: in Redis, and in the database what is no longer (or never was) there. Never rejects. */
  function look(runId: RunId, tail: Tail): Promise<void> {
    tail.looking ??= lookNow(runId, tail).finally(() => {
      tail.looking = null
    })
    return tail.looking
  }

  /** However many readers wait for news, one of them looks, and less often the longer there are none. */
  async function lookInTime(runId: RunId, tail: Tail): Promise<void> {
    const now = performance.now()
    if (now < tail.lookAt) return
    tail.lookAt = now + tail.lookInMs
    tail.lookInMs = Math.min(mostLookMs, 2 * tail.lookInMs)
    await look(runId, tail)
  }

  async function lookNow(runId: RunId, tail: Tail): Promise<void> {
    let state: Awaited<ReturnType<SharedRuns['state']>>
    try {
      const isWhole = take(tail, await shared.events(runId, tail.events.length - 1))
      state = await shared.state(runId)
      // While Redis knows the run, the database has nothing of it.
      if (isWhole && (tail.finished || (state !== null && state !== 'ended'))) return
    } catch (error) {
      log.warn({ err: error, run_id: runId }, 'A run could not be read from Redis: trying again')
      return
    }
    try {
      if (state === null && tail.events.length > 0 && !tail.finished) await salvage(runId, tail)
      // It is there once it has ended; before that this finds nothing.
      take(tail, await store.readEvents(runId, tail.events.length - 1))
    } catch (error) {
      log.warn({ err: error, run_id: runId }, 'A run could not be read from the database: trying again')
    }
  }

  /** Redis has lost a run that is read here: what was read is kept, before its ending is. */
  async function salvage(runId: RunId, tail: Tail): Promise<void> {
    try {
      await store.appendEvents(runId, tail.events)
    } catch (error) {
      if (!(isAppError(error) && error.code === 'conflict')) throw error
      // It has been given up already, after less than was read here. Readers see the same ending, after what they saw.
      const last = (await store.readEvents(runId, -1)).at(-1)
      if (last?.type === 'finished') take(tail, [{ ...last, seq: tail.events.length }])
    }
  }

  async function subscribe(runId: RunId): Promise<void> {
    try {
      await subscriber.subscribe(channels.events(runId))
    } catch (error) {
      // The connection is away: when it is back, everything that is read is subscribed again.
      log.warn({ err: error, run_id: runId }, 'News of a run are not heard for the moment')
    }
  }

  function enter(runId: RunId): Tail {
    const known = tails.get(runId)
    if (known) {
      known.readers++
      return known
    }
    const tail: Tail = {
      events: [],
      finished: false,
      readers: 1,
      sleepers: new Set(),
      looking: null,
      lookAt: 0,
      lookInMs: lookMs,
    }
    tails.set(runId, tail)
    byChannel.set(channels.events(runId), runId)
    return tail
  }

  function leave(runId: RunId, tail: Tail): void {
    if (--tail.readers > 0) return
    tails.delete(runId)
    byChannel.delete(channels.events(runId))
    // On a connection that is away there is nothing to take back.
    subscriber.unsubscribe(channels.events(runId)).catch(() => {})
  }

  async function* read(runId: RunId, { after, signal }: { after: number; signal?: AbortSignal }): AsyncGenerator<RunEvent[]> {
    let position = after
    const isFirst = !tails.has(runId)
    const tail = enter(runId)
    const nap = sleeper(signal)
    try {
      // Listening first, then looking: what happens in between is heard.
      if (isFirst) await subscribe(runId)
      if (tail.events.length === 0) await look(runId, tail)
      while (!closed && !signal?.aborted) {
        if (position + 1 < tail.events.length) {
          const events = tail.events.slice(position + 1)
          position = tail.events.length - 1
          yield events
          continue
        }
        if (tail.finished) return
        await nap.until(tail.sleepers, lookMs)
        if (position + 1 >= tail.events.length && !tail.finished && !closed && !signal?.aborted) await lookInTime(runId, tail)
      }
    } finally {
      nap.end()
      leave(runId, tail)
    }
  }

  return {
    read,
    async soFar(runId) {
      const tail = tails.get(runId)
      if (tail?.finished) return tail.events.slice()
      const events = await shared.events(runId, -1).catch(() => [])
      return events.length > 0 ? events : store.readEvents(runId, -1)
    },
    forget: (runId) => shared.forget(runId),
    async close() {
      closed = true
      subscriber.off('message', onMessage)
      subscriber.off('ready', onReady)
      for (const tail of tails.values()) wake(tail.sleepers)
    },
  }
}
