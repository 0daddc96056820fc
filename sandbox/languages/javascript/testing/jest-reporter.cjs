// Jest makes reporters itself, so this one finds the report where with-jest.cjs has put it.
'use strict'
const { relative } = require('node:path')
const { ownStack, shown } = require('./report.cjs')

const outcomes = { passed: 'passed', failed: 'failed' }

module.exports = class {
  onTestResult(_test, { testFilePath, testResults, testExecError, failureMessage }) {
    const report = globalThis[Symbol.for('bugghost.test-report')]
    const file = relative(process.cwd(), testFilePath)
    // A file that cannot be loaded has no tests to speak of.
    if (testExecError || (failureMessage && testResults.length === 0))
      report.add({ name: file, suite: [], outcome: 'error', message: failureMessage ?? shown(testExecError), file: testFilePath })
    for (const { ancestorTitles, title, status, duration, failureMessages, failureDetails, location } of testResults) {
      const compared = failureDetails.find((detail) => detail?.matcherResult)?.matcherResult
      report.add({
        name: title,
        suite: [file, ...ancestorTitles],
        outcome: outcomes[status] ?? 'skipped',
        ...(status === 'failed' ? { message: ownStack(failureMessages.join('\n\n')) } : {}),
        ...(typeof duration === 'number' ? { duration_ms: duration } : {}),
        file: testFilePath,
        ...(location ? { line: location.line } : {}),
        ...(compared && 'expected' in compared ? { expected: shown(compared.expected), actual: shown(compared.actual) } : {}),
      })
    }
  }
}
