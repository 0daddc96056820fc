import { expect, test } from 'vitest'
import type { RunEvent } from '../../protocol/run.ts'
import { sampleEvents, sampleRunId } from '../sample-run.ts'
import { spanOfRun, type TracedRun } from './spans-of-run.ts'

const [started, output, finished] = sampleEvents(['secret'], 90) as [RunEvent, RunEvent, RunEvent]
const run: TracedRun = {
  runId: sampleRunId(),
  language: 'c',
  version: '14',
  acceptedAt: 1_000,
  waitedMs: 0,
  acquired: { from: 'waiting', queuedMs: 5, makingMs: 0 },
  events: [
    { ...started, stage: 'compile', at: 10 } as RunEvent,
    { ...started, seq: 1, stage: 'run', at: 40 } as RunEvent,
    { ...output, seq: 2, at: 41 },
    { ...finished, seq: 3 },
  ],
}
const times = (of: TracedRun) => spanOfRun(of).children?.map(({ name, from, to }) => [name, from, to])

test('a run is told as its wait, its sandbox and its stages, each beginning where it began', () => {
  expect(spanOfRun(run)).toMatchObject({ name: 'run', from: 1_000, to: 1_090 })
  expect(times(run)).toEqual([
    ['queue', 1_000, 1_005],
    ['sandbox', 1_005, 1_005],
    ['stage compile', 1_010, 1_040],
    ['stage run', 1_040, 1_090],
  ])
})

test('a sandbox that had to be made takes its time, after the queue of the workers and that for a place', () => {
  const late = { ...run, waitedMs: 200, acquired: { from: 'made', queuedMs: 30, makingMs: 400 } } as const
  expect(times(late)?.slice(0, 2)).toEqual([
    ['queue', 1_000, 1_230],
    ['sandbox', 1_230, 1_630],
  ])
})

test('a run that never had a sandbox was in the queue all the time', () => {
  expect(times({ ...run, acquired: null, events: [{ ...finished, seq: 0 }] })).toEqual([['queue', 1_000, 1_090]])
})

test('what is said of it is its id, its language and its ending, and nothing of the program', () => {
  expect(spanOfRun(run).attributes).toEqual({
    'bugghost.run_id': run.runId,
    'bugghost.language': 'c',
    'bugghost.version': '14',
    'bugghost.verdict': 'exited',
  })
  expect(JSON.stringify(spanOfRun(run))).not.toContain('secret')
})

test("a program's failure is not ours", () => {
  const ending = (verdict: object) => ({ ...run, events: [{ ...finished, seq: 0, verdict } as RunEvent] })
  expect(spanOfRun(ending({ kind: 'exited', exit_code: 1 })).failed).toBe(false)
  expect(spanOfRun(ending({ kind: 'memory-limit' })).failed).toBe(false)
  expect(spanOfRun(ending({ kind: 'sandbox-failed', incident: 'x' })).failed).toBe(true)
  expect(spanOfRun(ending({ kind: 'interrupted' })).failed).toBe(true)
})
