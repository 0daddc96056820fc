import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Run } from '../../protocol/run.ts'
import { languages, openTestExecutor } from '../../sandbox/testing/real-executor.ts'
import { type OpenMetrics, openMetrics } from '../../server/metrics/metrics-server.ts'
import { createServicesAround } from '../../server/sample-services.ts'
import { openTracing } from '../../server/tracing/open-telemetry.ts'
import type { Tracing } from '../../server/tracing/tracing.ts'
import { openServer } from './sample-server.ts'
import { startCollector, treeOf } from './testing/collector.ts'

// What whoever operates a server is told of real runs: the real HTTP server, routes, executor and sandboxes, around a store in memory.

let executor: Awaited<ReturnType<typeof openTestExecutor>>
let server: Awaited<ReturnType<typeof openServer>>
let collector: Awaited<ReturnType<typeof startCollector>>
let measured: OpenMetrics
let tracing: Tracing

beforeAll(async () => {
  collector = await startCollector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  tracing = await openTracing({ on: true, service: 'bugghost-test' })
  const known = languages.map(({ id, manifest }) => ({ language: id, version: manifest.version }))
  measured = await openMetrics({ host: '127.0.0.1', port: 0 }, known, pino({ level: 'silent' }))
  const { metrics } = measured
  executor = await openTestExecutor({ onEngineCall: metrics.engineCall })
  metrics.lookAt('sandboxes', () => executor.state())
  server = await openServer(createServicesAround({ executor, languages, telemetry: { metrics, tracing }, now: Date.now }))
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await executor?.[Symbol.asyncDispose]()
  await measured?.close()
  await tracing?.close()
  collector?.close()
  vi.unstubAllEnvs()
})

async function post(request: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/api/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ language: 'python', ...request }),
  })
}
const metricsNow = async (): Promise<string> => (await fetch(`http://127.0.0.1:${measured.port}/metrics`)).text()
/** The value of the one line that begins so. */
const valueIn = (text: string, line: string): number => {
  const found = text.split('\n').filter((one) => one.startsWith(`${line} `))
  if (found.length !== 1) throw new Error(`${found.length} lines are ${line}\n${text}`)
  return Number(found[0]?.slice(line.length + 1))
}
const python = languages.find(({ id }) => id === 'python')?.manifest.version

describe('after a run the metrics tell', () => {
  let text = ''
  beforeAll(async () => {
    Run.parse(await (await post({ code: 'print("hello")' })).json())
    Run.parse(await (await post({ code: 'import sys; sys.exit(3)' })).json())
    Run.parse(await (await post({ code: 'while True: pass', timeout_sec: 1 })).json())
    text = await metricsNow()
  })
  const of = (more = '') => `{language="python",version="${python}"${more}}`

  test('how many there were, by how they ended', () => {
    expect(valueIn(text, `bugghost_runs_total${of(',verdict="exited"')}`)).toBe(2)
    expect(valueIn(text, `bugghost_runs_total${of(',verdict="time-limit"')}`)).toBe(1)
  })
  test('how long they took and waited', () => {
    expect(valueIn(text, `bugghost_run_duration_seconds_count${of()}`)).toBe(3)
    expect(valueIn(text, `bugghost_run_duration_seconds_sum${of()}`)).toBeGreaterThan(1)
    expect(valueIn(text, `bugghost_run_wait_seconds_count${of()}`)).toBe(3)
  })
  test('that none waited for them, and what a sandbox cost', () => {
    expect(valueIn(text, `bugghost_sandboxes_acquired_total${of(',from="made"')}`)).toBe(3)
    for (const call of ['create', 'attach', 'start', 'ready'])
      expect(valueIn(text, `bugghost_engine_call_seconds_count{call="${call}",outcome="done"}`), call).toBeGreaterThanOrEqual(3)
  })
  test('how far behind readers and the store are', () => {
    expect(valueIn(text, 'bugghost_event_lag_seconds_count{until="readable"}')).toBeGreaterThanOrEqual(3)
    expect(valueIn(text, 'bugghost_event_lag_seconds_count{until="kept"}')).toBeGreaterThanOrEqual(3)
  })
  test('that the engine answers', () => expect(valueIn(text, 'bugghost_engine_up')).toBe(1))
})

