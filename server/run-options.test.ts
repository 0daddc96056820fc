import { expect, test } from 'vitest'
import { isAppError } from '../protocol/errors.ts'
import { flagsOf, modeOf, terminalOf, wordsOf } from './run-options.ts'

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
