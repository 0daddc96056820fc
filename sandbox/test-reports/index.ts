import { type TestName, TestReport, type TestResult } from '../../protocol/test-report.ts'
import { onlyThese } from '../execution/test-selection.ts'
import { goTestJson } from './go-test-json.ts'
import { junitXml } from './junit-xml.ts'
import { libtestJson } from './libtest-json.ts'
import { resultLines } from './result-lines.ts'

/** Null when the text is no such report. Throws nothing. Every reader takes time in proportion to the text. */
export type ReportReader = (text: string) => TestResult[] | null

/** The forms a manifest's `test.report.format` may name. */
const readers: Readonly<Record<string, ReportReader>> = {
  'go-test-json': goTestJson,
  'junit-xml': junitXml,
  'libtest-json': libtestJson,
  'result-lines': resultLines,
}
export const reportFormats: readonly string[] = Object.keys(readers)

/** The program can write the report itself: what is kept of it is as bounded as everything it says. */
const most = {
  textChars: 4 * 1024 * 1024,
  tests: 1000,
  messageChars: 8 * 1024,
  valueChars: 2 * 1024,
  nameChars: 500,
  suites: 20,
} as const

/**
 * What a test framework's machine-readable report says, at most 1000 tests of it. Null when it cannot be read: it is not there, cut
 * off in the wrong place, too large, or of a format nobody knows.
 */
export function testReportOf({
  format,
  framework,
  text,
  only = [],
}: {
  format: string
  framework: string
  text: string
  /** The tests that were asked for, if not all. */
  only?: readonly TestName[]
}): TestReport | null {
  const reader = Object.hasOwn(readers, format) ? readers[format] : undefined
  if (!reader || text.length > most.textChars) return null
  const told = reader(text)
  if (!told) return null
  const tests = onlyThese(told, only)
  return TestReport.parse({ framework, tests: tests.slice(0, most.tests).map(bounded), truncated: tests.length > most.tests })
}

function bounded({ name, suite, outcome, message, duration_ms, file, line, expected, actual }: TestResult): TestResult {
  const said = message === undefined ? '' : cut(message.trim(), most.messageChars)
  const path = file === undefined ? '' : cut(file.replace(/^\/workspace\//, '').replace(/^\.\//, ''), most.nameChars)
  return {
    name: cut(name, most.nameChars),
    suite: suite.slice(0, most.suites).map((part) => cut(part, most.nameChars)),
    outcome,
    ...(said ? { message: said } : {}),
    ...(duration_ms !== undefined && Number.isFinite(duration_ms) && duration_ms >= 0 ? { duration_ms } : {}),
    ...(path ? { file: path } : {}),
    ...(path && line !== undefined && Number.isSafeInteger(line) && line >= 1 ? { line } : {}),
    ...(expected === undefined ? {} : { expected: cut(expected, most.valueChars) }),
    ...(actual === undefined ? {} : { actual: cut(actual, most.valueChars) }),
  }
}

const cut = (text: string, chars: number) => (text.length > chars ? `${text.slice(0, chars - 1)}…` : text)
