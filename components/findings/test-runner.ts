import { requestLimits } from '../../protocol/limits.ts'
import type { TestName, TestResult } from '../../protocol/test-report.ts'

/** What can be done with the tests of a report; not there where tests cannot be run, or not alone. */
export type TestRunner = {
  /** Whether several may be asked for at once. */
  many: boolean
  /** The report is of some of the tests. */
  partial: boolean
  /** Runs these, or all. */
  run(only: readonly TestName[] | 'all'): void
}

export const nameOf = ({ suite, name }: TestResult): TestName => ({ suite, name })

/** The tests worth running again, none where the framework cannot be asked for so many. */
export function failedOf(tests: readonly TestResult[], { many }: Pick<TestRunner, 'many'>): TestName[] {
  const failed = tests.filter(({ outcome }) => outcome === 'failed' || outcome === 'error').map(nameOf)
  return many || failed.length === 1 ? failed.slice(0, mostTests) : []
}
/** As many as a request may name. */
const mostTests = requestLimits.tests
