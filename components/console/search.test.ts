import { describe, expect, test } from 'vitest'
import { createScreen } from './screen.ts'
import { createSearch, linesAtOnce, mostMatches } from './search.ts'

function found(text: string, ...written: string[]) {
  const screen = createScreen()
  const search = createSearch(text)
  const chunks = written.map((one) => ({ at: 0, stage: 'run' as const, source: 'stdout' as const, text: one }))
  for (const count of chunks.keys()) {
    screen.take(chunks.slice(0, count + 1))
    search.follow(screen.lines)
  }
  return search
}

describe('a search in the output', () => {
  test('finds every place, also two in one line', () => {
    expect(found('an', 'banana\nno\nan').matches).toEqual([
      { line: 0, start: 1, end: 3 },
      { line: 0, start: 3, end: 5 },
      { line: 2, start: 0, end: 2 },
    ])
  })
  test('minds capitals only when it is given some', () => {
    expect(found('error', 'Error ERROR error').matches).toHaveLength(3)
    expect(found('Error', 'Error ERROR error').matches).toHaveLength(1)
  })
  test('finds text whose colours change in the middle', () => {
    expect(found('hello', '\u001b[31mhe\u001b[32mllo').matches).toEqual([{ line: 0, start: 0, end: 5 }])
  })
  test('goes on with what is written later, and with a line that was not finished', () => {
    expect(found('word', 'a wo', 'rd\nwo', 'rd').matches.map(({ line }) => line)).toEqual([0, 1])
    expect(found('gone', 'gone', '\rhere').matches).toEqual([])
  })
  test('keeps places right after characters whose small form is longer', () => {
    expect(found('x', 'İİx').matches).toEqual([{ line: 0, start: 2, end: 3 }])
  })
  test('stops counting at a number nobody steps through', () => {
    const search = found('a', 'a\n'.repeat(mostMatches + 5))
    expect([search.matches.length, search.more]).toEqual([mostMatches, true])
  })
  test('reads very many lines in several goes, and none of them twice', () => {
    const search = found('rare', `rare\n${'often\n'.repeat(linesAtOnce * 2)}rare`)
    expect([search.complete, search.matches.length]).toEqual([false, 1])
  })
  test('has found the same in the end', () => {
    const screen = createScreen()
    const text = `rare\n${'often\n'.repeat(linesAtOnce * 2)}rare`
    screen.take([{ at: 0, stage: 'run', source: 'stdout', text }])
    const search = createSearch('rare')
    let goes = 0
    for (; goes === 0 || !search.complete; goes++) search.follow(screen.lines)
    expect([goes, search.matches.map(({ line }) => line)]).toEqual([3, [0, linesAtOnce * 2 + 1]])
  })
  test('for nothing finds nothing', () => expect(found('', 'text').matches).toEqual([]))
})
