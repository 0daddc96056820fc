import { describe, expect, test } from 'vitest'
import { canFormat, formatted } from './format.ts'

describe('formatting in the browser', () => {
  test.each([
    ['main.js', 'const a={b:1}', 'const a = { b: 1 };\n'],
    ['main.ts', 'let a:number=1', 'let a: number = 1;\n'],
    ['lib/view.tsx', 'const a=<b>c</b>', 'const a = <b>c</b>;\n'],
    ['package.json', '{"a":1}', '{ "a": 1 }\n'],
    ['README.md', '*  a\n*  b', '- a\n- b\n'],
    ['ci.yml', 'a:   1', 'a: 1\n'],
    ['page.html', '<p>a', '<p>a</p>\n'],
    ['page.css', 'a{b:c}', 'a {\n  b: c;\n}\n'],
  ])('writes %s as Prettier does', async (path, text, expected) => expect(await formatted(path, text)).toBe(expected))

  test('keeps the indentation a text has', async () => {
    expect(await formatted('a.js', 'if (a) {\n    b()\n}')).toBe('if (a) {\n    b();\n}\n')
    expect(await formatted('a.js', 'if (a) {\n\tb()\n}')).toBe('if (a) {\n\tb();\n}\n')
  })

  test('says in one line where a text cannot be read', async () => {
    await expect(formatted('main.js', 'let a = 1\nlet = {')).rejects.toThrow(/^main\.js:2:\d+: [^\n]+$/)
  })

  test.each([
    ['main.py', false],
    ['Makefile', false],
    ['MAIN.JS', true],
  ])('can format %s: %s', (path, can) => expect(canFormat(path)).toBe(can))
})
