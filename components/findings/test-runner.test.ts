import { expect, test } from 'vitest'
import type { TestResult } from '../../protocol/test-report.ts'
import { failedOf } from './test-runner.ts'

const tests = (...outcomes: TestResult['outcome'][]): TestResult[] =>
  outcomes.map((outcome, n) => ({ name: `t${n}`, suite: ['s'], outcome, message: 'why' }))
const t = (n: number) => ({ name: `t${n}`, suite: ['s'] })

test.each([
  [
    'those that did not pass, and no more of them than their names',
    tests('failed', 'passed', 'error', 'skipped'),
    true,
    [t(0), t(2)],
  ],
  ['none where all passed', tests('passed'), true, []],
  ['none of several where one can be asked for', tests('failed', 'failed'), false, []],
  ['the one that failed where one can be asked for', tests('passed', 'failed'), false, [t(1)]],
])('what is run again is %s', (_, given, many, again) => expect(failedOf(given, { many })).toEqual(again))
