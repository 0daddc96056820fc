import { expect, test } from 'vitest'
import { newRunId } from '../run-id.ts'
import { fateOf } from './lost.ts'
import type { Standing } from './shared-runs.ts'

const minute = 60_000
const run = (change: Partial<Standing>): Standing => ({
  runId: newRunId(),
  state: 'running',
  worker: 'a',
  openedAt: 0,
  claimedAt: 0,
  now: 1_000,
  ...change,
})

test.each([
  ['runs on a worker that lives', run({}), true, 'goes-on'],
  ['runs on a worker that is dead', run({}), false, 'interrupted'],
  ['was claimed just now, and the queue will give it to somebody else', run({ state: 'claimed' }), false, 'goes-on'],
  ['was claimed by a dead worker, and nobody was given it', run({ state: 'claimed', now: 2 * minute }), false, 'interrupted'],
  ['waits', run({ state: 'queued', worker: null, now: 29 * minute }), false, 'goes-on'],
  ['waits for longer than anybody does', run({ state: 'queued', worker: null, now: 31 * minute }), false, 'given-up'],
  ['has ended', run({ state: 'ended', now: 60 * minute }), false, 'goes-on'],
] as const)('a run that %s', (_, standing, workerLives, fate) => expect(fateOf(standing, workerLives)).toBe(fate))
