import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from '../../protocol/limits.ts'
import type { RunEvent } from '../../protocol/run.ts'
import type { Executor, Job, Permit } from '../../sandbox/executor.ts'
import { createFakeExecutor } from '../../sandbox/fake.ts'
import { newRunId } from '../run-id.ts'
import { noTelemetry } from '../telemetry.ts'
import { runJob } from './run-job.ts'
import type { SharedRuns } from './shared-runs.ts'

const job: Job = {
  language: 'script',
  version: '1.2',
  mode: 'run',
  only: [],
  flags: {},
  tty: null,
  artifacts: [],
  owner: 'somebody',
  files: [],
  entry: 'main.script',
  args: [],
  env: {},
  stdin: Buffer.from(''),
  stdinOpen: false,
  limits: defaultLimits,
}

/** A run whose sandbox comes when `sandboxComes` is called, and what was told of it. */
function open() {
  const told: RunEvent[] = []
  const fake = createFakeExecutor()
  let ask: Permit = async () => false
  const executor: Executor = {
    ...fake,
    start(asked, options) {
      ask = options?.permit ?? ask
      return fake.start(asked)
    },
  }
  const shared = {
    start: async () => true,
    append: async (_run: string, _worker: string, events: readonly RunEvent[]) => {
      told.push(...events)
      return 'ok'
    },
  } as unknown as SharedRuns
  const log = pino({ level: 'silent' })
  const run = runJob({
    runId: newRunId(),
    job,
    traceparent: undefined,
    waitedMs: 0,
    worker: 'a',
    executor,
    shared,
    newIncident: () => '1',
    telemetry: noTelemetry,
    log,
  })
  return { run, told, execution: fake.executions[0], sandboxComes: () => ask() }
}

describe('a run whose worker stops', () => {
  test('before there was a sandbox has not begun, and may be given to somebody else', async () => {
    const { run, told } = open()
    run.cancel()
    expect(await run.outcome).toBe('not-started')
    expect(told).toEqual([])
  })

  test('in the moment in which it is let in has begun: it ends here, and is never begun again', async () => {
    const { run, told, sandboxComes } = open()
    const permitted = sandboxComes()
    run.cancel()
    expect(await permitted).toBe(true)
    expect(await run.outcome).toBe('done')
    expect(told.at(-1)).toMatchObject({ verdict: { kind: 'cancelled', by: 'shutdown' } })
  })
})

test('a run that its user stops before there was a sandbox has ended', async () => {
  const { run, told, execution } = open()
  execution?.cancel('user')
  expect(await run.outcome).toBe('done')
  expect(told).toMatchObject([{ type: 'finished', seq: 0, verdict: { kind: 'cancelled', by: 'user' } }])
})
