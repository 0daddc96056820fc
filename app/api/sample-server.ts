import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { contract, type Endpoint } from '../../protocol/contract.ts'
import type { TrustedHops } from '../../server/client-address.ts'
import { createHttpServer } from '../../server/http-server.ts'
import type { RouteHandler } from '../../server/route.ts'
import { createSampleServices, type OpenServices } from '../../server/sample-services.ts'
import { provideServices } from '../../server/services.ts'
import * as nothing from './[[...path]]/route.ts'
import * as format from './format/route.ts'
import * as health from './health/route.ts'
import * as languages from './languages/route.ts'
import * as oembed from './oembed/route.ts'
import * as openapi from './openapi.json/route.ts'
import * as artifact from './runs/[run_id]/artifacts/[...path]/route.ts'
import * as cancel from './runs/[run_id]/cancel/route.ts'
import * as events from './runs/[run_id]/events/route.ts'
import * as exported from './runs/[run_id]/exports/[form]/route.ts'
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
  [contract.readArtifact.path, artifact],
  [contract.readExport.path, exported],
  [contract.formatFile.path, format],
  [contract.listLanguages.path, languages],
  [contract.health.path, health],
  [contract.oembed.path, oembed],
  [contract.openapi.path, openapi],
  ['/api/runs/ws/{run_id}/logs', logs],
]

/** Every path of the contract that has no route here, which there must not be. */
export const unroutedPaths = Object.values<Endpoint>(contract)
  .map((endpoint) => endpoint.path)
  .filter((path) => !routes.some(([routed]) => routed === path))

export async function openSampleServer(options: Parameters<typeof createSampleServices>[0] & { trustProxy?: TrustedHops } = {}) {
  return openServer(createSampleServices(options), options)
}

const nobody: TrustedHops = { kind: 'nobody' }

/** Answers HTTP for these services until it is disposed of, and closes them then. */
export async function openServer<S extends OpenServices>(
  services: S,
  { trustProxy = nobody, port: asked = 0 }: { trustProxy?: TrustedHops; port?: number } = {},
) {
  provideServices(services)
  const server = createHttpServer({ ...services, trustProxy, dev: false, handle })
  const port = await server.listen(asked, '127.0.0.1')
  return {
    ...services,
    http: server,
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

function find(pathname: string): [Route, Record<string, string | string[]>] {
  for (const [path, route] of routes) {
    const pattern = new RegExp(
      `^${path.replaceAll('.', '\\.').replace('{run_id}', '(?<run_id>[^/]+)').replace('{form}', '(?<form>[^/]+)').replace('{path}', '(?<path>.+)')}$`,
    )
    const { path: rest, ...params } = pattern.exec(pathname)?.groups ?? {}
    if (pattern.test(pathname)) return [route, rest === undefined ? params : { ...params, path: rest.split('/') }]
  }
  return [nothing, {}]
}
