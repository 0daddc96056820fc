import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StacksManifest } from '../../protocol/language.ts'
import { finished, jobOf, languages, openTestExecutor, type Program } from '../testing/real-executor.ts'

// How the engine asks, whatever the runtime: here Python is told by each program itself what to do when it is asked.
// What each language's own runtime answers is in the tests of the languages.

const ways = {
  stderr: { signal: 'SIGUSR1', from: 'stderr' },
  stdout: { signal: 'SIGUSR1', from: 'stdout' },
  file: { signal: 'SIGUSR1', from: { file: '/tmp/stacks.txt' } },
  control: { from: 'control' },
} satisfies Record<string, StacksManifest>
type Way = keyof typeof ways
const withoutSite = ['python3', '-S', '{flags}', '{entry}']
type TestExecutor = Awaited<ReturnType<typeof openTestExecutor>>

const executors = {} as Record<Way, TestExecutor>
beforeAll(async () => {
  for (const [way, stacks] of Object.entries(ways)) {
    const python = languages.find(({ id }) => id === 'python')
    if (!python) throw new Error('there is no python')
    // Without "site", which is where an image's own answer is set up.
    const manifest = { ...python.manifest, diagnostics: ['python'], stacks, run: { ...python.manifest.run, argv: withoutSite } }
    executors[way as Way] = await openTestExecutor({ languages: [{ ...python, manifest }] })
  }
})
afterAll(async () => {
  for (const executor of Object.values(executors)) {
    await executor[Symbol.asyncDispose]()
    expect(executor.complaints).toEqual([])
  }
})

/** With a variable of its own it starts plainly, so that no waiting runtime has handlers already. */
function run(way: Way, code: string, program: Program = {}) {
  const limits = { wall_time_ms: 1_000, ...program.limits }
  return finished(executors[way].start(jobOf('python', code, { env: { PLAIN: '1' }, ...program, limits })))
}

const answersOn = (where: string) =>
  `import faulthandler, os, signal, sys, time\nfaulthandler.register(signal.SIGUSR1, file=${where}, all_threads=True)\n`
const hang = 'def wait_for_it():\n  while True: pass\nprint("before", flush=True)\n'

describe('a program that runs out of wall time says where it stands', () => {
  test.each<[Way, string]>([
    ['stderr', 'sys.stderr'],
    ['stdout', 'sys.stdout'],
    ['file', 'open("/tmp/stacks.txt", "w")'],
  ])('on %s', async (way, where) => {
    const code = `${answersOn(where)}${hang}wait_for_it()\n`
    const { verdict, stacks, stdout, stderr, limit, signal } = await run(way, code)
    expect(verdict).toEqual({
      kind: 'time-limit',
      clock: 'wall',
      stuck_at: expect.objectContaining({ file: 'main.py', line: 4, function: 'wait_for_it', library: false }),
    })
    expect(stacks).toMatchObject([{ frames: [{ line: 4 }, { line: 6 }] }])
    expect([stdout, stderr, signal]).toEqual(['before\n', '', 'SIGKILL'])
    expect(limit).toMatchObject({ name: 'wall_time_ms', stage: 'run', value: 1_000 })
  })

  test('on the socket it finds on descriptor 3, which is announced to it', async () => {
    const code = `import faulthandler, os, threading, time
control = int(os.environ["BUGGHOST_CONTROL"])
def answer():
  assert os.read(control, 1) == b"S"
  faulthandler.dump_traceback(control)
  os.write(control, b"\\0and more")
threading.Thread(target=answer, daemon=True).start()
${hang}wait_for_it()\n`
    const { verdict, stacks } = await run('control', code)
    expect(verdict).toMatchObject({ kind: 'time-limit', stuck_at: { function: 'wait_for_it' } })
    expect(stacks?.length).toBe(2)
  })

  test('with all its threads', async () => {
    const code = `${answersOn('sys.stderr')}import threading
def work(): time.sleep(600)
for n in range(3): threading.Thread(target=work, daemon=True).start()
time.sleep(600)\n`
    const { verdict, stacks } = await run('stderr', code)
    expect(stacks?.length).toBe(4)
    expect(verdict).toMatchObject({ kind: 'time-limit', stuck_at: { file: 'main.py' } })
  })

  test('before its CPU time is out, too', async () => {
    const code = `${answersOn('sys.stderr')}${hang}wait_for_it()\n`
    const { verdict, limit } = await run('stderr', code, { limits: { wall_time_ms: 20_000, cpu_time_ms: 1_000 } })
    expect(verdict).toMatchObject({ kind: 'time-limit', clock: 'cpu', stuck_at: { function: 'wait_for_it' } })
    expect(limit).toMatchObject({ name: 'cpu_time_ms', value: 1_000 })
  })
})

