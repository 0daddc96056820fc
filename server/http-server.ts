import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { Server as SocketServer } from 'socket.io'
import { socketPath } from '../protocol/channel.ts'
import { contract, type Endpoint } from '../protocol/contract.ts'
import { AppError, type ErrorCode, statusOfCode } from '../protocol/errors.ts'
import { KiB } from '../protocol/limits.ts'
import type { Actors } from './actor.ts'
import type { BuiltFiles } from './built-files.ts'
import { type Channel, openChannel } from './channel.ts'
import { clientAddress, clientHeader, countedAs, isTrustedPeer, type TrustedHops } from './client-address.ts'
import { createLogSocket } from './log-socket.ts'
import { isForeign, isKnownHost } from './origin.ts'
import type { Runs } from './runs.ts'
import { isEmbed, isPage, securityHeaders } from './security-headers.ts'
import type { Telemetry } from './telemetry.ts'

export type HttpParts = {
  runs: Runs
  actors: Actors
  log: Logger
  publicUrl: string
  /** Whose X-Forwarded-Host and X-Forwarded-For are believed; from others they are dropped, since anyone can write them. */
  trustProxy: TrustedHops
  dev: boolean
  telemetry: Telemetry
  /** True once the process was told to stop: then it begins nothing new. */
  stopping?(): boolean
  /** Answers what was built for browsers; without it, `handle` does. */
  builtFiles?: BuiltFiles
  /** Answers what is no socket: the pages and the API. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Takes upgrades that are not ours (hot reloading in development). False when it does not want this one either. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

export type HttpServer = {
  /** Resolves with the port. Rejects with what to do when the port cannot be had. */
  listen(port: number, host: string): Promise<number>
  /** Takes no more connections; those there are go on. */
  stopListening(): void
  /** Ends the connections of everybody who watches a run, in the way after which they connect again: to another server, by then. */
  sendViewersAway(): void
  /** Resolves when every answer under way that comes to an end by itself is out, or after `ms`. */
  answered(ms: number): Promise<void>
  /** Gives answers under way a second to get out, then ends every connection. */
  close(): Promise<void>
}

