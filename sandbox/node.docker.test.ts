import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Finished, languages, openTestExecutor, type Program, runProgram } from './testing/real-executor.ts'

// What the JavaScript and TypeScript images promise beside running programs: they say where they hang, and have test mode, flags and libraries.

const nodes = languages.filter(({ id }) => id === 'javascript' || id === 'typescript')
const versions = nodes.map(({ id, manifest }) => [id, manifest.version] as const)
const javascripts = versions.filter(([id]) => id === 'javascript')
const typescripts = versions.filter(([id]) => id === 'typescript')
const newest = javascripts[0]![1]

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor({ languages: nodes, maxQueued: 50 })
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

const run = (id: string, version: string, code: string, program: Program = {}): Promise<Finished> =>
  runProgram(executor, id, code, { version, ...program })
const untilStopped = (id: string, version: string, code: string, program: Program = {}): Promise<Finished> =>
  run(id, version, code, { limits: { wall_time_ms: 1_500 }, ...program })

/** A time limit on the wall, stuck at this place. */
const stuckAt = (file: string, line: number, name?: string) => ({
  kind: 'time-limit',
  clock: 'wall',
  stuck_at: expect.objectContaining({ file, line, library: false, ...(name ? { function: name } : {}) }),
})

describe.each(javascripts)('%s %s says where it hangs', (id, version) => {
  test.each<[string, string, number, string?]>([
    ['in an endless loop', 'function spin() {\n  for (;;) {}\n}\nspin()\n', 2, 'spin'],
    ['in a method', 'class Loop {\n  go() {\n    while (true) {}\n  }\n}\nnew Loop().go()\n', 3, 'Loop.go'],
    ['in a regular expression that tries everything', "\n/^(a+)+$/.test('a'.repeat(40) + 'b')\n", 2],
    ['in Atomics.wait', '\n\nAtomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)\n', 3],
    ['in execSync', "\nrequire('node:child_process').execSync('sleep 60')\n", 2],
    ['in a callback', 'setTimeout(function late() {\n  for (;;) {}\n}, 1)\n', 2, 'Timeout.late'],
  ])('%s', async (_, code, line, name) => {
    const { verdict, stacks, stderr } = await untilStopped(id, version, code)
    expect(verdict).toEqual(stuckAt('main.js', line, name))
    expect(stacks?.map(({ thread }) => thread)).toEqual(['main'])
    expect(stderr).toBe('')
  })

  test('in readSync, waiting for input that does not come', async () => {
    const code = "const fs = require('node:fs')\nfunction ask() {\n  return fs.readSync(0, Buffer.alloc(10))\n}\nask()\n"
    const { verdict } = await untilStopped(id, version, code, { stdinOpen: true })
    expect(verdict).toEqual(stuckAt('main.js', 3, 'ask'))
  })

  test('in a worker thread, while the main thread waits for it', async () => {
    const code = `const { Worker, isMainThread } = require('node:worker_threads')
if (isMainThread) new Worker(__filename)
else for (;;) {}
`
    const { verdict, stacks } = await untilStopped(id, version, code)
    // In the order in which they answered.
    expect(stacks?.map(({ thread }) => thread).sort()).toEqual(['main (idle)', 'worker 1'])
    expect(verdict).toEqual(stuckAt('main.js', 3))
  })

  test('when it waits for something, by the name of that', async () => {
    const { verdict, stacks } = await untilStopped(
      id,
      version,
      "process.stdin.on('data', () => {})\nsetInterval(() => {}, 1e6)\n",
      {
        stdinOpen: true,
      },
    )
    expect(verdict).toEqual({ kind: 'time-limit', clock: 'wall' })
    expect(stacks).toEqual([{ thread: 'main (idle, waits for PipeWrap, Timeout)', frames: [] }])
  })

  test('also when it was started plainly', async () => {
    const { verdict } = await untilStopped(id, version, '\nfor (;;) {}\n', { env: { SOME: 'thing' } })
    expect(verdict).toEqual(stuckAt('main.js', 2))
  })

  test('also when the program has made errors its own', async () => {
    const code =
      'Error.prepareStackTrace = () => { throw 1 }\nError.stackTraceLimit = 0\nObject.freeze(Error.prototype)\nfor (;;) {}\n'
    const { verdict } = await untilStopped(id, version, code)
    expect(verdict).toEqual(stuckAt('main.js', 4))
  })
})

test.each(typescripts)('%s %s says where it hangs in the lines that were written', async (id, version) => {
  const code = 'interface A {\n  a: number\n}\n\nenum B { C }\nfunction stuck(b: B): never {\n  while (true) b++\n}\nstuck(B.C)\n'
  const { verdict } = await untilStopped(id, version, code)
  expect(verdict).toEqual(stuckAt('main.ts', 7, 'stuck'))
})

