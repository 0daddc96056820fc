// Which tests failed and the first thing each said, from the reports the runners write: what a reader of a long log looks for.

import { stripVTControlCharacters } from 'node:util'

/** @typedef {{ test: string, why: string }} Failure */

const longestWhy = 300

/**
 * @param {unknown} report what vitest's json reporter wrote, parsed; undefined when it wrote nothing
 * @returns {Failure[]}
 */
export function failuresOfVitest(report) {
  return list(report?.testResults).flatMap(({ name, message, status, assertionResults }) => {
    const failed = list(assertionResults).filter((test) => test.status === 'failed')
    // A file that cannot be loaded has no tests.
    if (status === 'failed' && failed.length === 0) return [{ test: `${name}`, why: firstLine(message) }]
    return failed.map((test) => ({ test: `${name} › ${test.fullName}`, why: firstLine(test.failureMessages?.[0]) }))
  })
}

/**
 * @param {unknown} report what Playwright's json reporter wrote, parsed; undefined when it wrote nothing
 * @returns {Failure[]} an error outside of any test is one too
 */
export function failuresOfPlaywright(report) {
  const outside = list(report?.errors).map(({ message }) => ({ test: 'outside of any test', why: firstLine(message) }))
  return [...outside, ...list(report?.suites).flatMap(failuresOfSuite)]
}

/** @returns {Failure[]} */
function failuresOfSuite({ specs, suites }) {
  const here = list(specs)
    .filter(({ ok }) => !ok)
    .map(({ file, title, tests }) => {
      const results = list(tests).flatMap((test) => list(test.results))
      return { test: `${file} › ${title}`, why: firstLine(results.find(({ error }) => error)?.error.message) }
    })
  return [...here, ...list(suites).flatMap(failuresOfSuite)]
}

/** @param {unknown} value @returns {any[]} */
const list = (value) => (Array.isArray(value) ? value : [])

/** @param {unknown} message */
function firstLine(message) {
  if (typeof message !== 'string') return 'no reason was written'
  const line = stripVTControlCharacters(message).trim().split('\n', 1)[0] ?? ''
  return line.length > longestWhy ? `${line.slice(0, longestWhy)} …` : line
}
