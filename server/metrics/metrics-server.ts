import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Logger } from 'pino'
import type { Kind, Metrics } from './metrics.ts'
import { noMetrics } from './metrics.ts'
import { createPrometheus } from './prometheus.ts'

export type MetricsAddress = { host: string; port: number }

export type OpenMetrics = { metrics: Metrics; port: number; close(): Promise<void> }

/**
 * The metrics of this process and, at an address of its own, the page on which Prometheus reads them: it tells how much a server is used, so it
 * is not on the port that people come to. Without an address nothing is counted.
 */
export async function openMetrics(
  address: MetricsAddress | undefined,
  known: readonly Kind[],
  log: Logger,
): Promise<OpenMetrics> {
  if (!address) return { metrics: noMetrics, port: 0, close: async () => {} }
  const prometheus = await createPrometheus({ known, onTrouble: (err) => log.warn({ err }, 'The queue could not be measured') })
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    // Nothing that is sent here is of use.
    request.resume()
    if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end('Metrics are at /metrics.\n')
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end()
    prometheus.text().then(
      (text) => response.writeHead(200, { 'content-type': prometheus.contentType, 'cache-control': 'no-store' }).end(text),
      (err: unknown) => {
        log.error({ err }, 'The metrics could not be read')
        response.writeHead(500).end()
      },
    )
  })
  server.listen(address.port, address.host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new Error(
      `The metrics cannot be served at ${address.host}:${address.port}. Choose another METRICS_PORT or METRICS_HOST.`,
      {
        cause,
      },
    )
  }
  return {
    metrics: prometheus.metrics,
    port: (server.address() as { port: number }).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