/** Uploads and headers that drip in are somebody holding a connection: see Slowloris. */
const times = { headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5_000 }
const maxConnections = 2_000
const lastAnswersMs = 1_000
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** One port for pages, API, Socket.IO and the raw WebSocket. What is refused here never reaches Next. */
export function createHttpServer(parts: HttpParts): HttpServer {
  const { publicUrl, log, dev } = parts
  const { metrics } = parts.telemetry
  const https = publicUrl.startsWith('https:')
  const machineName = hostname()
  const logSocket = createLogSocket(parts)
  const connections = new Set<Duplex>()
  const answers = new Set<ServerResponse>()

  const server = createServer({ ...times, maxHeaderSize: 16 * KiB }, (request, response) => {
    const refused = refusalOf(request) ?? refusalToBegin(request)
    if (refused) {
      metrics.refused('http', refused.code)
      return refuse(response, refused)
    }
    if (parts.builtFiles?.answer(request, response, pathOf(request))) return
    // In a frame of somebody else's page a browser keeps no cookie of ours, and an embedded run needs none.
    if (isPage(pathOf(request)) && !isEmbed(pathOf(request))) welcome(request, response)
    parts.handle(request, response).catch((err: unknown) => {
      log.error({ err, path: pathOf(request) }, 'A request could not be answered')
      if (response.headersSent) response.destroy()
      else refuse(response, new AppError('internal', 'Something went wrong here, not with your request.'))
    })
  })
  server.maxConnections = maxConnections

  const io: Channel = new SocketServer({
    path: socketPath,
    serveClient: false,
    destroyUpgrade: false,
    maxHttpBufferSize: 256 * KiB,
    perMessageDeflate: false,
    connectTimeout: 10_000,
    pingInterval: 20_000,
    pingTimeout: 15_000,
    allowRequest: (request, decide) => {
      const allowed = refusalOf(request) === null && !isForeignRequest(request)
      decide(allowed ? null : 'Open Bug Ghost itself: another site may not connect in your name.', allowed)
    },
  })
  io.attach(server)
  openChannel(io, parts)
  metrics.lookAt('pages', () => io.engine.clientsCount)

  // Before all others, Socket.IO's own listeners included: they too should see the headers as we leave them.
  server.prependListener('request', (request, response) => {
    prepare(request)
    setSecurityHeaders(request, response)
    // Whoever asks next is to connect anew, and reach a server that stays.
    if (parts.stopping?.()) response.shouldKeepAlive = false
    answers.add(response)
    response.once('close', () => answers.delete(response))
  })
  server.prependListener('upgrade', (request) => prepare(request))
  server.on('upgrade', (request, socket, head) => {
    // Without a listener a connection that breaks during the handshake would take the process with it.
    socket.on('error', (err) => log.debug({ err }, 'An upgrade broke off'))
    if (pathOf(request).startsWith(socketPath)) return
    const refused = refusalOf(request)
    if (refused) return endUpgrade(socket, refused.code)
    if (logSocket.handles(request.url)) {
      return isForeignRequest(request) ? endUpgrade(socket, 'forbidden') : logSocket.upgrade(request, socket, head)
    }
    if (!parts.upgrade?.(request, socket, head)) endUpgrade(socket, 'not-found')
  })
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })

  let toldOfProxy = false
  function prepare({ headers, socket }: IncomingMessage): void {
    const { trustProxy } = parts
    const peer = socket.remoteAddress
    const forwardedFor = headers['x-forwarded-for']
    headers[clientHeader] = countedAs(clientAddress(peer, String(forwardedFor ?? ''), trustProxy))
    if (isTrustedPeer(peer, trustProxy)) {
      // The last one: a proxy that adds to what there is adds it at the end.
      headers.host =
        String(headers['x-forwarded-host'] ?? '')
          .split(',')
          .at(-1)
          ?.trim() || headers.host
      return
    }
    if (forwardedFor !== undefined && !toldOfProxy) {
      toldOfProxy = true
      log.warn(
        { peer },
        'Somebody sends X-Forwarded-For. If it is a proxy of yours, name it in BUGGHOST_TRUST_PROXY: everybody behind it counts as one address',
      )
    }
    for (const name of Object.keys(headers)) if (name.startsWith('x-forwarded-') || name === 'forwarded') delete headers[name]
  }

  function setSecurityHeaders(request: IncomingMessage, response: ServerResponse): void {
    const nonce = randomBytes(16).toString('base64')
    const known = isKnownHost(request.headers.host, publicUrl, machineName)
    const host = known && request.headers.host ? request.headers.host : new URL(publicUrl).host
    for (const [name, value] of Object.entries(securityHeaders({ path: pathOf(request), host, nonce, https, dev }))) {
      response.setHeader(name, value)
      // Next takes the nonce for its scripts from the request.
      if (name === 'content-security-policy') request.headers[name] = value
    }
  }

  /** A page makes its visitor known, so that the requests it then makes at once are all by one person. */
  function welcome(request: IncomingMessage, response: ServerResponse): void {
    const { setCookie } = parts.actors.identify(request.headers.cookie)
    if (setCookie === undefined) return
    response.appendHeader('set-cookie', setCookie)
    const own = setCookie.split(';', 1)[0]
    request.headers.cookie = request.headers.cookie ? `${request.headers.cookie}; ${own}` : own
  }

  function refusalOf(request: IncomingMessage): AppError | null {
    if (!isKnownHost(request.headers.host, publicUrl, machineName)) {
      return new AppError(
        'bad-request',
        `This server is ${publicUrl}. If it should answer to another name, set BUGGHOST_URL to it.`,
      )
    }
    if (!methods.has(request.method ?? '')) {
      return new AppError('method-not-allowed', `${request.method} does nothing here.`)
    }
    if (!canDecode(pathOf(request))) return new AppError('bad-request', 'The address is not percent-encoded UTF-8.')
    return null
  }

  function refusalToBegin(request: IncomingMessage): AppError | null {
    if (!parts.stopping?.() || request.method !== 'POST' || !beginnings.has(pathOf(request))) return null
    return new AppError('unavailable', 'This server is about to stop and begins nothing new. Try again in a moment.', {
      retryAfterSec: 1,
    })
  }

  const isForeignRequest = ({ headers }: IncomingMessage): boolean =>
    isForeign({ origin: headers.origin, host: headers.host, secFetchSite: firstOf(headers['sec-fetch-site']) }, publicUrl)

  return {
    async listen(port, host) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)))
        server.listen(port, host, resolve)
      })
      const address = server.address()
      return address !== null && typeof address === 'object' ? address.port : port
    },
    stopListening() {
      server.close()
    },
    sendViewersAway() {
      // Not io.disconnectSockets(): a client that is told to go does not come back by itself.
      io.engine.close()
      logSocket.sendAway()
      for (const answer of answers) if (isEventStream(answer)) answer.destroy()
    },
    async answered(ms) {
      const ending = [...answers].filter((answer) => !isEventStream(answer) && !pathOf(answer.req).startsWith(socketPath))
      await settledWithin(ms, ending.map(closed))
    },
    async close() {
      server.close()
      server.closeIdleConnections()
      await settledWithin(lastAnswersMs, [...answers].map(closed))
      io.close().catch((err: unknown) => log.debug({ err }, 'Socket.IO closed late'))
      // closeAllConnections() does not know upgraded ones.
      for (const connection of connections) connection.destroy()
    },
  }
}

/** What begins a program. */
const beginnings = new Set(
  Object.values<Endpoint>(contract)
    .filter(({ counted }) => counted)
    .map(({ path }) => path),
)

const isEventStream = (answer: ServerResponse): boolean =>
  String(answer.getHeader('content-type')).startsWith('text/event-stream')

const pathOf = ({ url }: IncomingMessage): string => (url ?? '/').split('?', 1)[0] ?? '/'
const firstOf = (header: string | string[] | undefined): string | undefined =>
  (Array.isArray(header) ? header[0] : header)?.split(',', 1)[0]?.trim()

function canDecode(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

function refuse(response: ServerResponse, { code, message, retryAfterSec }: AppError): void {
  response.writeHead(statusOfCode[code], {
    'content-type': 'application/json',
    'cache-control': 'private, no-store',
    ...(retryAfterSec === undefined ? {} : { 'retry-after': String(retryAfterSec) }),
    ...(code === 'method-not-allowed' ? { allow: [...methods].join(', ') } : {}),
    // Whatever body there is stays unread.
    connection: 'close',
  })
  response.end(JSON.stringify({ error: { code, message } }))
}

function endUpgrade(socket: Duplex, code: ErrorCode): void {
  const status = statusOfCode[code]
  const reason = { forbidden: 'Forbidden', 'not-found': 'Not Found' }[code as string] ?? 'Bad Request'
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(`Port ${port} is taken. Stop what uses it, or choose another one: PORT=${port + 1}`)
    case 'EACCES':
      return new Error(`This user may not listen on port ${port}. Choose one above 1023, such as PORT=3000`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Error(`This machine has no address ${host}. Set HOST to one it has, such as 127.0.0.1 or 0.0.0.0`)
    default:
      return error
  }
}

const closed = (response: ServerResponse): Promise<void> => new Promise((resolve) => response.once('close', resolve))

async function settledWithin(ms: number, promises: Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([Promise.all(promises), late])
  clearTimeout(timer)
}
