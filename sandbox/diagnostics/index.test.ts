import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Diagnostic, ThreadStack } from '../../protocol/diagnostic.ts'
import { charactersOf } from './columns.ts'
import { diagnosticsOf, readerNames, stacksOf } from './index.ts'
import { whereaboutsIn } from './places.ts'

const nothing = { stdout: '', stderr: '', compileOutput: '', files: ['main.py', 'lib/calc.py'], entry: 'main.py' }

/** Pieces of what the readers look for, so that chance finds the paths between them. */
const pieces = [
  'Traceback (most recent call last):\n', '  File "/workspace/main.py", line 3, in f\n', '    f()\n', '    ^\n', 'ValueError: no\n', '  + Exception Group Traceback (most recent call last):\n',
  '  | ', '    +---------------- 2 ----------------\n', '/workspace/main.py:1\n', '    at f (/workspace/main.py:1:2)\n', '  [cause]: Error: x\n', '\tat a.B.c(B.java:3)\n', 'Caused by: a.B: c\n',
  '\t... 9999999 more\n', 'Exception in thread "main" ', 'java.lang.Exception: x\n', 'main.c:1:2: error: x\n', 'panic: x\n', 'goroutine 1 [running]:\n', 'main.f()\n', '\t/workspace/main.py:1 +0x1\n', 'error[E0001]: x\n',
  ' --> main.py:1:2\n', '1 | ^ x\n', "thread 'main' panicked at main.py:1:2:\n", 'stack backtrace:\n', '   0: f\n', '             at main.py:1:2\n', "main.py:1:in `f': x (E)\n", '\tfrom main.py:1\n', 'PHP Fatal error:  Uncaught E: x in main.py:1\n',
  'Stack trace:\n', '#0 main.py(1): f()\n', 'Next E: x in main.py:2\n', 'main.py: line 1: x\n', 'Parse error near line 1: x\n', '  ^--- error here\n', 'lua5.4: main.py:1: x\n', 'stack traceback:\n', '\tmain.py:1: in f\n', '==1==ERROR: AddressSanitizer: x\n',
  '    #0 0x1 in f main.py:1:2\n', '"main" #1 x\n', '{"thread":"main","frames":[{"file":"a","line":1}]}\n', 'Thread 0x1 (most recent call first):\n', '\n', ' ', '^', ':', '1', '999999999999999999999', '\x1b[31m', '\x1b]8;;', '日本',
] // biome-ignore format: a list to scan, not to read
const anyOutput = fc
  .array(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))

test('whatever a program writes, every reader gives a bounded list of what the protocol allows', () => {
  fc.assert(
    fc.property(anyOutput, anyOutput, fc.boolean(), (text, source, known) => {
      const sourceOf = known ? () => source : undefined
      const read = diagnosticsOf({ ...nothing, readers: readerNames, stdout: text, stderr: text, compileOutput: text, sourceOf })
      expect(read.length).toBeLessThanOrEqual(100)
      for (const diagnostic of read) {
        Diagnostic.parse(diagnostic)
        expect(diagnostic.frames?.length ?? 0).toBeLessThanOrEqual(50)
        expect(diagnostic.message.length).toBeLessThanOrEqual(1000)
      }
      for (const reader of readerNames) {
        for (const stack of stacksOf({ readers: [reader], text, files: nothing.files, sourceOf })) {
          ThreadStack.parse(stack)
          expect(stack.frames.length).toBeLessThanOrEqual(50)
        }
      }
    }),
    { numRuns: 200 },
  )
}, 60_000)

test('a program that fills its output with one piece of a message over and over is read all the same', () => {
  for (const piece of pieces) {
    const text = piece.repeat(Math.ceil((100 * 1024) / piece.length))
    const read = diagnosticsOf({ ...nothing, readers: readerNames, stderr: text, compileOutput: text })
    expect(read.length).toBeLessThanOrEqual(100)
  }
}, 60_000)

test('a hundred diagnostics are enough, and they are the first a compiler gave', () => {
  const compileOutput = Array.from({ length: 500 }, (_, at) => `main.c:${at + 1}:1: error: number ${at}\n`).join('')
  const read = diagnosticsOf({ ...nothing, readers: ['gcc'], compileOutput })
  expect(read).toHaveLength(100)
  expect(read.at(-1)).toMatchObject({ line: 100 })
})

