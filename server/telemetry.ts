import type { Logger } from 'pino'
import type { Env } from './env.ts'
import { type Kind, type Metrics, noMetrics } from './metrics/metrics.ts'
import { openMetrics } from './metrics/metrics-server.ts'
import type { ProcessLife } from './process-life.ts'
import { openTracing } from './tracing/open-telemetry.ts'
import { noTracing, type Tracing } from './tracing/tracing.ts'

/** What a process tells of itself to whoever operates it, beside its log. */
export type Telemetry = { metrics: Metrics; tracing: Tracing }

export const noTelemetry: Telemetry = { metrics: noMetrics, tracing: noTracing }

/** What the settings ask for. What they do not ask for is not loaded. */
export async function openTelemetry(parts: {
  env: Pick<Env, 'metrics' | 'traces'>
  service: 'bugghost-web' | 'bugghost-worker'
  known: readonly Kind[]
  life: Pick<ProcessLife, 'opened'>
  log: Logger
}): Promise<Telemetry> {
  const { env, service, known, life, log } = parts
  const tracing = await openTracing({ on: env.traces, service })
  life.opened('the traces', () => tracing.close())
  const { metrics, close } = await openMetrics(env.metrics, known, log)
  life.opened('the metrics', close)
  return { metrics, tracing }
}
