import { setTimeout as sleep } from 'node:timers/promises'
import { io, type Socket } from 'socket.io-client'
import type { ClientToServer, ServerToClient } from '../protocol/channel.ts'
import { RunId } from '../protocol/ids.ts'
import { Run, type RunEvent, type RunRequest } from '../protocol/run.ts'
import { visitorCookie } from '../server/actor.ts'

/** What everybody together met with. */
export type Tally = {
  /** POST /api/runs by status. */
  statuses: Map<number, number>
  /** Anything but 202, and 429 or 503 with Retry-After; and every connection that was lost. */
  errors: string[]
  eventsLost: number
  eventsDoubled: number
  eventsDelivered: number
  /** From the request to its answer. */
  acceptedMs: number[]
}

export const emptyTally = (): Tally => ({
  statuses: new Map(),
  errors: [],
  eventsLost: 0,
  eventsDoubled: 0,
  eventsDelivered: 0,
  acceptedMs: [],
})

/** A run as one reader saw it. */
export type Seen = { runId: RunId; askedAt: number; events: RunEvent[]; firstOutputAt: number | null; ended: Promise<Seen> }

/** Somebody with a cookie, an address and a connection of their own. Events are counted as they come, also those that come twice. */
export async function arrive(url: string, address: string, tally: Tally, onEvent: (event: RunEvent) => void = () => {}) {
  const headers = { 'x-forwarded-for': address, cookie: '' }
  const greeting = await fetch(`${url}/api/runs`, { headers })
  headers.cookie =
    greeting.headers
      .getSetCookie()
      .find((one) => one.startsWith(visitorCookie))
      ?.split(';')[0] ?? ''
  await greeting.arrayBuffer()

  const watched = new Map<string, { seen: Seen; end(): void }>()
  const socket: Socket<ServerToClient, ClientToServer> = io(url, {
    forceNew: true,
    transports: ['websocket'],
    extraHeaders: headers,
    reconnectionDelay: 300,
    reconnectionDelayMax: 3_000,
  })
  let leaving = false
  socket.on('disconnect', (reason) => !leaving && tally.errors.push(`a connection was lost: ${reason}`))
  socket.on('connect_error', (error) => tally.errors.push(`no connection: ${error.message}`))
  const follow = (seen: Seen) =>
    socket.emit('run:follow', { run_id: seen.runId, after: seen.events.length - 1 }, (answer) => {
      if (!answer.ok) tally.errors.push(`a run could not be followed: ${answer.error.message}`)
    })
  socket.on('connect', () => {
    for (const { seen } of watched.values()) follow(seen)
  })
  socket.on('run:event', ({ run_id, events }, received) => {
    received()
    const watching = watched.get(run_id)
    if (!watching) return
    const { seen, end } = watching
    for (const event of events) {
      tally.eventsDelivered++
      if (event.seq < seen.events.length) {
        tally.eventsDoubled++
        continue
      }
      tally.eventsLost += event.seq - seen.events.length
      seen.events[event.seq] = event
      if (event.type === 'output') seen.firstOutputAt ??= performance.now()
      onEvent(event)
      if (event.type === 'finished') end()
    }
  })
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
  })

  function watch(runId: RunId, askedAt = performance.now()): Seen {
    const { promise, resolve } = Promise.withResolvers<Seen>()
    const seen: Seen = { runId, askedAt, events: [], firstOutputAt: null, ended: promise }
    const end = () => {
      watched.delete(runId)
      resolve(seen)
    }
    watched.set(runId, { seen, end })
    follow(seen)
    return seen
  }

  /** Asks once. Null, with how long to wait, when it was refused as it should be. */
  async function ask(request: RunRequest): Promise<Seen | { retryAfterSec: number }> {
    const askedAt = performance.now()
    const response = await fetch(`${url}/api/runs`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, wait: false }),
    })
    tally.statuses.set(response.status, (tally.statuses.get(response.status) ?? 0) + 1)
    const body: unknown = await response.json()
    if (response.status === 202) {
      tally.acceptedMs.push(performance.now() - askedAt)
      return watch(RunId.parse(Run.parse(body).run_id), askedAt)
    }
    const retryAfterSec = Number(response.headers.get('retry-after'))
    if (![429, 503].includes(response.status) || !(retryAfterSec > 0))
      tally.errors.push(`${response.status} ${JSON.stringify(body)}`)
    return { retryAfterSec: retryAfterSec || 1 }
  }

  return {
    watch,
    ask,
    /** Asks until it is accepted, and waits as it is told in between. */
    async run(request: RunRequest): Promise<Seen> {
      for (;;) {
        const answer = await ask(request)
        if ('runId' in answer) return answer
        await sleep(answer.retryAfterSec * 1000)
      }
    },
    stop(runId: RunId): void {
      // Refused when it has just ended.
      socket.emit('run:cancel', { run_id: runId })
    },
    /** The run as the server has it. */
    find: async (runId: RunId): Promise<Run> => Run.parse(await (await fetch(`${url}/api/runs/${runId}`, { headers })).json()),
    leave(): void {
      leaving = true
      socket.disconnect()
    },
  }
}
export type Person = Awaited<ReturnType<typeof arrive>>
