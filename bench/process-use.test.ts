import { expect, test } from 'vitest'
import { isFlat, slopeOf, usageOf } from './process-use.ts'

const samples = (own: (minute: number) => number) => Array.from({ length: 60 }, (_, n) => ({ atMin: n / 6, ownMiB: own(n / 6) }))

test.each([
  ['steady', () => 100, 0, true],
  ['warming up, then steady', (minute: number) => Math.min(100, 60 + 40 * minute), undefined, true],
  ['breathing', (minute: number) => 100 + 8 * Math.sin(9 * minute), undefined, true],
  ['leaking 5 MiB a minute', (minute: number) => 100 + 5 * minute, 5, false],
] as const)('memory that is %s', (_, own, slope, flat) => {
  expect(isFlat(samples(own))).toBe(flat)
  if (slope !== undefined) expect(slopeOf(samples(own))).toBeCloseTo(slope)
})

test('a process is seen, and one that is gone counts for nothing', async () => {
  expect((await usageOf(process.pid)).ownMiB).toBeGreaterThan(10)
  expect(await usageOf(2 ** 22 - 1)).toEqual({ ownMiB: 0, cpuMs: 0 })
})
