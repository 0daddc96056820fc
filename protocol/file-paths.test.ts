import { describe, expect, test } from 'vitest'
import { clashesOf, problemOfPath } from './file-paths.ts'

describe('a path', () => {
  test.each([
    'main.py',
    'src/app/Main.java',
    'a.b-c_d e.txt',
    'données/naïve.py',
    '文件.py',
    '.hidden',
    'C:/x',
    'a...b',
    `${'x'.repeat(100)}`,
  ])('like %j can be used', (path) => expect(problemOfPath(path)).toBeNull())

  test.each([
    ['leaves the workspace', '../x'],
    ['leaves the workspace in the middle', 'a/../../x'],
    ['is absolute', '/etc/passwd'],
    ['names the folder itself', '.'],
    ['has a dot among its names', 'a/./b'],
    ['is empty', ''],
    ['has an empty name', 'a//b'],
    ['ends in a slash', 'a/'],
    ['has a NUL', 'a\0b'],
    ['has a line break', 'a\nb'],
    ['has a C1 control character', 'a\x85b'],
    ['hides the direction of its text', 'a\u202egnp.exe'],
    ['has an invisible character', 'a\u200bb'],
    ['has half a surrogate pair', 'a\ud800b'],
    ['uses backslashes', 'C:\\x'],
    ['reads like an option', '-rf'],
    ['reads like an option in a folder', 'src/-Xmx'],
    ['has a name over 100 bytes', 'é'.repeat(51)],
    ['is over 200 characters', Array.from({ length: 30 }, () => 'seven77').join('/')],
  ])('that %s is refused', (_, path) => expect(problemOfPath(path)).toEqual(expect.any(String)))
})

describe('paths that are fine alone cannot be together when', () => {
  test.each([
    ['they are the same', ['a.py', 'a.py']],
    ['they differ only in case', ['Main.java', 'main.java']],
    ['they differ only in how an accent is composed', ['caf\u00e9.py', 'cafe\u0301.py']],
    ['one is a folder of the other', ['lib', 'lib/a.py']],
    ['one is a folder of the other but for case', ['lib/a.py', 'LIB']],
  ])('%s', (_, paths) => expect(clashesOf(paths)).toHaveLength(1))

  test('not when they only share a folder or a beginning', () => {
    expect(clashesOf(['src/a.py', 'src/b.py', 'src2', 'sr', 'Src/c.py'])).toEqual([])
  })
})
