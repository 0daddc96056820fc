import { describe, expect, test } from 'vitest'
import { createRowIndex, rowStarts, scrollTopOf, sliceRuns, visibleRows } from './rows.ts'
import { createScreen } from './screen.ts'

describe('rows', () => {
  test.each<[string, string, number, number[]]>([
    ['of an empty line are one', '', 10, [0]],
    ['of a line that just fits are one', 'abcdefghij', 10, [0]],
    ['begin at every full width', 'abcdefghijk', 5, [0, 5, 10]],
    ['count a wide character as two cells', '日本語', 4, [0, 2]],
    ['do not cut a wide character', 'a日本', 2, [0, 1, 2]],
    ['do not begin with a combining mark', 'ae\u0301b', 2, [0, 3]],
    ['let tabs reach to multiples of eight', '\tab', 9, [0, 2]],
    ['give a tab that does not fit a row of its own', 'abc\td', 8, [0, 4]],
    ['hold at least one character each', '日本', 1, [0, 1]],
  ])('%s', (_, text, columns, starts) => expect(rowStarts(text, columns)).toEqual(starts))
})

const screenOf = (text: string) => {
  const screen = createScreen()
  screen.take([{ at: 0, stage: 'run', source: 'stdout', text }])
  return screen
}

describe('the index of rows', () => {
  test('finds the line of every row', () => {
    const index = createRowIndex(3)
    index.follow(screenOf('abcdefg\n\nhi').lines)
    expect(index.rows).toBe(5)
    expect([0, 1, 2, 3, 4].map((row) => index.locate(row))).toEqual([
      { line: 0, part: 0 },
      { line: 0, part: 1 },
      { line: 0, part: 2 },
      { line: 1, part: 0 },
      { line: 2, part: 0 },
    ])
  })

  test('follows the last line as it grows', () => {
    const screen = createScreen()
    const chunks = [{ at: 0, stage: 'run', source: 'stdout', text: 'ab' }] as const
    screen.take(chunks)
    const index = createRowIndex(3)
    index.follow(screen.lines)
    expect(index.rows).toBe(1)
    screen.take([...chunks, { at: 1, stage: 'run', source: 'stdout', text: 'cdefg\nx' }])
    index.follow(screen.lines)
    expect(index.rows).toBe(4)
  })

  test('has no rows for no lines', () => {
    const index = createRowIndex(3)
    index.follow([])
    expect(index.rows).toBe(0)
  })
})

test('a slice of runs keeps their looks', () => {
  const runs = screenOf('ab\x1b[31mcd').lines[0]!.runs
  expect(sliceRuns(runs, 1, 3).map((run) => [run.text, run.style.foreground])).toEqual([
    ['b', null],
    ['c', 1],
  ])
})

describe('visible rows', () => {
  test('are those in view and a few around', () =>
    expect(visibleRows({ scrollTop: 2000, viewport: 400, rows: 1000, rowHeight: 20 }, 5)).toEqual({
      first: 95,
      last: 125,
      top: 1900,
      height: 20_000,
    }))
  test('stay within what there is', () =>
    expect(visibleRows({ scrollTop: 0, viewport: 400, rows: 3, rowHeight: 20 })).toEqual({
      first: 0,
      last: 3,
      top: 0,
      height: 60,
    }))
  test('of more rows than a browser can lay out reach the last one at the lower end', () => {
    const rows = 1_000_000
    const { height } = visibleRows({ scrollTop: 0, viewport: 400, rows, rowHeight: 20 })
    expect(height).toBe(8_000_000)
    const end = visibleRows({ scrollTop: height - 400, viewport: 400, rows, rowHeight: 20 }, 0)
    expect(end.last).toBe(rows)
    expect(end.first).toBe(rows - 20)
  })
})

test.each([1_000, 2_000_000])('scrolling to a row of %i brings it into view', (rows) => {
  const view = { viewport: 400, rows, rowHeight: 20 }
  for (const row of [0, 1, 500, Math.floor(rows / 2), rows - 1]) {
    const { first, last } = visibleRows({ ...view, scrollTop: scrollTopOf(row, view) }, 0)
    expect([first <= row, row < last]).toEqual([true, true])
  }
})
