import { describe, expect, test } from 'vitest'
import { detectPaste } from './paste.ts'

const known = (id: string, entry: string, ...more: string[]) => ({
  id,
  entry,
  extensions: [entry.slice(entry.indexOf('.')), ...more],
})
const languages = [
  known('python', 'main.py'),
  known('javascript', 'main.js', '.mjs', '.cjs'),
  known('typescript', 'main.ts'),
  known('java', 'Main.java'),
  known('ruby', 'main.rb'),
  known('go', 'main.go'),
  known('rust', 'main.rs'),
  known('c', 'main.c', '.h'),
  known('cpp', 'main.cpp'),
  known('php', 'main.php'),
  known('bash', 'main.sh'),
  known('sqlite', 'main.sql'),
  known('lua', 'main.lua'),
]
const detect = (text: string, open = 'python') => detectPaste(text, languages, open)
const fence = '```'

describe('a Markdown text', () => {
  test('with one program is that program', () => {
    expect(detect(`It fails:\n\n${fence}go\npackage main\n${fence}\n\nWhy?`)).toEqual({
      kind: 'markdown',
      language: 'go',
      files: [{ path: 'main.go', content: 'package main\n' }],
      stdin: '',
    })
  })

  test('with named files is those files', () => {
    const text = `**\`main.py\`**:\n${fence}python\nimport helper\n${fence}\n\nand in helper.py:\n${fence}py\nx = 1\n${fence}\n`
    expect(detect(text)).toMatchObject({
      language: 'python',
      files: [
        { path: 'main.py', content: 'import helper\n' },
        { path: 'helper.py', content: 'x = 1\n' },
      ],
    })
  })

  test.each([
    ['after the language', `${fence}ts title="src/app.ts"\nlet a = 1\n${fence}\nx`, 'src/app.ts'],
    ['in a heading', `### lib/util.js\n${fence}js\nlet a\n${fence}\nx`, 'lib/util.js'],
    ['in the first line of the code', `Here\n${fence}python\n# tools/run.py\nprint(1)\n${fence}\nx`, 'tools/run.py'],
    ['as the fence itself', `a\n${fence}main.rb\nputs 1\n${fence}\nx`, 'main.rb'],
  ])('names a file %s', (_, text, path) => {
    expect(detect(text)).toMatchObject({ files: [{ path }] })
  })

  test('has input that is told to be that, and output that is not code', () => {
    const text = `${fence}python\nprint(input())\n${fence}\nInput:\n${fence}\n1 2\n${fence}\nOutput:\n${fence}text\n3\n${fence}`
    expect(detect(text)).toMatchObject({ files: [{ path: 'main.py' }], stdin: '1 2\n' })
  })

  test('whose program stands in parts is one program', () => {
    const text = `First\n${fence}python\na = 1\n${fence}\nthen\n${fence}python\nprint(a)\n${fence}`
    expect(detect(text)).toMatchObject({ files: [{ path: 'main.py', content: 'a = 1\n\nprint(a)\n' }] })
  })

  test('says how it was started, which is no file', () => {
    const text = `${fence}rust\nfn main() {}\n${fence}\nRun with\n${fence}sh\ncargo run\n${fence}`
    expect(detect(text)).toMatchObject({ language: 'rust', files: [{ path: 'main.rs' }] })
  })

  test('with a fence that says nothing is known by its code', () => {
    expect(detect(`Look:\n${fence}\n#include <stdio.h>\nint main() {}\n${fence}`)).toMatchObject({ language: 'c' })
  })

  test('with tildes, indented, and longer fences inside', () => {
    expect(detect(`~~~~ruby\nputs "a"\n~~~\n~~~~\nx`)).toMatchObject({ files: [{ content: 'puts "a"\n~~~\n' }] })
    expect(detect(`1. So:\n   ${fence}js\n   let a\n     let b\n   ${fence}`)).toMatchObject({
      files: [{ content: 'let a\n  let b\n' }],
    })
  })

  test('a file that would leave the workspace is not one', () => {
    expect(detect(`../../etc/x.py:\n${fence}python\n1\n${fence}\nx`)).toMatchObject({ files: [{ path: 'main.py' }] })
  })

  test('without code is text', () => {
    expect(detect(`Hello\n${fence}text\njust words\n${fence}\n`)).toBeNull()
    expect(detect('# A heading\n\nand *text*')).toBeNull()
  })
})

