import { expect, test, vi } from 'vitest'
import type { EndedRun } from './metrics.ts'
import { createPrometheus } from './prometheus.ts'

const known = [{ language: 'python', version: '3.13' }]
const run: EndedRun = { ...(known[0] as (typeof known)[0]), verdict: 'exited', waitedMs: 20, durationMs: 300, acquired: null }
const acquired = { from: 'waiting', queuedMs: 0, makingMs: 0 } as const

async function open() {
  const onTrouble = vi.fn()
  const prometheus = await createPrometheus({ known, onTrouble })
  /** The lines that begin with this, of what has happened. */
  const lines = async (start: string) =>
    (await prometheus.text()).split('\n').filter((line) => line.startsWith(start) && !/_total{.*} 0$/.test(line))
  return { ...prometheus, lines, onTrouble }
}

test('a run is counted by its language, its version and how it ended', async () => {
  const { metrics, lines } = await open()
  metrics.ended(run)
  metrics.ended({ ...run, verdict: 'time-limit' })
  metrics.ended(run)
  expect(await lines('bugghost_runs_total')).toEqual([
    'bugghost_runs_total{language="python",version="3.13",verdict="exited"} 2',
    'bugghost_runs_total{language="python",version="3.13",verdict="time-limit"} 1',
  ])
})

test('a language that no manifest knows makes no label of its own', async () => {
  const { metrics, lines } = await open()
  for (let n = 0; n < 100; n++) metrics.ended({ ...run, language: `made-up-${n}` })
  expect(await lines('bugghost_runs_total')).toEqual(['bugghost_runs_total{language="other",version="",verdict="exited"} 100'])
})

test('the wait and the duration of a run are told in seconds', async () => {
  const { metrics, lines } = await open()
  metrics.ended(run)
  expect(await lines('bugghost_run_wait_seconds_sum')).toEqual([
    'bugghost_run_wait_seconds_sum{language="python",version="3.13"} 0.02',
  ])
  expect(await lines('bugghost_run_duration_seconds_sum')).toEqual([
    'bugghost_run_duration_seconds_sum{language="python",version="3.13"} 0.3',
  ])
})

test('a run that never began has no wait and no duration', async () => {
  const { metrics, lines } = await open()
  metrics.ended({ ...run, verdict: 'cancelled', waitedMs: null })
  expect(await lines('bugghost_runs_total')).toHaveLength(1)
  expect([...(await lines('bugghost_run_wait_seconds_')), ...(await lines('bugghost_run_duration_seconds_'))]).toEqual([])
})

test('a sandbox that waited is a hit, one that had to be made a miss, and a run without one is neither', async () => {
  const { metrics, lines } = await open()
  metrics.ended({ ...run, acquired })
  metrics.ended({ ...run, acquired: { ...acquired, from: 'made', makingMs: 400 } })
  metrics.ended({ ...run, acquired: null })
  expect(await lines('bugghost_sandboxes_acquired_total')).toEqual([
    'bugghost_sandboxes_acquired_total{language="python",version="3.13",from="waiting"} 1',
    'bugghost_sandboxes_acquired_total{language="python",version="3.13",from="made"} 1',
  ])
})

test('a reader counts from when it comes to when it goes, however often it says so', async () => {
  const { metrics, lines } = await open()
  const leave = metrics.reading('event-stream')
  metrics.reading('event-stream')
  metrics.lookAt('pages', () => 7)
  expect(await lines('bugghost_connections')).toEqual([
    'bugghost_connections{kind="event-stream"} 2',
    'bugghost_connections{kind="page"} 7',
  ])
  leave()
  leave()
  expect(await lines('bugghost_connections{kind="event-stream"}')).toEqual(['bugghost_connections{kind="event-stream"} 1'])
})

test('the queue is looked at when somebody asks, and what is no longer in it is not told of', async () => {
  const { metrics, lines } = await open()
  let runs = 3
  metrics.lookAt('waiting', async () => (runs > 0 ? [{ language: 'python', version: '3.13', runs }] : []))
  expect(await lines('bugghost_queue_runs')).toEqual(['bugghost_queue_runs{language="python",version="3.13"} 3'])
  runs = 0
  expect(await lines('bugghost_queue_runs')).toEqual([])
})

test('a queue that cannot be asked costs its own line alone', async () => {
  const { metrics, lines, onTrouble } = await open()
  metrics.ended(run)
  metrics.lookAt('waiting', () => Promise.reject(new Error('Redis is away')))
  expect(await lines('bugghost_queue_runs')).toEqual([])
  expect(await lines('bugghost_runs_total')).toHaveLength(1)
  expect(onTrouble).toHaveBeenCalledWith(new Error('Redis is away'))
})

test('a process without sandboxes says nothing of an engine', async () => {
  const { metrics, lines } = await open()
  expect(await lines('bugghost_engine_up')).toEqual([])
  let ok = true
  metrics.lookAt('sandboxes', () => ({ engine: { ok, message: '' }, sandboxes: { waiting: 2, running: 1, queued: 0 } }))
  expect(await lines('bugghost_engine_up')).toEqual(['bugghost_engine_up 1'])
  expect(await lines('bugghost_sandboxes{')).toEqual([
    'bugghost_sandboxes{state="waiting"} 2',
    'bugghost_sandboxes{state="running"} 1',
  ])
  ok = false
  expect(await lines('bugghost_engine_up')).toEqual(['bugghost_engine_up 0'])
})

test('an event that is read by a clock a moment behind is not early', async () => {
  const { metrics, lines } = await open()
  metrics.readable(-3)
  metrics.kept(120)
  expect(await lines('bugghost_event_lag_seconds_sum')).toEqual([
    'bugghost_event_lag_seconds_sum{until="readable"} 0',
    'bugghost_event_lag_seconds_sum{until="kept"} 0.12',
  ])
})

test('what is ours is named so, in base units, and what only grows ends in _total', async () => {
  const ours = (await open()).definitions().filter(({ name }) => !/^(process|nodejs)_/.test(name))
  expect(ours.length).toBeGreaterThan(8)
  for (const { name, type } of ours) {
    expect(name).toMatch(/^bugghost_[a-z_]+$/)
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
  }
})

test('our own failures are told before there are any, so that the first one is seen to be more', async () => {
  const text = await (await open()).text()
  expect(text).toContain('bugghost_runs_total{language="python",version="3.13",verdict="sandbox-failed"} 0')
  expect(text).toContain('bugghost_refusals_total{door="http",code="too-many-requests"} 0')
})
