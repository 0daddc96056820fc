import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { editsBetween, type TextEdit } from './text-edits.ts'

const linesOf = (text: string) => text.split('\n')
const between = (before: string, after: string) => editsBetween(linesOf(before), linesOf(after))

function applied(before: string, edits: readonly TextEdit[]): string {
  const lines = linesOf(before)
  const offsetOf = ({ line, column }: TextEdit['from']) =>
    lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1
  let text = before
  for (const { from, to, text: by } of edits.toReversed()) text = text.slice(0, offsetOf(from)) + by + text.slice(offsetOf(to))
  return text
}

test('any text becomes any other, by edits that follow each other', () => {
  const text = fc
    .array(fc.constantFrom('', 'a', 'ab', 'b', '  a', '😀', '😁b'), { minLength: 1, maxLength: 9 })
    .map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const edits = between(before, after)
      expect(applied(before, edits)).toBe(after)
      const spots = edits.flatMap(({ from, to }) => [from, to]).map(({ line, column }) => line * 1_000 + column)
      expect(spots).toEqual(spots.toSorted((a, b) => a - b))
    }),
    { numRuns: 2_000 },
  )
})

describe('what is alike is left alone:', () => {
  const place = ({ from, to, text }: TextEdit) => [`${from.line}:${from.column}`, `${to.line}:${to.column}`, text]
  test.each<[string, string, string, string[][]]>([
    ['the same text', 'a\nb', 'a\nb', []],
    ['the lines around one', 'a\nb=1\nc', 'a\nb = 1\nc', [['2:2', '2:3', ' = ']]],
    [
      'each of several lines',
      'x=1\ny=2',
      'x = 1\ny = 2',
      [
        ['1:2', '1:3', ' = '],
        ['2:2', '2:3', ' = '],
      ],
    ],
    ['the lines around new ones', 'a\nc', 'a\nb\nc', [['2:1', '2:1', 'b\n']]],
    ['the lines around those that go', 'a\nb\nc', 'a\nc', [['2:1', '3:1', '']]],
    ['what stands before a new last line', 'a', 'a\n', [['1:2', '1:2', '\n']]],
    ['what stands before a last line that goes', 'a\nb', 'a', [['1:2', '2:2', '']]],
    ['both ends of a line that becomes two', 'if a: b()\nc', 'if a:\n    b()\nc', [['1:6', '1:6', '\n   ']]],
    ['but never half a character', '😀', '😁', [['1:1', '1:3', '😁']]],
  ])('%s', (_, before, after, edits) => expect(between(before, after).map(place)).toEqual(edits))
})

test('texts that have nothing in common are replaced as a whole, soon', () => {
  const lines = (word: string) => Array.from({ length: 5_000 }, (_, n) => `${word}${n}`)
  const edits = editsBetween(['same', ...lines('a')], [...lines('b'), 'end', 'and'])
  expect(edits).toHaveLength(1)
})