describe('a stack trace', () => {
  test.each([
    [
      'python',
      'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>\n    f()\n  File "/app/lib.py", line 9, in f\n    1/0\nZeroDivisionError: division by zero',
      'lib.py:9',
    ],
    [
      'javascript',
      "/app/x.js:2\n  a.b.c\n\nTypeError: Cannot read properties of undefined (reading 'c')\n    at f (/app/x.js:2:7)\n    at Object.<anonymous> (/app/x.js:5:1)",
      'x.js:2',
    ],
    [
      'java',
      'Exception in thread "main" java.lang.NullPointerException: x\n\tat com.example.Main.run(Main.java:12)\n\tat com.example.Main.main(Main.java:5)',
      'Main.java:12',
    ],
    [
      'go',
      'panic: runtime error: index out of range [3]\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:8 +0x1d\nexit status 2',
      'main.go:8',
    ],
    ['rust', "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds\nnote: run with RUST_BACKTRACE=1", 'main.rs:4'],
    [
      'ruby',
      "main.rb:3:in `f': undefined method `x' for nil:NilClass (NoMethodError)\n\tfrom main.rb:6:in `<main>'",
      'main.rb:3',
    ],
  ])('of %s is known, with its place', (language, text, place) => {
    expect(detect(text, 'c')).toEqual({ kind: 'stack-trace', language, place })
  })
})

describe('code', () => {
  test.each([
    ['python', 'def f(x):\n    return x\n\nprint(f(1))'],
    ['python', '#!/usr/bin/env python3\nx = 1\n'],
    ['javascript', 'const a = [1, 2]\nconsole.log(a.map((x) => x * 2))'],
    ['typescript', 'interface A {\n  b: string\n}\nconst a: A = { b: "" }'],
    ['java', 'public class Main {\n  public static void main(String[] a) {}\n}'],
    ['ruby', "require 'set'\nputs Set.new([1])"],
    ['go', 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println(1) }'],
    ['rust', 'fn main() {\n    println!("{}", 1);\n}'],
    ['c', '#include <stdio.h>\nint main(void) { return 0; }'],
    ['cpp', '#include <iostream>\nint main() { std::cout << 1; }'],
    ['php', '<?php\necho 1;'],
    ['bash', '#!/bin/bash\necho hi'],
    ['sqlite', 'CREATE TABLE a (b);\nSELECT * FROM a;'],
    ['lua', 'local function f(x)\n  return x\nend\nprint(f(1))'],
  ])('in %s is known where another language is open, and left alone where it is', (language, code) => {
    const other = language === 'php' ? 'lua' : 'php'
    expect(detect(code, other)).toMatchObject({ kind: 'code', language })
    expect(detect(code, language)).toBeNull()
  })

  test.each([
    ['before each line', '1\tdef f():\n2\t    return 1\n3\t\n4\tprint(f())\n'],
    ['above the lines', '1\n2\n3\n4\ndef f():\n    return 1\n\nprint(f())\n'],
  ])('copied from a page with line numbers %s loses them', (_, text) => {
    expect(detect(text, 'python')).toEqual({
      kind: 'code',
      language: 'python',
      files: [{ path: 'main.py', content: 'def f():\n    return 1\n\nprint(f())\n' }],
    })
  })

  test('copied from a page with its head keeps its name and loses the rest', () => {
    const head = 'ada / engine\nCode\nIssues\nengine/lib/\nsums.py\nCode\nBlame\n4 lines (3 loc) · 43 Bytes\nRaw\n'
    expect(detect(`${head}1\n2\n3\n4\ndef f():\n    return 1\n\nprint(f())\n`, 'go')).toEqual({
      kind: 'code',
      language: 'python',
      files: [{ path: 'sums.py', content: 'def f():\n    return 1\n\nprint(f())\n' }],
    })
  })

  test('that nobody can tell is pasted as it is', () => expect(detect('alpha\nbeta\n')).toBeNull())
  test('of one line is never asked about', () => expect(detect('#include <stdio.h>', 'python')).toBeNull())
})

describe('an address', () => {
  test.each([
    ['https://github.com/ada/engine/blob/main/lib/sums.py#L3', 'github.com'],
    ['https://gist.github.com/ada/0123456789abcdef', 'gist.github.com'],
    ['  https://raw.githubusercontent.com/ada/engine/main/sums.py\n', 'raw.githubusercontent.com'],
    ['https://gitlab.com/ada/engine/-/blob/main/sums.py', 'gitlab.com'],
  ])('of code is told to be that: %s', (text, host) => expect(detect(text)).toEqual({ kind: 'address', host }))

  test.each(['https://github.com/ada/engine', 'https://example.com/a.py', 'see https://gist.github.com/ada/1 for it'])(
    'of something else, or in a sentence, is pasted as it is: %s',
    (text) => expect(detect(text)).toBeNull(),
  )
})
