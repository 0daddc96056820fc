import type { Socket } from 'socket.io-client'
import { z } from 'zod'
import type { Acknowledgement, ClientToServer, ServerToClient } from '../../protocol/channel.ts'
import { contract } from '../../protocol/contract.ts'
import { RunEvent } from '../../protocol/run.ts'
import type { Link, Refusal } from './run-state.ts'

export type RunSocket = Socket<ServerToClient, ClientToServer>

export type Listener = {
  /** `received` must be called once the events are applied. */
  onEvents(events: RunEvent[], received: () => void): void
  onLink(link: Link): void
  onRefused(refusal: Refusal): void
  /** The number of the newest event applied, -1 for none. */
  position(): number
}

/** A socket that works is connected long before; one that a proxy swallows would only fail after its own time limit. */
const patienceMs = 700

const Delivery = z.object({ run_id: z.string(), events: z.array(RunEvent) })

/**
 * Follows a run over Socket.IO and, as long as that has never connected, over server-sent events as well: whatever gets through
 * first. Both may deliver the same event, which the fold takes once. Ends with `close`.
 */
export function followRun(socket: RunSocket, runId: string, listener: Listener): { again(): void; close(): void } {
  let closed = false
  let stream: EventSource | null = null

  function ask(): void {
    socket.emit('run:follow', { run_id: runId, after: listener.position() }, (answer: Acknowledgement) => {
      if (closed) return
      if (answer.ok) {
        stopStream()
        listener.onLink('live')
      } else listener.onRefused({ ...answer.error, issues: [] })
    })
  }
  function onDelivery(message: unknown, received: () => void): void {
    const delivery = Delivery.safeParse(message)
    if (!delivery.success) {
      listener.onRefused({ code: 'internal', message: 'This page does not match the server any more. Reload it.', issues: [] })
    } else if (delivery.data.run_id === runId) listener.onEvents(delivery.data.events, received)
    // Events of a run that was left: taken, so that the server can send the rest of what it holds.
    else received()
  }
  function onDisconnect(): void {
    listener.onLink('reconnecting')
  }
  function onConnectError(): void {
    if (!stream) startStream()
  }

  function startStream(): void {
    const path = contract.readEvents.path.replace('{run_id}', runId)
    stream = new EventSource(`${path}?after=${listener.position()}`)
    stream.onopen = () => listener.onLink('live')
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      const event = RunEvent.safeParse(parsed(data))
      if (!event.success) return
      if (event.data.type === 'finished') stopStream()
      listener.onEvents([event.data], () => {})
    }
    stream.onerror = () => {
      listener.onLink('reconnecting')
      // The browser gives up for good when the server answers with anything but a stream; the socket goes on trying.
      if (stream?.readyState === EventSource.CLOSED) stopStream()
    }
  }
  function stopStream(): void {
    stream?.close()
    stream = null
  }

  socket.on('run:event', onDelivery)
  socket.on('connect', ask)
  socket.on('disconnect', onDisconnect)
  socket.on('connect_error', onConnectError)
  const impatience = setTimeout(() => {
    if (!socket.connected && !stream) startStream()
  }, patienceMs)
  if (socket.connected) ask()
  else socket.connect()

  return {
    again: ask,
    close() {
      if (closed) return
      closed = true
      clearTimeout(impatience)
      stopStream()
      socket.off('run:event', onDelivery)
      socket.off('connect', ask)
      socket.off('disconnect', onDisconnect)
      socket.off('connect_error', onConnectError)
      if (socket.connected) socket.emit('run:unfollow', { run_id: runId })
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // which no schema accepts
  }
}
