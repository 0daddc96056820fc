// Runs files of tests with node:test, each in a process of its own as `node --test` does.
'use strict'
const { relative } = require('node:path')
const { run } = require('node:test')
const { spec } = require('node:test/reporters')
const { ownStack, shown } = require('./report.cjs')

/** Of what a file of tests says on stderr, as the reason why it ended badly. */
const complaintMax = 8_000
/** Before 22 node holds a pattern against a test's own name, and not against those of its suites before it. */
const knowsSuites = Number.parseInt(process.versions.node, 10) >= 22

/** @param {string[]} files absolute paths @param {string[]} names patterns; none for all @returns {Promise<void>} */
exports.runTests = async (files, names, report) => {
  const patterns = knowsSuites ? names : names.map(forOwnName)
  const events = run({ files, concurrency: 1, ...(names.length > 0 ? { testNamePatterns: patterns } : {}) })
  // The names of the tests that are under way, by depth: results come innermost first and do not say where they belong.
  const open = []
  events.on('test:start', ({ name, nesting }) => {
    open.length = nesting
    open.push(name)
  })
  const complaints = new Map()
  events.on('test:stderr', ({ file, message }) => complaints.set(file, ((complaints.get(file) ?? '') + message).slice(0, complaintMax)))
  const ended = (event, passed) => {
    const above = open.slice(0, event.nesting)
    const result = resultOf(event, above, passed, files, complaints)
    if (result && (knowsSuites || result.outcome === 'error' || isNamed([...above, event.name], names))) report.add(result)
    if (!passed) process.exitCode = 1
  }
  events.on('test:pass', (event) => ended(event, true))
  events.on('test:fail', (event) => ended(event, false))
  const shownReport = events.compose(new spec())
  for await (const text of shownReport) process.stdout.write(text)
}

/** Where the suites' names end cannot be seen, so every end of the whole name may be the test's own: `^a b c$` becomes `^(a b c|b c|c)$`. */
function forOwnName(pattern) {
  const whole = /^\^(.*)\$$/s.exec(pattern)?.[1]
  if (whole === undefined) return pattern
  const words = whole.split(' ')
  return `^(${words.map((_, first) => words.slice(first).join(' ')).join('|')})$`
}

/** An end of its name may also be the whole name of another test. */
const isNamed = (path, names) => names.length === 0 || names.some((name) => new RegExp(name).test(path.join(' ')))

/** @returns {object | null} null for what only stands for the tests in it */
function resultOf({ name, file, line, skip, todo, details }, above, passed, files, complaints) {
  const { error, type, duration_ms } = details
  if (error?.failureType === 'subtestsFailed') return null
  // A file that ends badly outside of its tests, or has none, is reported as if it were a test.
  const asFile = above.length === 0 ? files.find((path) => path === name || path.endsWith(`/${name}`)) : undefined
  if (passed && (type === 'suite' || asFile)) return null
  if (asFile) {
    const message = complaints.get(asFile) || messageOf(error)
    return { name: relative(process.cwd(), asFile), suite: [], outcome: 'error', message, duration_ms, file: asFile }
  }
  const suite = [...(file ? [relative(process.cwd(), file)] : []), ...above]
  const result = { name, suite, duration_ms, ...(file ? { file } : {}), ...(line ? { line } : {}) }
  if (skip !== undefined || todo !== undefined) {
    const why = skip ?? todo
    return { ...result, outcome: 'skipped', ...(typeof why === 'string' ? { message: why } : {}) }
  }
  if (passed) return { ...result, outcome: 'passed' }
  // Node wraps what was thrown in an error of its own.
  const thrown = error?.cause ?? error
  const compared = thrown?.code === 'ERR_ASSERTION' && 'expected' in thrown
  return {
    ...result,
    outcome: neverRan.has(error?.failureType) ? 'error' : 'failed',
    message: messageOf(thrown),
    ...(compared ? { expected: shown(thrown.expected), actual: shown(thrown.actual) } : {}),
  }
}

/** What node:test calls failures that are not the test's own. */
const neverRan = new Set(['hookFailed', 'cancelledByParent', 'parentAlreadyFinished', 'testAborted'])

function messageOf(thrown) {
  if (typeof thrown === 'string') return thrown
  return thrown?.stack ? ownStack(thrown.stack) : (thrown?.message ?? shown(thrown))
}
