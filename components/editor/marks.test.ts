import { describe, expect, test } from 'vitest'
import type { Ending } from '../../protocol/run.ts'
import { type Mark, marksByPath, marksOf, nextMark, spanOf } from './marks.ts'

const exited = { kind: 'exited' as const, exit_code: 1 }

describe('what a run says of the code', () => {
  test('is a mark at its place in a file of the run', () => {
    const diagnostics = [{ file: 'main.py', line: 3, column: 5, severity: 'error' as const, message: 'NameError: x' }]
    expect(marksOf({ diagnostics, verdict: exited }, ['main.py'])).toEqual([
      { path: 'main.py', line: 3, column: 5, kind: 'error', message: 'NameError: x' },
    ])
  })

  test('about a library is a mark where the program called it', () => {
    const frames = [
      { file: '/usr/lib/json.py', line: 9, library: true },
      { file: 'main.py', line: 2, library: false },
    ]
    const diagnostics = [{ file: '/usr/lib/json.py', line: 9, severity: 'error' as const, message: 'bad', frames }]
    expect(marksOf({ diagnostics, verdict: exited }, ['main.py'])).toEqual([
      { path: 'main.py', line: 2, kind: 'error', message: 'bad' },
    ])
    expect(marksOf({ diagnostics, verdict: exited }, ['other.py'])).toEqual([])
  })

  test('about a hang is a mark where it stood', () => {
    const verdict: Ending['verdict'] = {
      kind: 'time-limit',
      clock: 'wall',
      stuck_at: { file: 'main.py', line: 7, function: 'wait', library: false },
    }
    expect(marksOf({ verdict }, ['main.py'])).toMatchObject([{ line: 7, kind: 'stuck' }])
  })
})

test('a file that is not the one that ran has no marks', () => {
  const diagnostics = ['a', 'b'].map((file) => ({ file, line: 1, severity: 'error' as const, message: file }))
  const ran = [
    { path: 'a', content: '1' },
    { path: 'b', content: '2' },
  ]
  const now = [{ path: 'a', content: 'changed' }, ran[1]!]
  expect([...marksByPath({ diagnostics, verdict: exited }, ran, now).keys()]).toEqual(['b'])
})

describe('the part of the line that is marked', () => {
  test.each([
    ['the word at the column', { column: 5 }, 'x = name + 1', 'name'],
    ['a sign at the column', { column: 10 }, 'x = name + 1', '+'],
    ['the text of the line without a column', {}, '    return x  ', 'return x'],
    ['the text of the line where the column is behind it', { column: 99 }, '  a', 'a'],
    ['counted in characters, not in UTF-16', { column: 3 }, '😀😀name', 'name'],
  ])('is %s', (_, mark, text, marked) => {
    const { start, end } = spanOf(mark, text)
    expect(text.slice(start - 1, end - 1)).toBe(marked)
  })
  test('is there even on an empty line', () => expect(spanOf({}, '')).toEqual({ start: 1, end: 2 }))
})

describe('next and previous', () => {
  const mark = (path: string, line: number): Mark => ({ path, line, kind: 'error', message: '' })
  const marks = [mark('b', 2), mark('a', 9), mark('a', 3)]
  const at = (from: { path: string; line: number }, step: 1 | -1) => {
    const found = nextMark(marks, ['a', 'b'], from, step)
    return found && `${found.path}${found.line}`
  }
  test('go through the files in their order, and round', () => {
    expect(at({ path: 'a', line: 1 }, 1)).toBe('a3')
    expect(at({ path: 'a', line: 3 }, 1)).toBe('a9')
    expect(at({ path: 'a', line: 9 }, 1)).toBe('b2')
    expect(at({ path: 'b', line: 5 }, 1)).toBe('a3')
    expect(at({ path: 'b', line: 2 }, -1)).toBe('a9')
    expect(at({ path: 'a', line: 1 }, -1)).toBe('b2')
  })
  test('are nothing where nothing is wrong', () => expect(nextMark([], ['a'], { path: 'a', line: 1 }, 1)).toBeUndefined())
})
