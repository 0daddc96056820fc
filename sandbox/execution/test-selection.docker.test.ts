import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { languages, openTestExecutor, type Program, runProgram } from '../testing/real-executor.ts'
import { selectsMany } from './test-selection.ts'

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor()
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

/** What is asked is which tests ran, not how fast: a framework and its compiler start four times for each. */
const limits = { wall_time_ms: 60_000, cpu_time_ms: 60_000 }
const patienceMs = 4 * 60_000

const choosing = languages.flatMap(({ id, manifest, testExample }) =>
  manifest.test?.select && testExample !== null
    ? [[id, manifest.version, { test: manifest.test, select: manifest.test.select, code: testExample }] as const]
    : [],
)

describe.each(choosing)('tests of %s %s, named as its report names them', (id, version, { test: how, select, code }) => {
  const report = async (program: Program = {}) => {
    const { tests } = await runProgram(executor, id, code, { version, mode: 'test', entry: how.example.path, limits, ...program })
    return tests?.tests ?? []
  }
  const nameOf = ({ suite, name }: { suite: string[]; name: string }) => ({ suite, name })

  test(
    'are run alone, and together where the framework can',
    async () => {
      const all = await report()
      const failed = all.find(({ outcome }) => outcome === 'failed')
      const passed = all.find(({ outcome }) => outcome === 'passed')
      if (!failed || !passed) throw new Error('the example has both')
      for (const one of [failed, passed]) {
        expect((await report({ only: [nameOf(one)] })).map(({ name, outcome }) => [name, outcome])).toEqual([
          [one.name, one.outcome],
        ])
      }
      if (!selectsMany(select)) return
      const both = await report({ only: [nameOf(passed), nameOf(failed)] })
      expect(both.map(({ name }) => name).sort()).toEqual([failed.name, passed.name].sort())
    },
    patienceMs,
  )
})
