import { describe, expect, test } from 'vitest'
import { MiB } from '../../protocol/limits.ts'
import { estimatedIdleBytes, givingWay, isForgotten, type Kind, unused, usedAgain, usesAt, waitingTargets } from './pool-size.ts'

const minute = 60_000

/** What a kind's demand is after uses at these times, in milliseconds. */
const usedAt = (...times: number[]) => times.reduce((demand, at) => usedAgain(demand, at), unused)
const every = (ms: number, count: number) => Array.from({ length: count }, (_, nth) => nth * ms)

describe('demand', () => {
  test('of something never used is forgotten already', () => {
    expect(isForgotten(usesAt(unused, 0))).toBe(true)
  })

  test('of a single use is remembered for minutes, not for a quarter of an hour', () => {
    const demand = usedAt(0)
    expect(isForgotten(usesAt(demand, 5 * minute))).toBe(false)
    expect(isForgotten(usesAt(demand, 15 * minute))).toBe(true)
  })

  test('fades at the same pace however often it is looked at', () => {
    const once = usesAt(usedAt(0), 3 * minute)
    expect(usesAt({ uses: usesAt(usedAt(0), minute), at: minute }, 3 * minute)).toBeCloseTo(once, 10)
  })

  test('of steady use stays the same, however long that goes on', () => {
    const [short, long] = [every(1_000, 1_000), every(1_000, 5_000)]
    expect(usesAt(usedAt(...long), 4_999_000)).toBeCloseTo(usesAt(usedAt(...short), 999_000), 0)
  })
})

const kind = (key: string, part: Partial<Kind> = {}): Kind => ({
  key,
  floor: 0,
  uses: 0,
  idleBytes: 16 * MiB,
  replacedWithinMs: 2_000,
  ...part,
})
/** After ten minutes of a use every so often. */
const steady = (ms: number) => usesAt(usedAt(...every(ms, 600_000 / ms)), 600_000)
const plenty = 16 * 1024 * MiB

describe('how many wait', () => {
  test.each<[string, Kind[], number, number, Record<string, number>]>([
    ['none of what nobody used', [kind('a')], plenty, 2, { a: 0 }],
    ['the floor of what nobody used', [kind('a', { floor: 1 })], plenty, 2, { a: 1 }],
    ['one of what was used once', [kind('a', { uses: 1 })], plenty, 2, { a: 1 }],
    ['one of what is used every minute', [kind('a', { uses: steady(minute) })], plenty, 2, { a: 1 }],
    ['some more of what is used every second', [kind('a', { uses: steady(1_000) })], plenty, 2, { a: 5 }],
    ['more of what takes long to replace', [kind('a', { uses: steady(1_000), replacedWithinMs: 4_000 })], plenty, 2, { a: 8 }],
    ['no more of a kind than the cores can use', [kind('a', { uses: steady(100) })], plenty, 2, { a: 8 }],
    ['the floor again of what is forgotten', [kind('a', { floor: 1, uses: 0.001 })], plenty, 2, { a: 1 }],
    ['no fewer than the floor of what is used', [kind('a', { floor: 3, uses: 1 })], plenty, 2, { a: 3 }],
    ['nothing where there is no memory', [kind('a', { floor: 1, uses: 9 })], 0, 2, { a: 0 }],
    ['nothing of nothing', [], plenty, 2, {}],
    [
      'with memory for two, the two that are used most',
      [kind('a', { floor: 1 }), kind('b', { uses: 1 }), kind('c', { uses: 5 })],
      4 * 2 * 16 * MiB,
      2,
      { a: 0, b: 1, c: 1 },
    ],
    [
      'the first of every kind before the second of one',
      [kind('a', { floor: 1 }), kind('b', { uses: steady(1_000) })],
      4 * 3 * 16 * MiB,
      2,
      { a: 1, b: 2 },
    ],
    [
      'the small one where a large one does not fit',
      [kind('java', { uses: 9, idleBytes: 70 * MiB }), kind('python', { uses: 1 })],
      4 * 60 * MiB,
      2,
      { java: 0, python: 1 },
    ],
  ])('is %s', (_, kinds, memory, cpus, targets) => {
    expect(Object.fromEntries(waitingTargets(kinds, memory, cpus))).toEqual(targets)
  })

  test('is bounded by the cores, whatever the memory', () => {
    const many = Array.from({ length: 100 }, (_, nth) => kind(`k${nth}`, { floor: 4 }))
    const targets = waitingTargets(many, Number.MAX_SAFE_INTEGER, 2)
    expect([...targets.values()].reduce((sum, count) => sum + count)).toBe(32)
  })
})

test('a runtime that waits counts for more than an agent alone', () => {
  expect(estimatedIdleBytes([])).toBeLessThan(estimatedIdleBytes(['stage:run', 'arg:python3']))
})

describe('room is made', () => {
  const waiting = (key: string, uses: number, count: number) => ({ key, uses, waiting: count, idleBytes: 20 * MiB })
  test.each([
    ['by nobody when nothing is missing', 0, []],
    ['by the least used', 1, ['idle']],
    ['by as many as it takes', 50 * MiB, ['idle', 'idle', 'some']],
    ['by all when that is not enough either', 500 * MiB, ['idle', 'idle', 'some', 'busy']],
  ])('%s', (_, missing, going) => {
    expect(givingWay([waiting('busy', 9, 1), waiting('idle', 0, 2), waiting('some', 1, 1)], missing)).toEqual(going)
  })
})
