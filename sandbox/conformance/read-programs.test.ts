import { expect, test } from 'vitest'
import { parsePrograms } from './read-programs.ts'

const nothing = { args: [], stdin: '', typed: [], flags: [] }

test('a program is a sentence, what it is given, and its files', () => {
  const text = `=== greets
args: ["two words"]
stdin: "a\\n"
--- main.py
import other

print(1)
--- other.py
--- pkg/x.py
x

=== leaves
--- main.py
exit()
`
  expect(parsePrograms(text, 'python/some.txt')).toEqual([
    {
      ...nothing,
      rule: 'greets',
      where: 'python/some.txt:1',
      args: ['two words'],
      stdin: 'a\n',
      files: [
        { path: 'main.py', content: 'import other\n\nprint(1)\n' },
        { path: 'other.py', content: '' },
        { path: 'pkg/x.py', content: 'x\n' },
      ],
    },
    { ...nothing, rule: 'leaves', where: 'python/some.txt:12', files: [{ path: 'main.py', content: 'exit()\n' }] },
  ])
})

test.each([
  ['a header nobody knows', '=== x\nargz: []\n--- a\n', /x\.txt:1.*argz/s],
  ['a line that is neither a header nor a file', '=== x\nhello\n--- a\n', /x\.txt:2: neither/],
  ['a program without a file', '=== x\n', /x\.txt:1: a program without a file/],
  ['text before the first program', 'hello\n', /x\.txt:1: text before/],
])('%s is refused, with the line', (_, text, message) => {
  expect(() => parsePrograms(text, 'x.txt')).toThrow(message)
})