test('of a long output the end is read, where the error that ended the program is', () => {
  const stderr = `${'noise\n'.repeat(200_000)}Traceback (most recent call last):\n  File "main.py", line 3, in <module>\nValueError: late\n`
  expect(diagnosticsOf({ ...nothing, readers: ['python'], stderr })).toMatchObject([
    { file: 'main.py', line: 3, message: 'ValueError: late' },
  ])
})

test('what was said twice is told once', () => {
  const stderr = "main.rb:2:in `f': boom (RuntimeError)\n".repeat(2)
  expect(diagnosticsOf({ ...nothing, files: ['main.rb'], readers: ['ruby'], stderr })).toHaveLength(1)
})

test('stdout is read when stderr says nothing, as on a terminal, where there is only one of them', () => {
  const message = '\x1b[1mmain.py\x1b[0m: \x1b[31m'
  const stdout = `${message}\r\n  File "main.py", line 2\r\n    x = (\r\n        ^\r\nSyntaxError: '(' was never closed\r\n`
  expect(diagnosticsOf({ ...nothing, readers: ['python'], stdout })).toMatchObject([
    { line: 2, message: "SyntaxError: '(' was never closed" },
  ])
})

test('a name that is no reader, or one every object has, reads nothing', () => {
  const stderr = 'Traceback (most recent call last):\n  File "main.py", line 3, in <module>\nValueError: x\n'
  expect(diagnosticsOf({ ...nothing, readers: ['cobol', 'constructor', '__proto__'], stderr })).toEqual([])
})

test.each([
  ['/workspace/lib/calc.py', 'lib/calc.py', true],
  ['./lib/calc.py', 'lib/calc.py', true],
  ['file:///workspace/lib/calc.py', 'lib/calc.py', true],
  ['...b/calc.py', 'lib/calc.py', true],
  ['made.py', 'made.py', false],
  ['/workspace/made.py', 'made.py', true],
  ['/workspace/node_modules/left/index.js', 'node_modules/left/index.js', false],
  ['/usr/lib/python3.13/json/decoder.py', '/usr/lib/python3.13/json/decoder.py', false],
  ['file:///workspace/%E0%A4%A.py', '/workspace/%E0%A4%A.py'.slice('/workspace/'.length), true],
])('%s is %s, of the run: %s', (printed, file, own) => {
  expect(whereaboutsIn(['main.py', 'lib/calc.py'])(printed)).toEqual({ file, own })
})

test.each([
  ['bytes', 'größe := y', 12, 10],
  ['utf16', '"😀"; y', 7, 6],
  ['cells', '\tint x', 9, 2],
  ['cells', '"日本"; y', 9, 7],
  ['cells', 'int x', 9, 9],
] as const)('%s in %s: column %i is character %i', (unit, line, at, characters) => {
  expect(charactersOf({ at, unit }, line)).toBe(characters)
})

test('the stacks of a compiled program begin with the main thread, and what is in no file of the run is the library', () => {
  const text =
    'Thread 9:\n#0 read\n#1 spin(int) at /workspace/main.c:3\nThread 7 main:\n#0 wait_for_it at /workspace/main.c:7\n#1 __libc_start_main\n'
  for (const reader of ['native', 'gcc', 'rust']) {
    expect(stacksOf({ readers: [reader], text, files: ['main.c'] })).toEqual([
      {
        thread: 'main',
        frames: [
          { file: 'main.c', line: 7, function: 'wait_for_it', library: false },
          { file: '', line: 0, function: '__libc_start_main', library: true },
        ],
      },
      {
        thread: 'thread 9',
        frames: [
          { file: '', line: 0, function: 'read', library: true },
          { file: 'main.c', line: 3, function: 'spin(int)', library: false },
        ],
      },
    ])
  }
})

test('a JVM that answers through our launcher numbers no threads', () => {
  const text =
    '"main" prio=5\n   java.lang.Thread.State: WAITING (on object monitor)\n\tat java.lang.Object.wait0(Native Method)\n\t- waiting on <0x01> (a java.lang.Object)\n\tat Main.waitForIt(Main.java:6)\n\n"bg" daemon prio=5\n   java.lang.Thread.State: RUNNABLE\n\tat Main.spin(Main.java:9)\n\n'
  expect(stacksOf({ readers: ['java'], text, files: ['Main.java'] })).toEqual([
    {
      thread: 'main',
      frames: [
        { file: 'Native Method', line: 0, function: 'java.lang.Object.wait0', library: true },
        { file: 'Main.java', line: 6, function: 'Main.waitForIt', library: false },
      ],
    },
    { thread: 'bg', frames: [{ file: 'Main.java', line: 9, function: 'Main.spin', library: false }] },
  ])
})
