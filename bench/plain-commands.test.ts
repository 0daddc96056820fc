import { expect, test } from 'vitest'
import { manifestWith } from '../sandbox/testing/example-language.ts'
import { commandLine, plainStepsOf } from './plain-commands.ts'

const language = (id: string, part: Parameters<typeof manifestWith>[0] = {}) =>
  ({ id, manifest: manifestWith(part) }) as Parameters<typeof plainStepsOf>[0]

test('a language runs bare by the commands of its manifest, one for each stage', () => {
  const steps = plainStepsOf(
    language('example', {
      compile: { argv: ['cc', '{flags}', '{files}'] },
      run: { argv: ['./a.out'] },
      env: { LIBRARY: '/opt' },
    }),
  )
  expect(steps.map(({ argv }) => argv)).toEqual([['cc', 'main.ex'], ['./a.out']])
  expect(steps[0]?.env).toMatchObject({ LIBRARY: '/opt', HOME: '/tmp' })
})

test('what people type at home comes before the manifest', () => {
  expect(plainStepsOf(language('python')).map(({ argv }) => argv)).toEqual([['python3', 'main.py']])
})

test('a command line says the same to a shell', () => {
  const env = {}
  expect(
    commandLine([
      { argv: ['cc', 'a file.c'], env },
      { argv: ['./a.out', "it's"], env },
    ]),
  ).toBe("cc 'a file.c' && ./a.out 'it'\\''s'")
})
