import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunId } from '../../protocol/ids.ts'
import { languages } from '../../sandbox/testing/real-executor.ts'
import { freePort } from '../../server/testing/free-port.ts'
import { startCollector, treeOf } from './testing/collector.ts'
import { startFleet, type Web } from './testing/fleet-of-processes.ts'

// What whoever operates a fleet is told: a real server, worker, Redis, PostgreSQL and sandboxes, each process with everything on.

type Worker = Awaited<ReturnType<Awaited<ReturnType<typeof startFleet>>['startWorker']>>

let fleet: Awaited<ReturnType<typeof startFleet>>
let collector: Awaited<ReturnType<typeof startCollector>>
let web: Web
let worker: Worker
const metricsPorts = { web: 0, worker: 0 }

beforeAll(async () => {
  collector = await startCollector()
  fleet = await startFleet()
  metricsPorts.web = await freePort()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' }
  web = await fleet.startWeb({ env: { ...env, METRICS_PORT: `${metricsPorts.web}` } })
  metricsPorts.worker = await freePort()
  worker = await fleet.startWorker({ env: { ...env, METRICS_PORT: `${metricsPorts.worker}` } })
})
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]()
  collector?.close()
})

const metricsOf = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
const lines = (text: string, start: string): string[] => text.split('\n').filter((line) => line.startsWith(start))
async function ended(runId: string): Promise<Record<string, unknown>> {
  await expect.poll(async () => (await web.find(runId)).verdict, { timeout: 30_000 }).toBeTruthy()
  return web.find(runId)
}
const python = `{language="python",version="${languages.find(({ id }) => id === 'python')?.manifest.version}"`

test('a run is one trace across the server, the queue, the worker and its sandbox', async () => {
  const runId = await web.start('print("hello")')
  await ended(runId)
  const traceOf = () => {
    const [one] = collector.spans.filter(({ attributes }) => attributes['bugghost.run_id'] === runId)
    return collector.spans.filter(({ traceId }) => traceId === one?.traceId)
  }
  await expect.poll(() => traceOf().length, { timeout: 20_000 }).toBe(7)
  const spans = traceOf()
  const [root] = treeOf(spans)
  expect(root?.name).toBe('POST /api/runs')
  expect(root?.children).toContainEqual({ name: 'keep', children: [] })
  expect(root?.children).toContainEqual({
    name: 'enqueue',
    children: [
      {
        name: 'run',
        children: [
          { name: 'queue', children: [] },
          { name: 'sandbox', children: [] },
          { name: 'stage run', children: [] },
        ],
      },
    ],
  })
  const serviceOf = (name: string) => spans.find((span) => span.name === name)?.service
  expect(['POST /api/runs', 'enqueue', 'keep'].map(serviceOf)).toEqual(Array(3).fill('bugghost-web'))
  expect(['run', 'queue', 'sandbox', 'stage run'].map(serviceOf)).toEqual(Array(4).fill('bugghost-worker'))
})

describe('the metrics', () => {
  test('of a worker tell what it ran, and how its sandboxes came to be', async () => {
    await ended(await web.start('print("hello")'))
    const text = await metricsOf(metricsPorts.worker)
    expect(lines(text, `bugghost_runs_total${python},verdict="exited"}`)).toHaveLength(1)
    expect(lines(text, `bugghost_sandboxes_acquired_total${python},from="made"}`)).toHaveLength(1)
    expect(lines(text, 'bugghost_engine_call_seconds_count{call="start",outcome="done"}')).toHaveLength(1)
    expect(lines(text, 'bugghost_event_lag_seconds_count{until="readable"}')).toHaveLength(1)
    expect(lines(text, 'bugghost_engine_up')).toEqual(['bugghost_engine_up 1'])
  })

  test('of a server tell how long the queue is, how late runs are kept, and of runs that ended in it', async () => {
    const queued = async () => lines(await metricsOf(metricsPorts.web), `bugghost_queue_runs${python}}`)
    const long = await web.start('input()')
    const waiting = [await web.start('print(1)'), await web.start('print(2)')]
    await expect.poll(queued, { timeout: 30_000 }).toEqual([`bugghost_queue_runs${python}} 2`])
    await web.ask(`/api/runs/${waiting[1]}/cancel`, { method: 'POST' })
    await web.ask(`/api/runs/${long}/cancel`, { method: 'POST' })
    await ended(waiting[0] as string)
    await expect.poll(queued, { timeout: 30_000 }).toEqual([`bugghost_queue_runs${python}} 0`])
    const text = await metricsOf(metricsPorts.web)
    expect(lines(text, 'bugghost_runs_total').filter((line) => !line.endsWith(' 0'))).toEqual([
      `bugghost_runs_total${python},verdict="cancelled"} 1`,
    ])
    expect(lines(text, 'bugghost_event_lag_seconds_count{until="kept"}')).toHaveLength(1)
    // Its sandboxes are elsewhere.
    expect(lines(text, 'bugghost_engine_up')).toEqual([])
  })
})

