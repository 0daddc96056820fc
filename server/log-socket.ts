import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { type WebSocket, WebSocketServer } from 'ws'
import type { LogMessage } from '../protocol/channel.ts'
import { type ActorId, RunId } from '../protocol/ids.ts'
import type { RunEvent } from '../protocol/run.ts'
import { messageOf, statusOf } from '../protocol/words.ts'
import type { Actors } from './actor.ts'
import { refusalFor } from './refusal.ts'
import type { Runs } from './runs.ts'
import type { Telemetry } from './telemetry.ts'
import { unknownRun } from './unknown-run.ts'

const path = /^\/api\/runs\/ws\/([^/?]+)\/logs\/?(?:\?|$)/

/** A message that is not on its way within this time has a reader that is gone or does not read. */
const sentMs = 30_000
/** How often a silent connection is asked whether it still lives. */
const pingMs = 20_000

/** In the range applications may use, after the HTTP status it stands for. A browser can read it, unlike a refused handshake. */
export const unknownRunCloseCode = 4404

/** "Service Restart" (RFC 6455's registry): come again, and reach another server. */
const restartCloseCode = 1012

/** WS /api/runs/ws/{run_id}/logs, the live log of the first release: text as it comes, then `complete`, then it closes. */
export function createLogSocket({
  runs,
  actors,
  telemetry,
  log,
}: {
  runs: Runs
  actors: Actors
  telemetry: Telemetry
  log: Logger
}) {
  // It only ever listens: a kilobyte of what a client says is more than enough to answer pings and close.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false, clientTracking: false })
  const open = new Set<WebSocket>()
  return {
    /** Asks every reader to come again. */
    sendAway(): void {
      for (const socket of open) socket.close(restartCloseCode)
    },
    handles: (url: string | undefined): boolean => path.test(url ?? ''),
    upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
      sockets.handleUpgrade(request, connection, head, (socket) => {
        socket.on('error', (err) => log.debug({ err }, 'A log reader broke off'))
        socket.once('close', telemetry.metrics.reading('log-socket'))
        open.add(socket)
        socket.once('close', () => open.delete(socket))
        const { actorId } = actors.identify(request.headers.cookie)
        void follow(socket, path.exec(request.url ?? '')?.[1] ?? '', actorId, runs, telemetry, log)
      })
    },
  }
}

async function follow(
  socket: WebSocket,
  address: string,
  reader: ActorId,
  runs: Runs,
  { metrics }: Telemetry,
  log: Logger,
): Promise<void> {
  const reading = new AbortController()
  const runId = RunId.safeParse(address)
  socket.once('close', () => reading.abort())
  const stopPinging = keepAlive(socket)
  try {
    if (!runId.success) throw unknownRun()
    const run = await runs.find(runId.data, reader)
    if (!run) throw unknownRun()
    for await (const events of await runs.events(runId.data, reader, { after: -1, signal: reading.signal })) {
      for (const event of events) {
        const message = messageFor(event, run)
        if (message) await send(socket, message)
      }
    }
    socket.close(1000)
  } catch (error) {
    if (reading.signal.aborted) return
    const { code, message } = refusalFor(error, log, { socket: 'logs', run_id: runId.data })
    metrics.refused('socket', code)
    socket.close(code === 'not-found' ? unknownRunCloseCode : 1011, closeReason(message))
  } finally {
    stopPinging()
  }
}

function messageFor(event: RunEvent, run: { limits: Parameters<typeof messageOf>[1] }): LogMessage | null {
  switch (event.type) {
    case 'output':
      return { type: event.stream, data: event.text }
    case 'finished':
      return {
        type: 'complete',
        data: { status: statusOf(event.verdict), exit_code: event.exit_code, message: messageOf(event, run.limits) },
      }
    case 'started':
    case 'input':
    case 'input-end':
    case 'signal':
    case 'resize':
    case 'usage':
    case 'artifact':
      return null
    default:
      return event satisfies never
  }
}

/** Resolves when the message has left, so that a slow reader holds one message and not all of them. */
async function send(socket: WebSocket, message: LogMessage): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    timer = setTimeout(() => {
      socket.terminate()
      reject(new Error(`A log reader took nothing for ${sentMs / 1000} s.`))
    }, sentMs)
    socket.send(JSON.stringify(message), (error) => (error ? reject(error) : resolve()))
  }).finally(() => clearTimeout(timer))
}

/** Ends a connection whose other side no longer answers, which TCP alone would notice hours later. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  const timer = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, pingMs)
  const stop = () => clearInterval(timer)
  socket.once('close', stop)
  return stop
}

/** A close frame holds 123 bytes of reason. */
const closeReason = (message: string): string => Buffer.from(message).subarray(0, 120).toString().replaceAll('\ufffd', '')
