import { describe, expect, test } from 'vitest'
import { type Moment, refillTime, removalTime } from './spare-time.ts'

const moment = (part: Partial<Moment> = {}): Moment => ({ now: 10_000, runs: [], quietSince: 0, ...part })

describe('a missing one is made', () => {
  test('at once when nothing has run for a while, on every core', () => {
    const { at, atOnce } = refillTime(moment(), 9_000, 4)
    expect(at).toBeLessThanOrEqual(10_000)
    expect(atOnce).toBe(4)
  })

  test('not in the same breath in which a run ended: its answer is on its way', () => {
    expect(refillTime(moment({ quietSince: 10_000 }), 9_000, 4).at).toBeGreaterThan(10_000)
  })

  test('not while a run is under way', () => {
    expect(refillTime(moment({ runs: [9_990] }), 9_990, 4).at).toBeGreaterThan(10_500)
  })

  test('all the same when runs go on and on: it has been missing for long enough, and one at a time', () => {
    const { at, atOnce } = refillTime(moment({ runs: [2_000, 9_999] }), 5_000, 4)
    expect(at).toBeLessThanOrEqual(10_000)
    expect(atOnce).toBe(1)
  })
})

describe('a used one is removed', () => {
  test('not before its answer is out', () => {
    expect(removalTime(moment(), 10_000)).toBeGreaterThan(10_000)
    expect(removalTime(moment(), 9_900)).toBeLessThanOrEqual(10_000)
  })

  test('after the first moments of a run that has just begun', () => {
    expect(removalTime(moment({ runs: [9_990] }), 9_950)).toBeGreaterThan(10_000)
    expect(removalTime(moment({ runs: [9_000] }), 9_950)).toBeLessThanOrEqual(10_000)
  })

  test('soon, however many runs begin', () => {
    expect(removalTime(moment({ runs: [9_999] }), 9_500)).toBeLessThanOrEqual(10_000)
  })
})
