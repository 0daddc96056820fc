import { expect, test } from 'vitest'
import { failuresOfPlaywright, failuresOfVitest } from './failures.mjs'

test("vitest's failures are named with their file and the first line of their reason", () => {
  const report = {
    testResults: [
      {
        name: 'a.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'goes' },
          {
            status: 'failed',
            fullName: 'a group breaks',
            failureMessages: ['\u001b[31mAssertionError\u001b[39m: expected 1\n    at a.ts:1'],
          },
        ],
      },
      { name: 'b.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] },
    ],
  }
  expect(failuresOfVitest(report)).toEqual([
    { test: 'a.test.ts › a group breaks', why: 'AssertionError: expected 1' },
    { test: 'b.test.ts', why: 'Cannot find module' },
  ])
})

test("Playwright's failures are found in suites within suites, and outside of any", () => {
  const results = [{ error: { message: 'Error: timed out\nmore' } }]
  const report = {
    errors: [{ message: 'the server did not start' }],
    suites: [
      {
        specs: [{ ok: true, title: 'goes', file: 'a.spec.ts', tests: [] }],
        suites: [{ specs: [{ ok: false, title: 'breaks', file: 'a.spec.ts', tests: [{ results }] }] }],
      },
    ],
  }
  expect(failuresOfPlaywright(report)).toEqual([
    { test: 'outside of any test', why: 'the server did not start' },
    { test: 'a.spec.ts › breaks', why: 'Error: timed out' },
  ])
})

test('a report that was not written names nothing, and a long reason is cut', () => {
  expect([...failuresOfVitest(undefined), ...failuresOfPlaywright(undefined)]).toEqual([])
  const long = { testResults: [{ name: 'a', status: 'failed', assertionResults: [], message: 'x'.repeat(1_000) }] }
  expect(failuresOfVitest(long)[0]?.why).toBe(`${'x'.repeat(300)} …`)
})
