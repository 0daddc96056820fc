import { expect, test } from 'vitest'
import { isAppError } from '../protocol/errors.ts'
import { TestManifest } from '../protocol/language.ts'
import { flagsOf, modeOf, onlyOf, terminalOf, wordsOf } from './run-options.ts'

const flags = {
  compile: [{ flag: '-O{level}', values: ['0', '2'], description: 'Optimise.' }],
  run: [{ flag: '-u', description: 'Unbuffered.' }],
}
const refusal = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    if (isAppError(error)) return error.issues
    throw error
  }
  throw new Error('It was taken.')
}

test('a flag is a whole word of the manifest’s list, with its part filled in', () => {
  expect(wordsOf(flags.compile[0]!)).toEqual(['-O0', '-O2'])
  expect(flagsOf({ flags: { compile: ['-O2'], run: ['-u'] } }, { flags })).toEqual({ compile: ['-O2'], run: ['-u'] })
  expect(flagsOf({}, { flags })).toEqual({})
})

test('a flag that is not on the list is refused with the list, by its place', () =>
  expect(refusal(() => flagsOf({ flags: { compile: ['-O2', '-fplugin=x'], run: ['-O2'] } }, { flags }))).toEqual([
    { path: 'flags.compile.1', message: 'Allowed are: -O0 -O2' },
    { path: 'flags.run.0', message: 'Allowed are: -u' },
  ]))

test('a stage without flags says so', () =>
  expect(refusal(() => flagsOf({ flags: { run: ['-x'] } }, { flags: { compile: [], run: [] } }))).toEqual([
    { path: 'flags.run.0', message: 'No flags are allowed for the run stage.' },
  ]))

test('test mode is for languages that have a framework', () => {
  expect(modeOf({}, { manifest: { name: 'Lua' } })).toBe('run')
  expect(refusal(() => modeOf({ mode: 'test' }, { manifest: { name: 'Lua' } }))?.[0]?.path).toBe('mode')
})

test('a terminal is 80 by 24 unless it is told', () => {
  expect(terminalOf({})).toBeNull()
  expect(terminalOf({ tty: false })).toBeNull()
  expect(terminalOf({ tty: true })).toEqual({ columns: 80, rows: 24 })
  expect(terminalOf({ tty: { columns: 100, rows: 40 } })).toEqual({ columns: 100, rows: 40 })
})

const framework = (select?: object) => ({
  name: 'Snake',
  test: TestManifest.parse({
    framework: 'unit 5',
    run: { argv: ['unit'] },
    report: { path: '/tmp/r.xml', format: 'junit-xml' },
    example: { file: 'tests.sn', path: 'tests.sn' },
    ...(select ? { select } : {}),
  }),
})
const two = [
  { suite: ['a'], name: 'one' },
  { suite: ['a'], name: 'two' },
]

test('tests are chosen in test mode, where the framework can, and as many as it can', () => {
  expect(onlyOf({}, 'run', { name: 'Lua' })).toEqual([])
  expect(onlyOf({ only: two }, 'test', framework({ argv: ['{test}'] }))).toEqual(two)
  expect(onlyOf({ only: two.slice(0, 1) }, 'test', framework({ argv: ['-n={tests}'] }))).toEqual(two.slice(0, 1))
})

test.each([
  ['outside of test mode', 'run', framework({ argv: ['{test}'] }), 'Tests are chosen in test mode: add "mode": "test".'],
  ['where the framework cannot choose', 'test', framework(), 'unit 5 runs all of its tests. Leave the field out.'],
  [
    'more than one where it takes one',
    'test',
    framework({ argv: ['-n={tests}'] }),
    'unit 5 of this version takes one test at a time.',
  ],
] as const)('tests asked for %s are refused with what to do', (_, mode, manifest, message) =>
  expect(refusal(() => onlyOf({ only: two }, mode, manifest))).toEqual([{ path: 'only', message }]),
)
