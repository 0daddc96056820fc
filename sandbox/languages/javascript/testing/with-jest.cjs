// Runs files of tests with Jest, in this process and one after the other: a sandbox has no memory for a team of workers.
'use strict'
const { existsSync, readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')

/** @param {string} root @param {string[]} files absolute paths @param {string[]} names patterns; none for all @returns {Promise<void>} */
exports.runTests = async (root, files, names, report) => {
  globalThis[Symbol.for('bugghost.test-report')] = report
  const { runCLI } = require('jest')
  const { results } = await runCLI(
    {
      _: files,
      $0: 'jest',
      runTestsByPath: true,
      runInBand: true,
      watchman: false,
      ...(names.length > 0 ? { testNamePattern: names.join('|') } : {}),
      testLocationInResults: true,
      // Outside the workspace, where a cache would be among the program's own files.
      cacheDirectory: '/tmp/jest',
      reporters: ['default', join(__dirname, 'jest-reporter.cjs')],
      ...(hasConfig(root) ? {} : { config: JSON.stringify(configFor(root)) }),
    },
    [root],
  )
  if (!results.success) process.exitCode = 1
}

function hasConfig(root) {
  if (readdirSync(root).some((name) => name.startsWith('jest.config.'))) return true
  const file = join(root, 'package.json')
  return existsSync(file) && 'jest' in JSON.parse(readFileSync(file, 'utf8'))
}

function configFor(root) {
  return {
    rootDir: root,
    // Files are named one by one; whatever they are called, they are meant.
    testRegex: ['.*'],
    extensionsToTreatAsEsm: ['.ts', '.mts'],
    transform: { '\\.[cm]?ts$': join(__dirname, 'jest-typescript.cjs'), '\\.[cm]?js$': require.resolve('babel-jest') },
  }
}
