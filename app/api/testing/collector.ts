import { once } from 'node:events'
import { createServer } from 'node:http'
import { z } from 'zod'

// For tests: what a collector of traces is to us, a server that takes OTLP as JSON over HTTP (opentelemetry.io/docs/specs/otlp).

const Attribute = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })
const Body = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(Attribute) }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.number(),
              startTimeUnixNano: z.string(),
              endTimeUnixNano: z.string(),
              attributes: z.array(Attribute),
              status: z.object({ code: z.number().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
})

export type CollectedSpan = {
  service: unknown
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  name: string
  /** As OTLP has it: 1 internal, 2 server, 4 producer, 5 consumer. */
  kind: number
  startMs: number
  endMs: number
  attributes: Record<string, unknown>
  failed: boolean
}

export async function startCollector() {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(body)
      if (request.url === '/v1/traces') spans.push(...spansIn(Body.parse(JSON.parse(body))))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    spans,
    /** Everything that was sent, as it came. */
    text: () => bodies.join('\n'),
    close(): void {
      server.close()
      server.closeAllConnections()
    },
  }
}

function spansIn({ resourceSpans }: z.infer<typeof Body>): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => ({
        service: valuesOf(resource.attributes)['service.name'],
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        kind: span.kind,
        startMs: Number(span.startTimeUnixNano) / 1e6,
        endMs: Number(span.endTimeUnixNano) / 1e6,
        attributes: valuesOf(span.attributes),
        failed: span.status.code === 2,
      })),
    ),
  )
}

const valuesOf = (attributes: z.infer<typeof Attribute>[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

export type Tree = { name: string; children: Tree[] }

/** The spans of one trace as a tree of their names, each one's children in the order they began. */
export function treeOf(spans: readonly CollectedSpan[]): Tree[] {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const under = (parent: string | undefined): Tree[] =>
    spans
      .filter(({ parentSpanId }) => (parent === undefined ? !ids.has(parentSpanId ?? '') : parentSpanId === parent))
      .sort((a, b) => a.startMs - b.startMs)
      .map(({ name, spanId }) => ({ name, children: under(spanId) }))
  return under(undefined)
}
