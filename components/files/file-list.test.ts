import { describe, expect, test } from 'vitest'
import { added, dataOf, type FileList, fileOf, freeName, merged, removed, renamed } from './file-list.ts'

const file = (path: string, content = '') => ({ path, content })
const list: FileList = { files: [file('main.py'), file('lib/a.py', 'a'), file('lib/deep/b.py')], entry: 'main.py' }
const paths = ({ files }: FileList) => files.map(({ path }) => path)

describe('a file or folder', () => {
  test('is renamed, with all that is in it', () => {
    expect(paths(renamed(list, 'lib', 'src'))).toEqual(['main.py', 'src/a.py', 'src/deep/b.py'])
    expect(paths(renamed(list, 'lib/a.py', 'a.py'))).toEqual(['main.py', 'a.py', 'lib/deep/b.py'])
  })
  test('that starts goes on starting under its new name', () => {
    expect(renamed(list, 'main.py', 'start.py').entry).toBe('start.py')
    expect(renamed({ ...list, entry: 'lib/a.py' }, 'lib', 'src').entry).toBe('src/a.py')
  })
  test('whose name begins like another is not taken for it', () => {
    const two: FileList = { files: [file('lib/a'), file('library/b')], entry: 'lib/a' }
    expect(paths(renamed(two, 'lib', 'x'))).toEqual(['x/a', 'library/b'])
    expect(paths(removed(two, 'lib'))).toEqual(['library/b'])
  })
  test.each([
    ['lib', 'lib/lib', 'into itself'],
    ['main.py', '../main.py', 'stays inside'],
    ['main.py', 'lib/a.py', 'Another file'],
    ['main.py', 'LIB/A.py', 'Another file'],
    ['main.py', 'lib', 'also of a folder'],
    ['main.py', '', 'needs a name'],
    ['main.py', 'a\\b', 'Use /'],
  ])('%s cannot become %j: %s', (from, to, why) => expect(() => renamed(list, from, to)).toThrow(why))
})

describe('what is taken away', () => {
  test('is a folder with all that is in it', () => expect(paths(removed(list, 'lib'))).toEqual(['main.py']))
  test('if it started, another file starts', () => expect(removed(list, 'main.py').entry).toBe('lib/a.py'))
  test('is never the last file', () => expect(() => removed({ files: [file('a')], entry: 'a' }, 'a')).toThrow('has to stay'))
})

test('files that come in take the place of those with their name', () => {
  expect(merged(list, [file('lib/a.py', 'new'), file('c.py')]).files).toEqual([
    file('main.py'),
    file('lib/deep/b.py'),
    file('lib/a.py', 'new'),
    file('c.py'),
  ])
})

test('more than a run may have is told at once', () => {
  expect(() => added(list, file('big', 'x'.repeat(2_000_000)))).toThrow('1.9 MiB in all; at most 1 MiB')
  const many = Array.from({ length: 120 }, (_, n) => file(`f${n}`))
  expect(() => added(list, ...many)).toThrow('123 files; at most 100')
})

test.each([
  ['helper.py', 'helper.py'],
  ['main.py', 'main2.py'],
  ['Main.py', 'Main2.py'],
  ['lib/a.py', 'lib/a2.py'],
  ['Makefile', 'Makefile'],
])('a free name like %s is %s', (wanted, free) => expect(freeName(list, wanted)).toBe(free))

describe('bytes', () => {
  test.each([
    ['text', new TextEncoder().encode('größe\n'), undefined],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 65]), undefined],
    ['what is not UTF-8', new Uint8Array([0xff, 0xfe, 0]), 'base64'],
    ['NUL', new Uint8Array([65, 0, 66]), 'base64'],
    ['nothing', new Uint8Array(), undefined],
    ['much', new Uint8Array(100_000).fill(200), 'base64'],
  ])('that are %s come back as they were', (_, data, encoding) => {
    const made = fileOf('a', data)
    expect(made.encoding).toBe(encoding)
    expect(dataOf(made)).toEqual(data)
  })
})
