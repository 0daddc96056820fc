import { expect, test } from 'vitest'
import { excerptOf } from './excerpt.ts'

test.each([
  ['its first line', 'print(1)\nprint(2)', 'print(1)'],
  ['not the blank ones before, nor their byte order mark', '\ufeff\r\n \t\n\n  x = 1  \r\ny', 'x = 1'],
  ['at most 120 characters, none of them cut in two', `${'👻'.repeat(200)}`, '👻'.repeat(120)],
  ['nothing when all of it is blank', ' \n\t\n', ''],
  ['nothing when there is nothing', '', ''],
])('the excerpt of a program is %s', (_, content, excerpt) =>
  expect(
    excerptOf(
      [
        { path: 'other', content: 'no' },
        { path: 'main.py', content },
      ],
      'main.py',
    ),
  ).toBe(excerpt),
)

test('the excerpt of a base64 file is of what it holds', () => {
  const content = Buffer.from('\n# héllo\n').toString('base64')
  expect(excerptOf([{ path: 'main.py', content, encoding: 'base64' }], 'main.py')).toBe('# héllo')
})

test('a run whose entry is not among its files has none', () => expect(excerptOf([], 'main.py')).toBe(''))
