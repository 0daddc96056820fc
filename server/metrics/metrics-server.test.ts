import { createServer } from 'node:net'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { noMetrics } from './metrics.ts'
import { type OpenMetrics, openMetrics } from './metrics-server.ts'

const log = pino({ level: 'silent' })
let opened: OpenMetrics | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

async function open() {
  opened = await openMetrics({ host: '127.0.0.1', port: 0 }, [], log)
  return { ...opened, url: `http://127.0.0.1:${opened.port}` }
}

test('without an address nothing listens and nothing is counted', async () => {
  expect(await openMetrics(undefined, [], log)).toMatchObject({ metrics: noMetrics, port: 0 })
})

test('Prometheus reads its own format at /metrics, with what Node tells of the process', async () => {
  const { url, metrics } = await open()
  metrics.refused('http', 'too-many-requests')
  const response = await fetch(`${url}/metrics`)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  expect(text).toContain('bugghost_refusals_total{door="http",code="too-many-requests"} 1')
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m)
  expect(text).toMatch(/^process_cpu_seconds_total /m)
})

test.each([
  ['another address', '/', 'GET', 404],
  ['another method', '/metrics', 'POST', 405],
])('%s is refused', async (_, path, method, status) => {
  const { url } = await open()
  expect((await fetch(url + path, { method })).status).toBe(status)
})

test('a port that is taken is said so, with what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as { port: number }
  await expect(openMetrics({ host: '127.0.0.1', port }, [], log)).rejects.toThrow(/127\.0\.0\.1.*METRICS_PORT/)
  other.close()
})
