import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { languages, openTestExecutor } from '../testing/real-executor.ts'
import { onlyPlain, onlyWarm, show } from './both-starts.ts'
import { readPrograms } from './read-programs.ts'

const nodeOptions = ['--max-old-space-size=160', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON']
/** What a person types where the manifest's own command line is not it. */
const plainCommands: Record<string, { compile?: string[]; run?: string[] }> = {
  java: { compile: ['javac', '-proc:none', '-d', '.', '{files}'], run: ['java', '-cp', '.', 'Main'] },
  javascript: { run: ['node', ...nodeOptions, '{flags}', '{entry}'] },
  typescript: {
    run: [
      'node',
      ...nodeOptions,
      '--experimental-transform-types',
      '--disable-warning=ExperimentalWarning',
      '{flags}',
      '{entry}',
    ],
  },
}

const folder = import.meta.dirname
const differences = await readFile(join(import.meta.dirname, '../../docs/warm-runtimes.md'), 'utf8')
const waiting = languages.filter(({ manifest }) => manifest.run.warm)
const programs = new Map(
  await Promise.all([...new Set(waiting.map(({ id }) => id))].map(async (id) => [id, await readPrograms(folder, id)] as const)),
)

/** Each run has a fresh sandbox made for it, so nothing is kept waiting. */
const sideBySide = { warm: 0, maxRunning: 2, maxQueued: 200 }
let warm: Awaited<ReturnType<typeof openTestExecutor>>
let plain: typeof warm
beforeAll(async () => {
  warm = await openTestExecutor({ ...sideBySide, languages: waiting.map(onlyWarm) })
  plain = await openTestExecutor({ ...sideBySide, languages: waiting.map((one) => onlyPlain(one, plainCommands[one.id])) })
})
afterAll(async () => {
  await warm[Symbol.asyncDispose]()
  await plain[Symbol.asyncDispose]()
  expect([...warm.complaints, ...plain.complaints]).toEqual([])
})

describe.each(waiting.map((one) => [`${one.id} ${one.manifest.version}`, one] as const))('%s', (_, language) => {
  const here = (programs.get(language.id) ?? []).filter(({ versions }) => versions?.includes(language.manifest.version) ?? true)

  test('has at least 40 programs that are compared', () => {
    expect(here.filter(({ differs }) => !differs).length).toBeGreaterThanOrEqual(40)
  })

  test.concurrent.each(here.filter(({ differs }) => !differs).map((program) => [program.rule, program] as const))(
    '%s: the same from a waiting runtime as from a plain start',
    async (_, program) => {
      const [expected, shown] = await Promise.all([show(plain, language, program), show(warm, language, program)])
      expect(shown, program.where).toEqual(expected)
    },
  )

  test.concurrent.each(here.filter(({ differs }) => differs).map((program) => [program.rule, program] as const))(
    '%s: a difference that is left, and told',
    async (_, program) => {
      expect(differences, program.where).toContain(program.differs)
      const [expected, shown] = await Promise.all([show(plain, language, program), show(warm, language, program)])
      expect(shown, `${program.where} no longer differs: take it out of docs/warm-runtimes.md`).not.toEqual(expected)
    },
  )
})
