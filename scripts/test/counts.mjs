// How many tests passed and failed, from the reports the runners write.

/** @typedef {{ passed: number, failed: number }} Counts */

/**
 * A file that cannot even be loaded has no tests to fail, and an error outside of any test fails none: either counts as one.
 * @param {unknown} report what vitest's json reporter wrote, parsed; undefined when it wrote nothing
 * @param {boolean} succeeded whether vitest exited with 0
 * @returns {Counts}
 */
export function countVitest(report, succeeded) {
  if (typeof report !== 'object' || report === null || !Array.isArray(report.testResults)) return crashed
  const unloadable = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  return told(report.numPassedTests, report.numFailedTests + unloadable.length, succeeded)
}

/**
 * @param {unknown} report what Playwright's json reporter wrote, parsed; undefined when it wrote nothing
 * @param {boolean} succeeded whether Playwright exited with 0
 * @returns {Counts} a flaky test is one that passed in the end
 */
export function countPlaywright(report, succeeded) {
  if (typeof report !== 'object' || report === null || typeof report.stats !== 'object') return crashed
  const { expected, flaky, unexpected } = report.stats
  return told(expected + flaky, unexpected, succeeded)
}

/** @type {Counts} */
export const crashed = { passed: 0, failed: 1 }

/** @returns {Counts} */
function told(passed, failed, succeeded) {
  if (!Number.isInteger(passed) || !Number.isInteger(failed)) return crashed
  // Whatever made the runner fail, the sum must not say that all is well.
  return { passed, failed: failed === 0 && !succeeded ? 1 : failed }
}

/** @param {Counts[]} all @returns {Counts} */
export function sum(all) {
  return {
    passed: all.reduce((total, { passed }) => total + passed, 0),
    failed: all.reduce((total, { failed }) => total + failed, 0),
  }
}
