import { hostname } from 'node:os'
import type { Context, SpanOptions, Span as TelemetrySpan } from '@opentelemetry/api'
import { noTracing, type Span, type Traceparent, type Tracing } from './tracing.ts'

/** A collector that does not answer holds the end of a process up no longer than this. */
const lastSendMs = 2_000

/** Sends spans to a collector by OTLP (HTTP, JSON). Where that is, and with which headers, OpenTelemetry reads from its own variables. */
export async function openTracing({ on, service }: { on: boolean; service: string }): Promise<Tracing> {
  if (!on) return noTracing
  // Loaded by nobody else: together they take longer to load than the rest of the server.
  const [api, { W3CTraceContextPropagator }, sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ])
  const named = resources.resourceFromAttributes({ 'service.name': service, 'host.name': hostname() })
  const provider = new sdk.TracerProvider({
    // What the environment says (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) goes first.
    resource: named.merge(resources.detectResources({ detectors: [resources.envDetector] })),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.AlwaysOnSampler() }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const tracer = provider.getTracer('bugghost')
  const propagator = new W3CTraceContextPropagator()
  const kinds = {
    server: api.SpanKind.SERVER,
    producer: api.SpanKind.PRODUCER,
    consumer: api.SpanKind.CONSUMER,
    internal: api.SpanKind.INTERNAL,
  } as const

  const contextOf = (traceparent: Traceparent | undefined): Context =>
    traceparent === undefined ? api.ROOT_CONTEXT : propagator.extract(api.ROOT_CONTEXT, { traceparent }, api.defaultTextMapGetter)

  function traceparentOf(span: TelemetrySpan): Traceparent | undefined {
    const carrier: { traceparent?: Traceparent } = {}
    propagator.inject(api.trace.setSpan(api.ROOT_CONTEXT, span), carrier, api.defaultTextMapSetter)
    return carrier.traceparent
  }

  function tell(span: Span, under: Context, kind: SpanOptions['kind']): void {
    const { name, from, to, attributes, failed, children = [] } = span
    const told = tracer.startSpan(
      name,
      { startTime: from, ...(kind === undefined ? {} : { kind }), ...(attributes ? { attributes } : {}) },
      under,
    )
    if (failed) told.setStatus({ code: api.SpanStatusCode.ERROR })
    for (const child of children) tell(child, api.trace.setSpan(under, told), api.SpanKind.INTERNAL)
    told.end(Math.max(from, to))
  }

  return {
    on,
    open(name, kind, { under, from, attributes }) {
      const options = { kind: kinds[kind], startTime: from ?? Date.now(), ...(attributes ? { attributes } : {}) }
      const span = tracer.startSpan(name, options, contextOf(under))
      return {
        traceparent: traceparentOf(span),
        end({ attributes, failed } = {}) {
          if (attributes) span.setAttributes(attributes)
          if (failed) span.setStatus({ code: api.SpanStatusCode.ERROR })
          span.end(Date.now())
        },
      }
    },
    tell: (span, under, kind = 'internal') => tell(span, contextOf(under), kinds[kind]),
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, lastSendMs).unref())
      // A collector that is away is no reason to end otherwise than planned.
      await Promise.race([provider.shutdown().catch(() => {}), late])
    },
  }
}
