import { diffWordsWithSpace } from 'diff'
import type { TestResult } from '../../protocol/test-report.ts'

/** The tests of one suite, and the suites in it. The outermost has no name. */
export type Suite = { name: string; suites: Suite[]; tests: TestResult[] }

/**
 * Tests as the tree of their suites. In every suite those that did not pass come first, and before the suites in which all passed
 * those with a failure; otherwise the order of the report stays.
 */
export function treeOf(tests: readonly TestResult[]): Suite {
  const root: Suite = { name: '', suites: [], tests: [] }
  for (const test of tests) {
    let at = root
    for (const name of test.suite) {
      let next = at.suites.find((suite) => suite.name === name)
      if (!next) {
        next = { name, suites: [], tests: [] }
        at.suites.push(next)
      }
      at = next
    }
    at.tests.push(test)
  }
  return sorted(root)
}

function sorted({ name, suites, tests }: Suite): Suite {
  return {
    name,
    suites: suites.map(sorted).sort((a, b) => Number(allPassed(a)) - Number(allPassed(b))),
    tests: [...tests].sort((a, b) => weight(a) - weight(b)),
  }
}
const weight = ({ outcome }: TestResult): number => ({ failed: 0, error: 0, skipped: 2, passed: 1 })[outcome]

/** Nothing in it failed: it can be shown folded. */
export const allPassed = ({ suites, tests }: Suite): boolean =>
  tests.every(({ outcome }) => outcome !== 'failed' && outcome !== 'error') && suites.every(allPassed)

export const countOf = ({ suites, tests }: Suite): number => suites.reduce((sum, suite) => sum + countOf(suite), tests.length)

export type Part = { text: string; differs: boolean }

/** Two values beside each other, with what is only in one of them marked. */
export function differenceOf(expected: string, actual: string): { expected: Part[]; actual: Part[] } {
  const parts = diffWordsWithSpace(expected, actual, { maxEditLength: 1_000 }) ?? [
    { value: expected, removed: true, added: false },
    { value: actual, added: true, removed: false },
  ]
  const side = (other: 'added' | 'removed', own: 'added' | 'removed') =>
    parts.flatMap((part) => (part[other] ? [] : [{ text: part.value, differs: Boolean(part[own]) }]))
  return { expected: side('added', 'removed'), actual: side('removed', 'added') }
}
