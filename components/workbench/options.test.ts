import { describe, expect, test } from 'vitest'
import type { Language } from '../../protocol/language.ts'
import { seconds } from '../../protocol/words.ts'
import type { Draft } from '../drafts/drafts.ts'
import { chipsOf, envText, flagsOf, parseEnv, withFlag, withMemory, withTime } from './options.ts'

const draft: Draft = { files: [{ path: 'a.c', content: '' }], entry: 'a.c', stdin: '', args: [] }
const flags = {
  compile: [{ flag: '-std={standard}', values: ['c99', 'c17'], description: 'The standard' }],
  run: [{ flag: '-v', description: 'Talkative' }],
}
const language = {
  id: 'c',
  version: '14',
  versions: [{ version: '14', image: '', ready: true, message: '', libraries: [], flags, test: null, format: null }],
} as unknown as Language

const texts = (draft: Draft) => chipsOf(draft, language).map(({ text }) => text)

describe('what is not as usual', () => {
  test('is nothing in a new draft', () => expect(texts(draft)).toEqual([]))
  test('is a word each', () => {
    const set: Draft = {
      ...draft,
      stdin: 'a\nb\n',
      args: ['-v', 'x y'],
      env: { LANG: 'C', DEBUG: '1' },
      limits: { wall_time_ms: 2000, cpu_time_ms: 2000, memory_bytes: 64 * 1024 * 1024 },
      flags: { compile: ['-std=c17'] },
      tty: true,
    }
    expect(texts(set)).toEqual([
      'Input: 2 lines',
      '-v x y',
      'LANG, DEBUG',
      `At most ${seconds(2000)}`,
      'At most 64 MiB',
      '-std=c17',
      'Terminal',
    ])
  })
  test.each(['stdin', 'args', 'env', 'time', 'memory', 'flags', 'tty'])('can be taken back: %s', (id) => {
    const set: Draft = {
      ...draft,
      stdin: 'a',
      args: ['a'],
      env: { A: '' },
      limits: { wall_time_ms: 1, memory_bytes: 40_000_000 },
      flags: { run: ['-v'] },
      tty: true,
    }
    const chip = chipsOf(set, language).find((one) => one.id === id)
    expect(chip && chipsOf(chip.without, language).map((one) => one.id)).toEqual(
      ['stdin', 'args', 'env', 'time', 'memory', 'flags', 'tty'].filter((other) => other !== id),
    )
  })
  test('a flag the version does not have is not shown', () => expect(texts({ ...draft, flags: { run: ['-x'] } })).toEqual([]))
})

test('a flag with values is one word for each', () => {
  expect(flagsOf(draft, language).map(({ word }) => word)).toEqual(['-std=c99', '-std=c17', '-v'])
})

test('a flag is switched on once, and off', () => {
  const [flag] = flagsOf(draft, language)
  const on = withFlag(withFlag(draft, flag!, true), flag!, true)
  expect(on.flags).toEqual({ compile: ['-std=c99'] })
  expect(withFlag(on, flag!, false).flags).toBeUndefined()
})

test('a time is of the clock and of the processor, and as usual is no limit of its own', () => {
  expect(withTime(draft, 2000).limits).toEqual({ wall_time_ms: 2000, cpu_time_ms: 2000 })
  expect(withTime(withTime(draft, 2000), undefined).limits).toEqual({})
  expect(withMemory(draft, 256 * 1024 * 1024).limits).toEqual({})
})

describe('an environment', () => {
  test('is NAME=value on each line, the value as it is', () => {
    expect(parseEnv('A=1\n\nB_2=x = y \nEMPTY=')).toEqual({ env: { A: '1', B_2: 'x = y ', EMPTY: '' }, problem: null })
  })
  test('comes back as it was written', () => expect(parseEnv(envText({ A: '1', B: '' })).env).toEqual({ A: '1', B: '' }))
  test('tells the line that is none, and takes the others', () => {
    expect(parseEnv('A=1\n2B=2')).toEqual({ env: { A: '1' }, problem: expect.stringContaining('Line 2') })
  })
})
