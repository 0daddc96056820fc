import type { Logger } from 'pino'
import type { Server, Socket } from 'socket.io'
import type { z } from 'zod'
import {
  type Acknowledgement,
  type ClientToServer,
  FollowMessage,
  ResizeMessage,
  RunMessage,
  type ServerToClient,
  SignalMessage,
  StdinMessage,
} from '../protocol/channel.ts'
import { AppError } from '../protocol/errors.ts'
import type { ActorId, RunId } from '../protocol/ids.ts'
import type { RunEvent } from '../protocol/run.ts'
import type { Actors } from './actor.ts'
import { batchesOf } from './event-batches.ts'
import { issuesOf } from './read-body.ts'
import { refusalFor } from './refusal.ts'
import type { Runs } from './runs.ts'
import type { Telemetry } from './telemetry.ts'

/** A person looks at a few runs; a page that follows more has lost count. */
export const maxFollows = 50
/** Fast typing is 15 a second, and several tabs share nothing. */
export const maxMessagesPerSecond = 60
/** A reader that takes longer to apply one batch is gone or asleep; it comes back by connecting again. */
const receivedMs = 30_000
/** Batches on their way to one reader: a short program is told without waiting for an answer in between, a slow page is not buried. */
export const mostOnTheWay = 4

export type Channel = Server<ClientToServer, ServerToClient>
type ChannelSocket = Socket<ClientToServer, ServerToClient>

/** What a connection may do, for every connection that is made. Whether it may be made is decided before. */
export function openChannel(
  io: Channel,
  { runs, actors, telemetry, log }: { runs: Runs; actors: Actors; telemetry: Telemetry; log: Logger },
): void {
  io.on('connection', (socket) => {
    const { actorId } = actors.identify(socket.handshake.headers.cookie)
    limitMessages(socket, telemetry)
    const follows = createFollows(socket, runs, actorId, log)
    socket.on('disconnect', () => follows.stopAll())

    const on = createListener(socket, telemetry, log)
    on('run:follow', FollowMessage, ({ run_id, after }) => follows.start(run_id, after))
    on('run:unfollow', RunMessage, async ({ run_id }) => follows.stop(run_id))
    on('run:stdin', StdinMessage, ({ run_id, data }) => runs.write(run_id, actorId, data))
    on('run:stdin-end', RunMessage, ({ run_id }) => runs.endInput(run_id, actorId))
    on('run:signal', SignalMessage, ({ run_id, signal }) => runs.signal(run_id, actorId, signal))
    on('run:resize', ResizeMessage, ({ run_id, columns, rows }) => runs.resize(run_id, actorId, { columns, rows }))
    on('run:cancel', RunMessage, ({ run_id }) => stop(runs, run_id, actorId))
  })
}

async function stop(runs: Runs, runId: RunId, actorId: ActorId): Promise<void> {
  await runs.cancel(runId, actorId)
}

/** Parses each message, makes its call, and answers it: done, or refused in the words of an HTTP refusal. */
function createListener(socket: ChannelSocket, { metrics }: Telemetry, log: Logger) {
  return function on<S extends z.ZodType>(
    name: keyof ClientToServer,
    schema: S,
    act: (message: z.output<S>) => Promise<void>,
  ): void {
    const listener = async (message: unknown, acknowledge: unknown) => {
      const answer = (given: Acknowledgement) => typeof acknowledge === 'function' && acknowledge(given)
      let about: string | undefined
      try {
        const parsed = schema.safeParse(message)
        if (!parsed.success) {
          const [first] = issuesOf(parsed.error)
          throw new AppError('invalid', `${name}: ${first?.path || 'the message'}: ${first?.message ?? 'not understood'}`)
        }
        about = (parsed.data as { run_id?: string }).run_id
        await act(parsed.data)
        answer({ ok: true })
      } catch (error) {
        const { code, message } = refusalFor(error, log, { event: name, run_id: about })
        metrics.refused('socket', code)
        answer({ ok: false, error: { code, message } })
      }
    }
    socket.on(name, listener)
  }
}

/** Counts every message, also those nobody listens to. */
function limitMessages(socket: ChannelSocket, { metrics }: Telemetry): void {
  let second = 0
  let count = 0
  socket.use((packet, next) => {
    const now = Math.floor(performance.now() / 1000)
    if (now !== second) {
      second = now
      count = 0
    }
    count += 1
    if (count <= maxMessagesPerSecond) return next()
    metrics.refused('socket', 'too-many-requests')
    const acknowledge: unknown = packet.at(-1)
    const message = `More than ${maxMessagesPerSecond} messages in a second.`
    if (typeof acknowledge === 'function') acknowledge({ ok: false, error: { code: 'too-many-requests', message } })
    socket.disconnect(true)
  })
}

/** The runs one socket reads. Each is a loop that holds a position in a log, and nothing else. */
function createFollows(socket: ChannelSocket, runs: Runs, reader: ActorId, log: Logger) {
  const follows = new Map<RunId, AbortController>()

  async function start(runId: RunId, after: number): Promise<void> {
    if (!follows.has(runId) && follows.size >= maxFollows) {
      throw new AppError('too-many-requests', `One connection follows at most ${maxFollows} runs. Unfollow one first.`)
    }
    stop(runId)
    const reading = new AbortController()
    follows.set(runId, reading)
    const forget = () => follows.get(runId) === reading && follows.delete(runId)
    try {
      const events = await runs.events(runId, reader, { after, signal: reading.signal })
      // Not awaited: the message is answered now, the events come as they happen.
      deliver(runId, events, reading.signal)
        .catch((err: unknown) => {
          log.warn({ err, run_id: runId }, 'A reader was dropped')
          // The whole connection, since only that makes the other side connect again and follow from where it got to.
          socket.conn.close()
        })
        .finally(forget)
    } catch (error) {
      forget()
      throw error
    }
  }

  /** Resolves when the reader has everything, or nobody waits for that any more. Rejects when it does not take what it was sent. */
  async function deliver(runId: RunId, batches: AsyncIterable<RunEvent[]>, stopped: AbortSignal): Promise<void> {
    const failed = Promise.withResolvers<never>()
    const onTheWay = new Set<Promise<void>>()
    async function send(): Promise<void> {
      for await (const events of batches) {
        for (const batch of batchesOf(events)) {
          if (stopped.aborted) return
          const taken = received(runId, batch, stopped)
            .catch(failed.reject)
            .finally(() => onTheWay.delete(taken))
          onTheWay.add(taken)
          if (onTheWay.size >= mostOnTheWay) await Promise.race(onTheWay)
        }
      }
      await Promise.all(onTheWay)
    }
    await Promise.race([send(), failed.promise])
  }

  /** Resolves when the reader has applied the batch, or nobody waits for that any more. */
  async function received(runId: RunId, events: RunEvent[], stopped: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stop = () => resolve()
    stopped.addEventListener('abort', stop, { once: true })
    socket.timeout(receivedMs).emit('run:event', { run_id: runId, events }, (late: Error | null) => {
      if (late && !stopped.aborted) reject(new Error(`A batch was not taken within ${receivedMs / 1000} s.`))
      else resolve()
    })
    await promise.finally(() => stopped.removeEventListener('abort', stop))
  }

  function stop(runId: RunId): void {
    follows.get(runId)?.abort()
    follows.delete(runId)
  }

  return {
    start,
    stop,
    stopAll() {
      for (const runId of [...follows.keys()]) stop(runId)
    },
  }
}
