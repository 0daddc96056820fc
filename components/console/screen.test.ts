import { describe, expect, test } from 'vitest'
import type { Chunk } from '../../protocol/transcript.ts'
import { createScreen, screenColumns, screenText, textOf } from './screen.ts'

const chunk = (text: string, source: Chunk['source'] = 'stdout', at = 0): Chunk => ({ at, stage: 'run', source, text })
const screenOf = (...texts: string[]) => {
  const screen = createScreen()
  screen.take(texts.map((text) => chunk(text)))
  return screen
}
const linesOf = (...texts: string[]) => screenOf(...texts).lines.map(textOf)

describe('lines', () => {
  test.each<[string, string[], string[]]>([
    ['are cut at every newline', ['a\nb\n\nc'], ['a', 'b', '', 'c']],
    ['do not begin before they have something in them', ['a\n'], ['a']],
    ['go on over chunks', ['a', 'b\nc'], ['ab', 'c']],
    ['end the same with \\r\\n', ['a\r\nb'], ['a', 'b']],
    ['are overwritten after \\r', ['hello\rJ'], ['Jello']],
    ['are overwritten over chunks, again and again', ['10%', '\r20%', '\r30% done\n', 'x'], ['30% done', 'x']],
    ['are overwritten from the cell \\b goes back to', ['abc\b\bX'], ['aXc']],
    ['have no cell before the first', ['a\b\b\b\bX'], ['X']],
    ['lose their rest to CSI K', ['abcdef\rxy\x1b[K'], ['xy']],
    ['are emptied by CSI 2 K', ['abc\x1b[2K\rx'], ['x  ']],
    ['keep tabs', ['a\tb'], ['a\tb']],
    ['take a flag as one cell', ['🇫🇷!\rX'], ['X!']],
  ])('%s', (_, chunks, lines) => expect(linesOf(...chunks)).toEqual(lines))

  test('remember what was written where, and typed', () => {
    const screen = createScreen()
    screen.take([chunk('name? '), chunk('Ada\n', 'input'), chunk('no!\n', 'stderr')])
    expect(screen.lines.map((line) => line.runs.map(({ text, source }) => [text, source]))).toEqual([
      [
        ['name? ', 'stdout'],
        ['Ada', 'input'],
      ],
      [['no!', 'stderr']],
    ])
  })

  test('carry the time of their first character', () => {
    const screen = createScreen()
    screen.take([chunk('a', 'stdout', 10), chunk('b\nc', 'stdout', 20)])
    expect(screen.lines.map((line) => line.at)).toEqual([10, 20])
  })

  test('longer than the terminal go on in the next one, and are one line as text', () => {
    const long = 'x'.repeat(screenColumns * 2 + 5)
    const screen = screenOf(`${long}\ny`)
    expect(screen.lines.map((line) => line.length)).toEqual([screenColumns, screenColumns, 5, 1])
    expect(screen.lines.map((line) => line.continues)).toEqual([true, true, false, false])
    expect(screenText(screen)).toBe(`${long}\ny`)
  })

  test('are never cut within a character', () => {
    const long = `x${'😀'.repeat(screenColumns)}`
    const screen = screenOf(long)
    expect(screenText(screen)).toBe(long)
    expect(screen.lines.every((line) => textOf(line).isWellFormed())).toBe(true)
  })
})

test('colours of one stream do not run into the other', () => {
  const screen = createScreen()
  screen.take([chunk('\x1b[31m'), chunk('err', 'stderr'), chunk('out')])
  expect(screen.lines[0]!.runs.map((run) => [run.text, run.style.foreground])).toEqual([
    ['err', null],
    ['out', 1],
  ])
})

test('a sequence cut by text of the other stream is still one', () => {
  const screen = createScreen()
  screen.take([chunk('\x1b[3'), chunk('!', 'stderr'), chunk('1mx')])
  expect(textOf(screen.lines[0]!)).toBe('!x')
})

test('taking a longer list reads only what is new', () => {
  const screen = createScreen()
  const chunks = [chunk('a\n'), chunk('b')]
  screen.take(chunks)
  const before = screen.revision
  screen.take(chunks)
  expect(screen.revision).toBe(before)
  screen.take([...chunks, chunk('c')])
  expect(screen.lines.map(textOf)).toEqual(['a', 'bc'])
})

test('tells another output from one that goes on', () => {
  const chunks = [chunk('a'), chunk('b')]
  const screen = createScreen()
  screen.take(chunks)
  expect(screen.continuesWith([...chunks, chunk('c')])).toBe(true)
  expect(screen.continuesWith(chunks.slice(0, 1))).toBe(false)
  expect(screen.continuesWith([chunk('a'), chunk('b'), chunk('c')])).toBe(false)
})

test('a mebibyte of overwriting one long line costs no more than its length', () => {
  const screen = screenOf('x'.repeat(screenColumns), '\ry'.repeat(500_000))
  expect(screen.lines.length).toBeLessThanOrEqual(2)
})
