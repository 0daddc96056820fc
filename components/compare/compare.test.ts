import { describe, expect, test } from 'vitest'
import { filePairsOf, hunksOf } from './compare.ts'

const shown = (left: string, right: string) =>
  hunksOf(left, right).hunks.map(({ skipped, lines }) => [
    skipped,
    lines.map(({ kind, text }) => `${{ same: ' ', left: '-', right: '+' }[kind]}${text}`),
  ])

describe('two outputs', () => {
  test('that are the same are said to be', () => expect(hunksOf('a\nb', 'a\nb')).toEqual({ hunks: [], same: true, cut: false }))
  test('are shown where they differ, with what stands around it', () => {
    const lines = Array.from({ length: 20 }, (_, n) => `line ${n}`)
    const other = lines.map((line, n) => (n === 10 ? 'changed' : line))
    expect(shown(lines.join('\n'), other.join('\n'))).toEqual([
      [7, [' line 7', ' line 8', ' line 9', '-line 10', '+changed', ' line 11', ' line 12', ' line 13']],
    ])
  })
  test('of which one is empty', () => expect(shown('', 'a\n')).toEqual([[0, ['+a']]]))
  test('that are very long are compared at their ends', () => {
    const long = 'x\n'.repeat(9_000)
    expect(hunksOf(long, `${long}end\n`)).toMatchObject({ cut: true, same: false })
  })
})

test('files stand side by side, those that differ first', () => {
  const file = (path: string, content = '') => ({ path, content })
  const pairs = filePairsOf([file('a'), file('b', '1'), file('old')], [file('a'), file('b', '2'), file('new')])
  expect(pairs.map(({ path, state }) => [path, state])).toEqual([
    ['b', 'changed'],
    ['new', 'right'],
    ['old', 'left'],
    ['a', 'same'],
  ])
})
