import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Buckets, slid, standingIn } from './sliding-window.ts'

const policy = { name: 'visitor', limit: 10, windowSec: 60 }

test.each([
  ['nothing was counted', [0, 0, 0], { allowed: true, remaining: 10, retryAfterSec: 0, resetSec: 0 }],
  ['one below the limit', [9, 0, 1], { allowed: true, remaining: 1, retryAfterSec: 0, resetSec: 119 }],
  [
    'at the limit, all just now: a tenth of them has to slide out of the next window',
    [10, 0, 0],
    { allowed: false, remaining: 0, retryAfterSec: 66, resetSec: 120 },
  ],
  ['at the limit by half of the window before', [5, 10, 30], { allowed: false, remaining: 0, retryAfterSec: 6, resetSec: 90 }],
  [
    'within it once half of the window before has slid out',
    [4, 10, 30],
    { allowed: true, remaining: 1, retryAfterSec: 0, resetSec: 90 },
  ],
  [
    'full in the window before, which has just ended',
    [0, 10, 0],
    { allowed: false, remaining: 0, retryAfterSec: 6, resetSec: 60 },
  ],
] as const)('a key is %s', (_, [current, previous, elapsedSec], standing) =>
  expect(standingIn({ current, previous, elapsedMs: elapsedSec * 1000 }, policy)).toEqual(standing),
)

test.each([
  ['the same window', 7, { current: 3, previous: 2 }],
  ['the next window', 8, { current: 0, previous: 3 }],
  ['a later window', 9, { current: 0, previous: 0 }],
])('buckets seen in %s', (_, now, buckets) => expect(slid({ current: 3, previous: 2 }, 7, now)).toEqual(buckets))

test('whoever waits as long as told is let in, and a second earlier is not', () => {
  const windowMs = policy.windowSec * 1000
  const later = (buckets: Buckets, ms: number): Buckets => {
    const at = buckets.elapsedMs + ms
    const window = Math.floor(at / windowMs)
    return { ...slid(buckets, 0, window), elapsedMs: at - window * windowMs }
  }
  fc.assert(
    fc.property(fc.nat(10), fc.nat(10), fc.nat(windowMs - 1), (current, previous, elapsedMs) => {
      const buckets = { current, previous, elapsedMs }
      const { allowed, retryAfterSec } = standingIn(buckets, policy)
      if (allowed) return retryAfterSec === 0
      return (
        standingIn(later(buckets, retryAfterSec * 1000), policy).allowed &&
        (retryAfterSec === 1 || !standingIn(later(buckets, (retryAfterSec - 1) * 1000 - 1), policy).allowed)
      )
    }),
  )
})

test('over any time, whoever tries all the time gets the limit once a window, and one limit ahead', () => {
  let state = { window: 0, current: 0, previous: 0 }
  const taken: number[] = []
  for (let at = 0; at < 600_000; at += 250) {
    const window = Math.floor(at / 60_000)
    state = { window, ...slid(state, state.window, window) }
    if (!standingIn({ ...state, elapsedMs: at % 60_000 }, policy).allowed) continue
    state.current += 1
    taken.push(at)
  }
  for (const start of taken) expect(taken.filter((at) => at >= start && at < start + 60_000).length).toBeLessThanOrEqual(11)
  expect(taken.length).toBeGreaterThanOrEqual(90)
})
