import { describe, expect, test } from 'vitest'
import { isTable } from './is-table.ts'
import { isNumeric, mostRows, tableOf } from './table.ts'

describe('a table', () => {
  test.each([
    ['of commas', 'a,b\n1,2\n', [['1', '2']]],
    ['of tabs', 'a\tb\n1\t2\n', [['1', '2']]],
    ['with quotes, and lines in them', 'a,b\n"1\n1","say ""hi"""\n', [['1\n1', 'say "hi"']]],
    ['with the mark of a spreadsheet at its beginning', '\ufeffa,b\n1,2', [['1', '2']]],
    ['with the lines of another system', 'a,b\r\n1,2\r\n', [['1', '2']]],
  ])('%s', (_, text, rows) => expect(tableOf(text)).toEqual({ header: ['a', 'b'], rows, more: false }))

  test('of nothing is none', () => expect(tableOf('')).toBeNull())
  test('ends at a number of rows, and says that there are more', () => {
    const table = tableOf(`n\n${Array.from({ length: mostRows + 1 }, (_, n) => n).join('\n')}\n`)
    expect([table?.rows.length, table?.more]).toEqual([mostRows, true])
  })
  test('that was cut off loses the row it was cut in', () => {
    expect(tableOf('a,b\n1,2\n3,', true)).toEqual({ header: ['a', 'b'], rows: [['1', '2']], more: true })
  })
})

test.each([
  ['out.csv', true],
  ['data/OUT.TSV', true],
  ['csv', false],
  ['out.csv.gz', false],
])('%s is a table: %s', (path, is) => expect(isTable(path)).toBe(is))

test('a column of numbers is one also where some are missing', () => {
  const rows = [
    ['1', 'x', ''],
    ['-2.5e3', '', ''],
  ]
  expect([0, 1, 2, 3].map((column) => isNumeric(rows, column))).toEqual([true, false, false, false])
})
