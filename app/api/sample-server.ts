import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { contract, type Endpoint } from '../../protocol/contract.ts'
import { createHttpServer } from '../../server/http-server.ts'
import type { RouteHandler } from '../../server/route.ts'
import { createSampleServices } from '../../server/sample-services.ts'
import { provideServices } from '../../server/services.ts'
import * as nothing from './[[...path]]/route.ts'
import * as health from './health/route.ts'
import * as languages from './languages/route.ts'
import * as openapi from './openapi.json/route.ts'
import * as cancel from './runs/[run_id]/cancel/route.ts'
import * as events from './runs/[run_id]/events/route.ts'
import * as run from './runs/[run_id]/route.ts'
import * as stdin from './runs/[run_id]/stdin/route.ts'
import * as runs from './runs/route.ts'
import * as logs from './runs/ws/[run_id]/logs/route.ts'

// For tests: the real HTTP server with the real route handlers, and a few lines where Next would stand between them.

type Route = Record<string, RouteHandler>
const routes: [path: string, route: Route][] = [
  [contract.createRun.path, runs],
  [contract.getRun.path, run],
  [contract.cancelRun.path, cancel],
  [contract.writeStdin.path, stdin],
  [contract.readEvents.path, events],
  [contract.listLanguages.path, languages],
  [contract.health.path, health],
  [contract.openapi.path, openapi],
  ['/api/runs/ws/{run_id}/logs', logs],
]

/** Every path of the contract that has no route here, which there must not be. */
export const unroutedPaths = Object.values<Endpoint>(contract)
  .map((endpoint) => endpoint.path)
  .filter((path) => !routes.some(([routed]) => routed === path))

export async function openSampleServer(options: Parameters<typeof createSampleServices>[0] & { trustProxy?: boolean } = {}) {
  const services = createSampleServices(options)
  provideServices(services)
  const server = createHttpServer({ ...services, trustProxy: options.trustProxy ?? false, dev: false, handle })
  const port = await server.listen(0, '127.0.0.1')
  return {
    ...services,
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.stopListening()
      await services.close()
      await server.close()
    },
  }
}

async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  if (!url.pathname.startsWith('/api')) return void outgoing.end('<!doctype html>')
  const [route, params] = find(url.pathname)
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  const method = incoming.method ?? 'GET'
  const request = new Request(url, {
    method,
    headers: Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
      value ? [[name, String(value)]] : [],
    ),
    signal: gone.signal,
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' }),
  } as RequestInit)
  const response = await (route[method] as RouteHandler)(request, { params: Promise.resolve(params) })
  outgoing.statusCode = response.status
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value)
  outgoing.flushHeaders()
  if (!response.body) return void outgoing.end()
  Readable.fromWeb(response.body as NodeStream)
    .on('error', () => outgoing.destroy())
    .pipe(outgoing)
  outgoing.once('close', () => void response.body?.cancel().catch(() => {}))
}

function find(pathname: string): [Route, Record<string, string>] {
  for (const [path, route] of routes) {
    const pattern = new RegExp(`^${path.replaceAll('.', '\\.').replace('{run_id}', '(?<run_id>[^/]+)')}$`)
    const found = pattern.exec(pathname)
    if (found) return [route, { ...found.groups }]
  }
  return [nothing, {}]
}
