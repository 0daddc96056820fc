import { expect, test } from 'vitest'
import { isFlat, usageOf } from './process-use.ts'

test.each([
  ['the same', 100, 100, true],
  ['less', 100, 60, true],
  ['a little more of little', 30, 36, true],
  ['a little more of much', 300, 325, true],
  ['5 MiB more a minute, after eight', 30, 70, false],
  ['a fifth more of much', 300, 360, false],
])('memory that is %s', (_, early, late, flat) => expect(isFlat(early, late)).toBe(flat))

test('a process is seen, and one that is gone counts for nothing', async () => {
  expect((await usageOf(process.pid)).ownMiB).toBeGreaterThan(10)
  expect(await usageOf(2 ** 22 - 1)).toEqual({ ownMiB: 0, cpuMs: 0 })
})
