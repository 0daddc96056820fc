import { TestResult } from '../../protocol/test-report.ts'
import { jsonLines } from './json-lines.ts'

/** One TestResult of the protocol a line, written as the tests end: for frameworks whose own reports are none of the others. */
export function resultLines(text: string): TestResult[] | null {
  const tests = [...jsonLines(text, TestResult)]
  return tests.length > 0 ? tests : null
}
