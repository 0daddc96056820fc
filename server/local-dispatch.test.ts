import { pino } from 'pino'
import { expect, test } from 'vitest'
import { ActorId } from '../protocol/ids.ts'
import { createFakeExecutor, type FakeExecution, type FakeExecutor } from '../sandbox/fake.ts'
import { createLocalDispatch } from './local-dispatch.ts'
import { createLocalRunLog } from './local-run-log.ts'
import { createMemoryStore } from './memory-store.ts'
import { type EndedRun, noMetrics } from './metrics/metrics.ts'
import { newRun } from './new-run.ts'
import { placesOf } from './places.ts'
import { sampleRun } from './sample-run.ts'
import { sampleLanguages } from './sample-services.ts'
import { noTracing, type Span, type Tracing } from './tracing/tracing.ts'

const log = pino({ level: 'silent' })

/** A dispatch that runs nothing by itself, and what it has told. */
function openDispatch(tracing: Partial<Tracing> = {}) {
  const store = createMemoryStore()
  const kept: number[] = []
  const ended: EndedRun[] = []
  const readable: number[] = []
  const runLog = createLocalRunLog({ store, log, onKept: (lagMs) => void kept.push(lagMs) })
  const executor = createFakeExecutor()
  const dispatch = createLocalDispatch({
    executor,
    runLog,
    log,
    newIncident: () => 'incident-1',
    now: () => 1_000,
    places: placesOf(100, {}),
    telemetry: {
      metrics: { ...noMetrics, ended: (run) => void ended.push(run), readable: (lagMs) => void readable.push(lagMs) },
      tracing: { ...noTracing, ...tracing },
    },
  })
  /** A run of a language that is accepted and kept. */
  async function accept(language = 'script', traceparent?: string) {
    const { record, job } = newRun({ language, code: 'x' }, sampleLanguages, ActorId.parse('somebody'))
    const run = sampleRun(record)
    await store.createRun(run)
    const started = await dispatch.start(run.runId, job, { address: '', traceparent })
    return { runId: run.runId, finished: started.follow(new Date()), execution: last(executor) }
  }
  return { dispatch, accept, kept, ended, readable }
}
const last = ({ executions }: FakeExecutor): FakeExecution => executions.at(-1) as FakeExecution

test('a run waits from its acceptance until its first stage begins', async () => {
  const { dispatch, accept } = openDispatch()
  const one = await accept()
  const other = await accept()
  await accept('compiled')
  expect(await dispatch.waiting()).toEqual([
    { language: 'script', version: '1.2', runs: 2 },
    { language: 'compiled', version: '1.2', runs: 1 },
  ])
  one.execution.start()
  other.execution.finish({ verdict: { kind: 'sandbox-failed', incident: 'x' } })
  await expect.poll(() => dispatch.waiting()).toEqual([{ language: 'compiled', version: '1.2', runs: 1 }])
})

test('a run is told once, with how it ended, and each of its events with how late it was', async () => {
  const { accept, ended, readable, kept } = openDispatch()
  const { execution, finished } = await accept()
  execution.start()
  execution.print('hello')
  execution.finish({ duration_ms: 12 })
  await finished
  expect(ended).toEqual([
    {
      language: 'script',
      version: '1.2',
      verdict: 'exited',
      waitedMs: 0,
      durationMs: 12,
      acquired: { from: 'waiting', queuedMs: 0, makingMs: 0 },
    },
  ])
  expect(readable).toHaveLength(3)
  expect(kept.length).toBeGreaterThan(0)
})

test('a run whose executor breaks its promise is our failure, and counted as one', async () => {
  const { accept, ended } = openDispatch()
  const { execution, finished } = await accept()
  execution.start()
  execution.breakOff(new Error('the stream broke'))
  await finished
  expect(ended).toMatchObject([{ verdict: 'sandbox-failed' }])
})

test('a run is traced under the request that asked for it, when somebody is told of traces, and else not looked at', async () => {
  const told: { span: Span; under: string | undefined }[] = []
  const tell: Tracing['tell'] = (span, under) => void told.push({ span, under })
  for (const on of [false, true]) {
    const { accept } = openDispatch({ on, tell })
    const { execution, finished } = await accept('script', 'of-the-request')
    execution.start()
    execution.finish()
    await finished
    expect(told.map(({ span, under }) => [span.name, under])).toEqual(
      on
        ? [
            ['run', 'of-the-request'],
            ['keep', 'of-the-request'],
          ]
        : [],
    )
  }
})
