import { expect, test } from 'vitest'
import { sparkline } from './run-status.tsx'

const sample = (memory_bytes: number) => ({ at: 0, stage: 'run' as const, cpu_ms: 0, memory_bytes })

test('the line rises to the top at the limit, and never above', () =>
  expect(sparkline([sample(0), sample(50), sample(100), sample(200)], 100)).toBe('0,12.0 1,6.0 2,0.0 3,0.0'))

test('only the newest samples are drawn', () =>
  expect(
    sparkline(
      Array.from({ length: 100 }, () => sample(0)),
      1,
    ).split(' '),
  ).toHaveLength(40))
