import { expect, test } from 'vitest'
import { openTestExecutor, runProgram, testEngine } from '../testing/real-executor.ts'

// Those the machine's engine has are tried; every engine has its default, so there is always one.
const { runtimes } = await testEngine.ping()
const known = ['runc', 'crun', 'runsc'].filter((name) => runtimes.includes(name))

test.each(known)('with the runtime %s a program runs, is stopped for time and is told from a crash', async (runtime) => {
  await using executor = await openTestExecutor({ runtime })
  expect(executor.state().engine).toMatchObject({ ok: true })
  expect(await runProgram(executor, 'python', 'import sys; print(sys.stdin.read())', { stdin: 'hello' })).toMatchObject({
    verdict: { kind: 'exited', exit_code: 0 },
    stdout: 'hello\n',
  })
  expect(await runProgram(executor, 'python', 'while True: pass', { limits: { wall_time_ms: 500 } })).toMatchObject({
    verdict: { kind: 'time-limit', clock: 'wall' },
  })
  expect(await runProgram(executor, 'python', 'import os; os.abort()')).toMatchObject({
    verdict: { kind: 'signaled', signal: 'SIGABRT' },
  })
})

test('gVisor is really there when it is asked for', async ({ skip }) => {
  if (!runtimes.includes('runsc')) skip('the engine has no runsc')
  await using executor = await openTestExecutor({ runtime: 'runsc' })
  // Its kernel says so of itself, whatever the machine's is.
  expect((await runProgram(executor, 'python', 'print(open("/proc/version").read())')).stdout).toContain('4.4.0')
})

test('a runtime the engine does not have is told of, with what to do, and nothing runs in another', async () => {
  await using executor = await openTestExecutor({ runtime: 'no-such-runtime' })
  expect(executor.state().engine).toMatchObject({ ok: false })
  expect(executor.state().engine.message).toContain('no runtime "no-such-runtime"')
  expect(executor.state().engine.message).toContain('unset BUGGHOST_RUNTIME or install it')
  expect(() => runProgram(executor, 'python', 'print(1)')).toThrow('no-such-runtime')
})
