// Where the results go: one line of JSON each, so that those that are there stay when the run is stopped.
'use strict'
const { openSync, writeSync } = require('node:fs')
const { relative } = require('node:path')
const { inspect, stripVTControlCharacters } = require('node:util')

const file = '/tmp/bugghost-tests.jsonl'
const textMax = 8_000
// The reader takes a thousand; one more tells it that there were more.
const resultsMax = 1_001

/** @param {string} root what the files are named from */
exports.openReport = (root) => {
  const fd = openSync(file, 'w')
  let written = 0
  return {
    /** @param {{ name: string, suite: string[], outcome: 'passed' | 'failed' | 'skipped' | 'error', message?: string, duration_ms?: number, file?: string, line?: number, expected?: string, actual?: string }} result with an absolute path */
    add(result) {
      if (written++ >= resultsMax) return
      const path = result.file === undefined ? {} : { file: relative(root, result.file) }
      const texts = ['message', 'expected', 'actual'].filter((name) => result[name] !== undefined)
      const cut = Object.fromEntries(texts.map((name) => [name, stripVTControlCharacters(result[name]).slice(0, textMax)]))
      writeSync(fd, `${JSON.stringify({ ...result, ...path, ...cut })}\n`)
    },
  }
}

/** Without the calls inside node and the frameworks, which every failure has in common. @param {string} stack */
exports.ownStack = (stack) =>
  stack
    .split('\n')
    .filter((line) => !/^ +at /.test(line) || !(line.includes('node:') || line.includes('/opt/node_modules/')))
    .join('\n')

/** A value as a person would write it down. */
exports.shown = (value) => (typeof value === 'string' ? value : inspect(value, { depth: 4 }))