test('a refusal is counted by its code', async () => {
  expect((await post({ language: 'cobol', code: 'x' })).status).toBe(422)
  expect((await fetch(`${server.url}/api/nothing`)).status).toBe(404)
  const text = await metricsNow()
  expect(valueIn(text, 'bugghost_refusals_total{door="http",code="invalid"}')).toBe(1)
  expect(valueIn(text, 'bugghost_refusals_total{door="http",code="not-found"}')).toBe(1)
})

test('who reads an event stream is counted until they leave', async () => {
  const { run_id } = await (await post({ code: 'input()', wait: false })).json()
  const leaving = new AbortController()
  const stream = await fetch(`${server.url}/api/runs/${run_id}/events`, { signal: leaving.signal })
  await stream.body?.getReader().read()
  expect(valueIn(await metricsNow(), 'bugghost_connections{kind="event-stream"}')).toBe(1)
  leaving.abort()
  await expect.poll(async () => valueIn(await metricsNow(), 'bugghost_connections{kind="event-stream"}')).toBe(0)
})

describe('a run is one trace', () => {
  const traceId = 'c'.repeat(32)
  const marker = 'not for the collector'

  test('under that of whoever asked for it: the request, the queue, the sandbox, each stage and the keeping', async () => {
    const code = `int main(void) { return 0; /* ${marker} */ }`
    const response = await post(
      { language: 'c', code, stdin: marker, args: [marker], env: { X: marker } },
      { traceparent: `00-${traceId}-${'d'.repeat(16)}-01` },
    )
    const { run_id } = Run.parse(await response.json())
    await expect.poll(() => collector.spans.filter((span) => span.traceId === traceId).length, { timeout: 15_000 }).toBe(7)
    const spans = collector.spans.filter((span) => span.traceId === traceId)
    expect(treeOf(spans)).toEqual([
      {
        name: 'POST /api/runs',
        children: [
          {
            name: 'run',
            children: [
              { name: 'queue', children: [] },
              { name: 'sandbox', children: [] },
              { name: 'stage compile', children: [] },
              { name: 'stage run', children: [] },
            ],
          },
          { name: 'keep', children: [] },
        ],
      },
    ])
    const request = spans.find(({ kind }) => kind === 2)
    expect(request).toMatchObject({ parentSpanId: 'd'.repeat(16), service: 'bugghost-test', failed: false })
    const whole = spans.find(({ name }) => name === 'run')
    expect(whole?.attributes).toMatchObject({ 'bugghost.run_id': run_id, 'bugghost.language': 'c', 'bugghost.verdict': 'exited' })
    expect(spans.find(({ name }) => name === 'sandbox')?.attributes).toEqual({ 'bugghost.sandbox': 'made' })
    // Nothing is outside what it is in.
    for (const span of spans) {
      const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
      if (!parent) continue
      expect(span.startMs, span.name).toBeGreaterThanOrEqual(parent.startMs)
      expect(span.endMs, span.name).toBeLessThanOrEqual(parent.endMs + 1)
    }
    expect(collector.text()).not.toContain(marker)
  })

  test('and one that its asker does not follow is not told of', async () => {
    await post({ code: 'print(1)' }, { traceparent: `00-${'e'.repeat(32)}-${'d'.repeat(16)}-00` })
    await post({ code: 'print(2)' }, { traceparent: `00-${'f'.repeat(32)}-${'d'.repeat(16)}-01` })
    await expect.poll(() => collector.text().includes('f'.repeat(32)), { timeout: 15_000 }).toBe(true)
    expect(collector.text()).not.toContain('e'.repeat(32))
  })
})