describe('the log at its most talkative', () => {
  const marker = 'do-not-tell-anybody'
  const code = `print("${marker}", input())\nopen("left.txt", "w").write("${marker}")\n`
  const request = { stdin: `${marker}\n`, args: [marker], env: { SECRET: marker }, artifacts: ['*.txt'] }
  /** As it lies in the queue. */
  const encoded = Buffer.from(code).toString('base64').slice(0, 24)
  const log = () => [web.log(), worker.log()].join('\n')
  const parsed = () =>
    log()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))

  test('names the run in every line about it, in every process, and nothing it was given or wrote', async () => {
    const runId = await web.start(code, request)
    expect(await ended(runId)).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 } })
    const about = () => parsed().filter(({ run_id }) => run_id === runId)
    await expect
      .poll(() => about().map(({ process, msg }) => `${process}: ${msg}`), { timeout: 10_000 })
      .toEqual(
        expect.arrayContaining([
          'web: A run is in the queue',
          'worker: A run is taken from the queue',
          'worker: A run has ended',
          'web: A run has ended and is kept',
        ]),
      )
    for (const line of log().split('\n')) if (line.includes(runId)) expect(JSON.parse(line).run_id).toBe(runId)
    expect(log()).not.toContain(marker)
    expect(log()).not.toContain(encoded)
  })

  test('nor when its sandbox is lost, of which the sandbox room tells', async () => {
    const runId = await web.start(`import time\nprint("${marker}", flush=True)\ntime.sleep(50)\n`, request)
    await web.read(runId, { onEvent: ({ type }) => void (type === 'output' && fleet.removeSandboxes()) })
    const { verdict } = (await ended(runId)) as { verdict: { kind: string; incident: string } }
    expect(verdict.kind).toBe('sandbox-failed')
    const told = () => parsed().find(({ incident }) => incident === verdict.incident)
    await expect.poll(told).toMatchObject({ process: 'worker', run_id: runId, msg: 'the sandbox was lost' })
    expect(log()).not.toContain(marker)
  })

  test('nor when the database refuses its row, and says which', async () => {
    await fleet.sql("ALTER TABLE runs ADD CONSTRAINT nothing_of_python CHECK (language <> 'python') NOT VALID")
    const response = await web.ask('/api/runs', {
      method: 'POST',
      body: JSON.stringify({ language: 'python', code, ...request }),
    })
    await fleet.sql('ALTER TABLE runs DROP CONSTRAINT nothing_of_python')
    expect(response.status).toBe(503)
    const refused = () => parsed().find(({ msg }) => msg === 'A run could not be kept, so it was stopped')
    await expect.poll(refused).toMatchObject({ err: { code: '23514' } })
    expect(RunId.safeParse(refused().run_id).success).toBe(true)
    expect(log()).not.toContain(marker)
  })

  test('nor when what lies in the queue is no job', async () => {
    const redis = fleet.redis.look()
    const { Queue } = await import('bullmq')
    const { queueName, queuePrefix } = await import('../../server/workers/keys.ts')
    const version = languages.find(({ id }) => id === 'python')?.manifest.version ?? ''
    const queue = new Queue(queueName('python', version), { connection: redis, prefix: queuePrefix, skipVersionCheck: true })
    await queue.add('run', { [marker]: marker, run_id: marker, job: { language: 'python', env: { [marker]: 1 } } })
    await expect
      .poll(() => parsed().some(({ msg }) => msg === 'There is something in the queue that is no job'), { timeout: 10_000 })
      .toBe(true)
    await queue.close()
    redis.disconnect()
    expect(log()).not.toContain(marker)
  })
})
