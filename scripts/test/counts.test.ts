import { expect, test } from 'vitest'
import { countPlaywright, countVitest, sum } from './counts.mjs'

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((status) => ({ status })) })
const vitest = (numPassedTests: number, numFailedTests: number, ...testResults: ReturnType<typeof file>[]) => ({
  numPassedTests,
  numFailedTests,
  testResults,
})

test.each([
  ['all passed, one was skipped', vitest(2, 0, file('passed', 'passed', 'passed', 'skipped')), true, { passed: 2, failed: 0 }],
  ['one failed', vitest(1, 1, file('failed', 'passed', 'failed')), false, { passed: 1, failed: 1 }],
  ['a file could not be loaded', vitest(1, 0, file('passed', 'passed'), file('failed')), false, { passed: 1, failed: 1 }],
  ['a hook failed after its tests passed', vitest(1, 0, file('failed', 'passed')), false, { passed: 1, failed: 1 }],
  ['an error came from outside of any test', vitest(1, 0, file('passed', 'passed')), false, { passed: 1, failed: 1 }],
  ['no test was found', vitest(0, 0), false, { passed: 0, failed: 1 }],
  ['nothing was written', undefined, false, { passed: 0, failed: 1 }],
  ['something else was written', { testResults: [] }, true, { passed: 0, failed: 1 }],
])("vitest's report: %s", (_, report, succeeded, counts) => expect(countVitest(report, succeeded)).toEqual(counts))

test.each([
  ['all passed', { expected: 3, flaky: 0, unexpected: 0, skipped: 1 }, true, { passed: 3, failed: 0 }],
  ['one only passed again', { expected: 2, flaky: 1, unexpected: 0 }, true, { passed: 3, failed: 0 }],
  ['one failed', { expected: 2, flaky: 0, unexpected: 1 }, false, { passed: 2, failed: 1 }],
  ['the server did not start', { expected: 0, flaky: 0, unexpected: 0 }, false, { passed: 0, failed: 1 }],
])("Playwright's report: %s", (_, stats, succeeded, counts) => expect(countPlaywright({ stats }, succeeded)).toEqual(counts))

test('a Playwright that wrote nothing counts as one failure', () => {
  expect(countPlaywright(undefined, false)).toEqual({ passed: 0, failed: 1 })
})

test('stages add up', () => {
  expect(
    sum([
      { passed: 1, failed: 0 },
      { passed: 2, failed: 3 },
    ]),
  ).toEqual({ passed: 3, failed: 3 })
})
