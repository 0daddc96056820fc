import { expect, test } from 'vitest'
import type { TestResult } from '../../protocol/test-report.ts'
import { summaryOf } from './tests.tsx'

const report = (...outcomes: TestResult['outcome'][]) => ({
  framework: 'pytest 8',
  truncated: false,
  tests: outcomes.map((outcome, n) => ({ name: `t${n}`, suite: [], outcome })),
})

test.each([
  [report(), 'No tests ran'],
  [report('passed', 'failed', 'passed'), '1 failed, 2 passed'],
  [report('error', 'skipped'), '1 error, 1 skipped'],
  [report('error', 'error'), '2 errors'],
])('the heading counts what did not pass first', (given, said) => expect(summaryOf(given)).toBe(said))
