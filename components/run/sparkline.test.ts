import { expect, test } from 'vitest'
import { cpuShares, lineOf } from './sparkline.ts'

test('a line goes from left to right, and its limit is the upper edge', () => {
  expect(lineOf([0, 50, 100, 200], { top: 100, width: 39, height: 10 })).toBe('0.0,10.0 1.0,5.0 2.0,0.0 3.0,0.0')
})

test('only the newest values are drawn', () => {
  const line = lineOf(
    Array.from({ length: 100 }, (_, n) => n),
    { top: 100, width: 39, height: 100 },
  )
  expect(line.split(' ')).toHaveLength(40)
  expect(line.startsWith('0.0,40.0')).toBe(true)
})

test('the processor’s share is what was used since the sample before', () => {
  const sample = (at: number, cpu_ms: number) => ({ at, cpu_ms, stage: 'run' as const, memory_bytes: 1 })
  expect(cpuShares([sample(0, 0), sample(100, 100), sample(200, 150), sample(300, 350)])).toEqual([0, 1, 0.5, 2])
})

test('a stage that counts anew does not run backwards', () => {
  const sample = (at: number, cpu_ms: number) => ({ at, cpu_ms, stage: 'run' as const, memory_bytes: 1 })
  expect(cpuShares([sample(0, 500), sample(100, 50)])).toEqual([0, 0.5])
})
