import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunEvent } from '../../protocol/run.ts'
import { newRunId } from '../run-id.ts'
import { sampleEvents } from '../sample-run.ts'
import { endRun } from './end-run.ts'
import { keys } from './keys.ts'
import { createSharedRuns, type SharedRuns } from './shared-runs.ts'
import { startTestRedis, type TestRedis } from './testing/test-redis.ts'

let redis: TestRedis
let look: ReturnType<TestRedis['look']>
let shared: SharedRuns
beforeAll(async () => {
  redis = await startTestRedis()
  look = redis.look()
  shared = createSharedRuns(look)
})
afterEach(() => look.flushall())
afterAll(async () => {
  look?.disconnect()
  await redis?.[Symbol.asyncDispose]()
})

const bounds = { owner: 'somebody', address: '203.0.113.7', inputOpen: true, tty: false }
const places = { most: 10, mostOfOwner: 10, mostOfAddress: 10 }
async function opened() {
  const runId = newRunId()
  expect(await shared.open(runId, bounds, places)).toEqual({ kind: 'ok', ofOwner: 1 })
  return runId
}
const lives = (worker: string) => look.set(keys.worker(worker), '{}')
const events = sampleEvents(['a', 'b'])
const [first, ...later] = events as [RunEvent, ...RunEvent[]]

describe('a run has one worker', () => {
  test('and one only: what another one has is not taken while that one lives', async () => {
    const runId = await opened()
    await lives('a')
    expect(await shared.claim(runId, 'a')).toMatchObject({ kind: 'run' })
    expect(await shared.claim(runId, 'b')).toEqual({ kind: 'elsewhere' })
    expect(await shared.start(runId, 'b')).toBe(false)
    expect(await shared.append(runId, 'b', [first])).toBe('fenced')
  })

  test('another one, when the first died before the program was let in; and then the first may not let it in', async () => {
    const runId = await opened()
    await shared.claim(runId, 'dead')
    expect(await shared.claim(runId, 'b')).toMatchObject({ kind: 'run' })
    expect(await shared.start(runId, 'dead')).toBe(false)
    expect(await shared.start(runId, 'b')).toBe(true)
    expect(await shared.append(runId, 'dead', [first])).toBe('fenced')
  })

  test('and is not begun again when that one died in the middle', async () => {
    const runId = await opened()
    await shared.claim(runId, 'dead')
    await shared.start(runId, 'dead')
    expect(await shared.claim(runId, 'b')).toEqual({ kind: 'lost', worker: 'dead' })
  })

  test('none again, when it is given back; not after it has started', async () => {
    const runId = await opened()
    await shared.claim(runId, 'a')
    expect(await shared.release(runId, 'a')).toBe(true)
    expect(await shared.state(runId)).toBe('queued')
    await shared.claim(runId, 'b')
    await shared.start(runId, 'b')
    expect(await shared.release(runId, 'b')).toBe(false)
  })
})

describe('what happens in a run', () => {
  test('is kept once, in order, however often it is sent', async () => {
    const runId = await opened()
    await shared.claim(runId, 'a')
    expect(await shared.append(runId, 'a', [first])).toBe('ok')
    expect(await shared.append(runId, 'a', [first])).toBe('ok')
    expect(await shared.append(runId, 'a', later.slice(1))).toBe('gap')
    expect(await shared.append(runId, 'a', later)).toBe('ok')
    expect(await shared.append(runId, 'a', later)).toBe('ok')
    expect(await shared.events(runId, -1)).toEqual(events)
    expect(await shared.events(runId, 1)).toEqual(events.slice(2))
    expect(await shared.claim(runId, 'b')).toEqual({ kind: 'gone' })
  })

  test('ends once: a worker that was given up is not heard, not even with the same numbers', async () => {
    const runId = await opened()
    await shared.claim(runId, 'a')
    await shared.start(runId, 'a')
    await shared.append(runId, 'a', [first])
    expect(await endRun(shared, runId, 'a', { kind: 'interrupted' })).toBe('ok')
    expect(await shared.append(runId, 'a', later.slice(0, 1))).toBe('ended')
    const all = await shared.events(runId, -1)
    expect(all.map(({ type }) => type)).toEqual([first.type, 'finished'])
    expect(all.at(-1)).toMatchObject({ verdict: { kind: 'interrupted' }, seq: 1 })
  })
})

test('whoever has as many as there are places for is refused, for what can be done about it', async () => {
  const few = { most: 3, mostOfOwner: 1, mostOfAddress: 2 }
  const open = async (owner: string, address: string) => (await shared.open(newRunId(), { ...bounds, owner, address }, few)).kind
  expect(await open('ann', '203.0.113.7')).toBe('ok')
  expect(await open('ann', '203.0.113.8')).toBe('owner-full')
  expect(await open('bob', '203.0.113.7')).toBe('ok')
  expect(await open('cat', '203.0.113.7')).toBe('address-full')
  expect(await open('dan', '')).toBe('ok')
  expect(await open('eve', '')).toBe('full')
  for (const { runId } of await shared.living()) await shared.forget(runId)
  expect(await look.exists(keys.owners)).toBe(0)
})

test('a visitor’s runs are counted until they end, or are taken back', async () => {
  const [one, two] = [newRunId(), newRunId()]
  expect(await shared.open(one, bounds, places)).toMatchObject({ ofOwner: 1 })
  expect(await shared.open(two, bounds, places)).toMatchObject({ ofOwner: 2 })
  await shared.claim(one, 'a')
  await shared.append(one, 'a', events)
  await shared.forget(two)
  expect(await look.exists(keys.owners)).toBe(0)
  expect(await shared.living()).toEqual([])
  expect(await shared.unkept(0, 10)).toEqual([one])
  await shared.kept(one)
  expect(await shared.unkept(0, 10)).toEqual([])
})
