// Test mode: finds the files of tests, runs each with the framework it is written for (node:test or Jest), shows the framework's own
// report on the terminal, and writes every result, as it comes, as one line of JSON in the words of protocol/test-report.ts.
// Of its own words, --test-name-pattern=… (as often as wanted) names the tests to run, as node's option of that name does.
'use strict'
const { existsSync, readdirSync, readFileSync } = require('node:fs')
const { join, relative } = require('node:path')
const { parseArgs } = require('node:util')
const { openReport } = require('./report.cjs')

const root = process.cwd()
const source = /\.[cm]?[jt]s$/
// What either framework would look for by itself, and what people call a single file.
const nameOfTests = /(^|\/)(__tests__\/.*|tests?\/.*|tests?|test-[^/]*|[^/]*[._-](test|tests|spec))\.[cm]?[jt]s$/
const callsTests = /^[ \t]*(test|it|describe|suite)\s*(\.\s*\w+\s*)?\(/m
const usesNodeTest = /\b(from\s*|require\s*\(\s*|import\s*\(?\s*)['"]node:test['"]/
const usesJest = /\b(from\s*|require\s*\(\s*|import\s*\(?\s*)['"]@jest\/globals['"]/

async function main() {
  const files = testFiles()
  if (files.length === 0) {
    console.error('No tests were found: no file is called *.test.js or tests.js, and none calls test() or describe().')
    process.exitCode = 1
    return
  }
  const { values } = parseArgs({ options: { 'test-name-pattern': { type: 'string', multiple: true } }, strict: false })
  const names = values['test-name-pattern'] ?? []
  const report = openReport(root)
  const forNode = files.filter((file) => frameworkOf(file) === 'node:test')
  const forJest = files.filter((file) => !forNode.includes(file))
  if (forNode.length > 0) await require('./with-node-test.cjs').runTests(forNode, names, report)
  if (forJest.length > 0) await require('./with-jest.cjs').runTests(root, forJest, names, report)
}

/** Absolute paths. @returns {string[]} */
function testFiles() {
  const all = sourceFiles(root)
  const named = all.filter((path) => nameOfTests.test(relative(root, path)))
  return named.length > 0 ? named : all.filter((path) => callsTests.test(readFileSync(path, 'utf8')))
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourceFiles(path)
      return entry.isFile() && source.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
    })
}

/** What a file imports decides; one that imports neither is Jest's if it relies on the functions Jest puts in its way. */
function frameworkOf(path) {
  const text = readFileSync(path, 'utf8')
  if (usesNodeTest.test(text)) return 'node:test'
  return usesJest.test(text) || callsTests.test(text) || projectUsesJest() ? 'jest' : 'node:test'
}

function projectUsesJest() {
  if (readdirSync(root).some((name) => name.startsWith('jest.config.'))) return true
  const file = join(root, 'package.json')
  return existsSync(file) && /"jest"/.test(readFileSync(file, 'utf8'))
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
