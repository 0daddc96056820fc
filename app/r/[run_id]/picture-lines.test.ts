import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../../protocol/diagnostic.ts'
import { drawable, pictureLines } from './picture-lines.ts'

const counted = (lines: number): string => Array.from({ length: lines }, (_, n) => `line ${n + 1}`).join('\n')
const file = (path: string, content: string, encoding: 'utf8' | 'base64' = 'utf8') => ({ path, content, encoding })
const mistake = (file: string, line: number): Diagnostic => ({ file, line, severity: 'error', message: 'no' }) as Diagnostic
const of = (files: ReturnType<typeof file>[], diagnostics: Diagnostic[] = []) =>
  pictureLines({ files, entry: 'main.py', diagnostics })

describe('the picture of a run shows', () => {
  test('the first lines of the entry file, and how many more there are', () => {
    const shown = of([file('other.py', 'no'), file('main.py', counted(30))])
    expect(shown?.path).toBe('main.py')
    expect(shown?.lines.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(shown?.more).toBe(21)
  })

  test('the lines around the first mistake, in the file it is in', () => {
    const shown = of(
      [file('main.py', 'ok'), file('other.py', counted(30))],
      [mistake('/usr/lib/x.py', 3), mistake('other.py', 20)],
    )
    expect(shown?.path).toBe('other.py')
    expect(shown?.lines.map(({ number }) => number)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24])
    expect(shown?.lines.filter(({ isWrong }) => isWrong).map(({ text }) => text)).toEqual(['line 20'])
    expect(shown?.mistake).toBe('no')
  })

  test('as many lines as there are when the mistake is near the end', () => {
    expect(of([file('main.py', counted(12))], [mistake('main.py', 12)])?.lines.map(({ number }) => number)).toEqual([
      4, 5, 6, 7, 8, 9, 10, 11, 12,
    ])
  })

  test('the beginning of a long line', () => {
    const [line] = of([file('main.py', 'x'.repeat(5_000))])?.lines ?? []
    expect(line?.text).toHaveLength(62)
    expect(line?.text.endsWith('x…')).toBe(true)
  })

  test('no code where there is only what is no text', () => {
    expect(of([file('main.py', '\n \n')])).toBeNull()
    expect(of([file('main.py', 'AAAA', 'base64')])).toBeNull()
  })

  test('a dot for each character that its font may lack', () => {
    expect(drawable('naïve = "日本🎉"')).toBe('naïve = "···"')
  })
})
