import { expect, test } from 'vitest'
import { FormatManifest } from './language.ts'

const format = (error?: string) => FormatManifest.safeParse({ name: 'Tidy', argv: ['tidy'], ...(error ? { error } : {}) }).success

test.each([
  ['a line', '(?<line>\\d+)', true],
  ['a line, a column and a message', '^(?<line>\\d+):(?<column>\\d+): (?<message>.*)', true],
  ['nothing', undefined, true],
  ['no line', '(?<column>\\d+)', false],
  ['no group', '\\d+', false],
  ['what is no regular expression', '(?<line>', false],
])('the errors of a formatter are found by a pattern that names %s: %s', (_, pattern, good) => {
  expect(format(pattern)).toBe(good)
})

test('a formatter has a command', () => {
  expect(FormatManifest.safeParse({ name: 'Tidy', argv: [] }).success).toBe(false)
})