describe('being asked costs a program nothing', () => {
  test('that does not catch the signal: it is not sent', async () => {
    const run_ = await run('stderr', 'import time\nprint("before", flush=True)\ntime.sleep(600)\n')
    expect(run_).toMatchObject({ verdict: { kind: 'time-limit', clock: 'wall' }, signal: 'SIGKILL', stdout: 'before\n' })
    expect(run_.duration_ms).toBeGreaterThanOrEqual(1_000)
    expect(run_.stacks).toBeUndefined()
  })

  test.each([
    ['ends well', 0],
    ['fails in its own way, without an answer', 3],
  ])('that %s just then: it ended by itself, and what it wrote is its output', async (_, exitCode) => {
    const code = `import os, signal, sys, time
def finish(*_):
  print("saved", file=sys.stderr)
  os._exit(${exitCode})
signal.signal(signal.SIGUSR1, finish)
print("before", file=sys.stderr)
time.sleep(600)\n`
    expect(await run('stderr', code)).toMatchObject({
      verdict: { kind: 'exited', exit_code: exitCode },
      stderr: 'before\nsaved\n',
      stderr_bytes: 13,
    })
  })

  test('that ends of its answer ran out of time: Go does so', async () => {
    const code = `import faulthandler, os, signal, time
def answer(*_):
  faulthandler.dump_traceback()
  os._exit(2)
signal.signal(signal.SIGUSR1, answer)
time.sleep(600)\n`
    const ended = await run('stderr', code)
    expect(ended).toMatchObject({ verdict: { kind: 'time-limit', clock: 'wall' }, exit_code: 2, stderr: '' })
    expect(ended.stacks?.length).toBe(1)
  })

  test('that stops listening on its socket: the limit comes as ever', async () => {
    const ended = await run('control', 'import os, time\nos.close(3)\ntime.sleep(600)\n')
    expect(ended).toMatchObject({ verdict: { kind: 'time-limit', clock: 'wall' }, signal: 'SIGKILL' })
  })
})

describe('an answer without end', () => {
  test('on a stream is kept up to its limit; the rest is output, and that has a limit of its own', async () => {
    const code = `import os, signal, time
def flood(*_):
  while True: os.write(2, b"x" * 4096)
signal.signal(signal.SIGUSR1, flood)
time.sleep(600)\n`
    const ended = await run('stderr', code, { limits: { output_bytes: 10_000 } })
    expect(ended).toMatchObject({ verdict: { kind: 'output-limit', stream: 'stderr' } })
    expect(ended.stderr_bytes).toBeGreaterThan(10_000)
  })

  test('on the socket is kept up to its limit, and the clock goes on', async () => {
    const code = 'import os\nos.read(3, 1)\nwhile True: os.write(3, b"x" * 4096)\n'
    expect(await run('control', code)).toMatchObject({ verdict: { kind: 'time-limit', clock: 'wall' } })
  })

  test('in a file that leads elsewhere is not read', async () => {
    const code = `import os, signal, time
os.mkfifo("/tmp/stacks.txt")
signal.signal(signal.SIGUSR1, lambda *_: None)
while True: time.sleep(1)\n`
    const ended = await run('file', code)
    expect(ended.verdict).toEqual({ kind: 'time-limit', clock: 'wall' })
  })
})