test('a program cannot pass for something else by writing the file of the stacks first', async () => {
  const code = "require('node:fs').symlinkSync('/workspace/main.js', '/tmp/.bugghost-stacks')\nfor (;;) {}\n"
  const { verdict } = await untilStopped('javascript', newest, code)
  expect(verdict).toMatchObject({ kind: 'time-limit', clock: 'wall' })
})

describe.each(versions)('%s %s in test mode', (id, version) => {
  const ending = id === 'typescript' ? 'ts' : 'js'
  const typed = (type: string) => (id === 'typescript' ? `: ${type}` : '')
  const results = async (files: Record<string, string>) => {
    const [[entry, code], ...rest] = Object.entries(files) as [[string, string], ...[string, string][]]
    const { tests, exit_code } = await run(id, version, code, {
      mode: 'test',
      entry,
      files: rest.map(([path, content]) => ({ path, content })),
    })
    return { exit_code, tests: tests?.tests }
  }

  test('runs the tests of node:test, and says what failed and why', async () => {
    const code = `import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
const two${typed('number')} = 2
describe('numbers', () => {
  it('add', () => assert.equal(1 + 1, two))
  it('differ', () => assert.equal(1 + two, 4))
  it('wait', { skip: 'not today' }, () => {})
  it('throw', () => { throw new TypeError('bad') })
})
`
    const file = `numbers.test.${id === 'typescript' ? 'ts' : 'mjs'}`
    expect(await results({ [file]: code })).toEqual({
      exit_code: 1,
      tests: [
        expect.objectContaining({ name: 'add', suite: [file, 'numbers'], outcome: 'passed', line: 5, file }),
        expect.objectContaining({ name: 'differ', outcome: 'failed', line: 6, expected: '4', actual: '3' }),
        expect.objectContaining({ name: 'wait', outcome: 'skipped', message: 'not today' }),
        expect.objectContaining({ name: 'throw', outcome: 'failed', message: expect.stringMatching(/^TypeError: bad/) }),
      ],
    })
  })

  test('runs the tests of Jest where nothing else is imported', async () => {
    const code = `describe('a sum', () => {
  it('adds', () => expect(1 + 1).toBe(2))
  it('differs', () => {
    const three${typed('number')} = 3
    expect(1 + 1).toBe(three)
  })
  it.skip('waits', () => {})
})
`
    const file = `sum.test.${ending}`
    expect(await results({ [file]: code })).toEqual({
      exit_code: 1,
      tests: [
        expect.objectContaining({ name: 'adds', suite: [file, 'a sum'], outcome: 'passed', line: 2 }),
        expect.objectContaining({ name: 'differs', outcome: 'failed', line: 3, expected: '3', actual: '2' }),
        expect.objectContaining({ name: 'waits', outcome: 'skipped' }),
      ],
    })
  })

  test('a file that cannot be loaded is an error, and the others run', async () => {
    const good = "import { test } from 'node:test'\ntest('good', () => {})\n"
    const endings = id === 'typescript' ? 'ts' : 'mjs'
    const { tests } = await results({
      [`bad.test.${endings}`]: `import 'node:test'\nthrow new Error('at once')\n`,
      [`good.test.${endings}`]: good,
    })
    expect(tests).toEqual([
      expect.objectContaining({ outcome: 'error', file: `bad.test.${endings}`, message: expect.stringContaining('at once') }),
      expect.objectContaining({ name: 'good', outcome: 'passed' }),
    ])
  })

  test('without a test it fails and says what it looked for', async () => {
    const { exit_code, stderr } = await run(id, version, 'console.log(1)', { mode: 'test' })
    expect([exit_code, stderr]).toEqual([1, expect.stringContaining('No tests were found')])
  })
})

test('flags of the manifest reach node, and the program does not see how it was started', async () => {
  const { stdout } = await run(
    'javascript',
    newest,
    'console.log(typeof gc, process.execArgv.includes("-r"), Object.keys(require.cache))',
    {
      flags: { run: ['--expose-gc'] },
    },
  )
  expect(stdout).toBe("function false [ '/workspace/main.js' ]\n")
})

test('every flag of the manifest is one that node knows', async () => {
  for (const { id, manifest } of nodes) {
    const flags = manifest.flags.run.flatMap(
      ({ flag, values }) => values?.map((value) => flag.replace(/\{.*\}/, value)) ?? [flag],
    )
    for (const flag of flags) {
      const { stdout, stderr, exit_code } = await run(id, manifest.version, 'console.log("ran")', { flags: { run: [flag] } })
      expect([id, manifest.version, flag, stdout, stderr, exit_code]).toEqual([id, manifest.version, flag, 'ran\n', '', 0])
    }
  }
})
