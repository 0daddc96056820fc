import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultLimits, MiB } from '../../protocol/limits.ts'
import type { CancelledBy } from '../executor.ts'
import { finished, jobOf, openTestExecutor, type Program, runProgram } from '../testing/real-executor.ts'

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor()
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

const python = (code: string, program?: Program) => runProgram(executor, 'python', code, program)
const limited = (limits: Program['limits']) => ({ limits })

describe('wall time', () => {
  test.each([
    ['sleeps', 'import time\ntime.sleep(600)'],
    ['waits for input nobody types', 'input()'],
    [
      'shuts its ears to every signal',
      'import signal, time\nfor n in range(1, 65):\n  try: signal.signal(n, signal.SIG_IGN)\n  except (OSError, ValueError): pass\nwhile True: time.sleep(1)',
    ],
    ['stops itself', 'import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)'],
    ['is in one long computation', 'print(len(str(7 ** (10 ** 8))))'],
  ])('ends a program that %s, and what it said is kept', async (_, code) => {
    const run = await python(`print("before")\n${code}\n`, { ...limited({ wall_time_ms: 700 }), stdinOpen: true })
    expect(run).toMatchObject({
      verdict: { kind: 'time-limit', clock: 'wall' },
      stdout: 'before\n',
      exit_code: 137,
      signal: 'SIGKILL',
      oom: false,
    })
    expect(run.duration_ms).toBeGreaterThanOrEqual(700)
  })

  test('ends every process of a program that forks without end', async () => {
    const code = 'import os\nprint("before")\nwhile True:\n  try: os.fork()\n  except OSError: pass\n'
    const run = await python(code, limited({ wall_time_ms: 700, cpu_time_ms: 60_000 }))
    expect(run).toMatchObject({ verdict: { kind: 'time-limit', clock: 'wall' }, stdout: 'before\n' })
  })

  test('is another one for the compiler, and what does not compile in time never runs', async () => {
    const run = await runProgram(executor, 'java', 'public class Main { public static void main(String[] a) {} }', {
      ...limited({ compile: { ...defaultLimits.compile, wall_time_ms: 1 } }),
    })
    expect(run).toMatchObject({
      verdict: { kind: 'time-limit', clock: 'wall' },
      limit: { name: 'wall_time_ms', stage: 'compile', value: 1 },
    })
    expect(run.events.filter(({ type }) => type === 'started').length).toBe(1)
  })

  test('of the program is not used up by its compiler', async () => {
    const code = 'public class Main { public static void main(String[] a) throws Exception { Thread.sleep(60_000); } }'
    const run = await runProgram(executor, 'java', code, limited({ wall_time_ms: 1_000 }))
    expect(run).toMatchObject({ verdict: { kind: 'time-limit' }, limit: { stage: 'run', value: 1_000 } })
    expect(run.limit?.used).toBeGreaterThanOrEqual(1_000)
  })
})

describe('processor time', () => {
  test.each([
    ['spins', 'while True: pass'],
    ['spins in its children', 'import os, time\nfor _ in range(2):\n  if os.fork() == 0:\n    while True: pass\ntime.sleep(600)'],
  ])('ends a program that %s', async (_, code) => {
    const run = await python(`print("before")\n${code}\n`, limited({ cpu_time_ms: 300 }))
    expect(run).toMatchObject({ verdict: { kind: 'time-limit', clock: 'cpu' }, stdout: 'before\n' })
    expect(run.usage.cpu_ms).toBeGreaterThanOrEqual(300)
  })

  test('is not used by waiting', async () => {
    const run = await python('import time\ntime.sleep(0.6)\n', limited({ cpu_time_ms: 500 }))
    expect(run.verdict).toEqual({ kind: 'exited', exit_code: 0 })
    expect(run.usage.cpu_ms).toBeLessThan(500)
  })
})

describe('usage', () => {
  const usageIn = ({ events }: Awaited<ReturnType<typeof python>>) => events.filter((event) => event.type === 'usage')

  test('is told while a program leaks, growing, and never beyond its memory', async () => {
    // Without the clean-up of a plain end, in which it would shrink for long.
    const code =
      'import os, time\nhoard = []\nfor _ in range(8):\n  hoard.append(b"x" * (16 << 20))\n  time.sleep(0.15)\nos._exit(0)\n'
    const told = usageIn(await python(code))
    expect(told.length).toBeGreaterThanOrEqual(3)
    const memory = told.map((event) => event.memory_bytes)
    const most = Math.max(...memory)
    // The last look may find a process that is being taken down, with a part of its memory already given back.
    const growing = memory.slice(0, memory.indexOf(most) + 1)
    expect(growing).toEqual(growing.toSorted((a, b) => a - b))
    expect(memory.length - growing.length).toBeLessThanOrEqual(1)
    expect(most - (memory[0] ?? 0)).toBeGreaterThan(32 * MiB)
    expect(most).toBeLessThanOrEqual(defaultLimits.memory_bytes)
  })

  test('tells the processor time a program burns, in both stages', async () => {
    const told = usageIn(await python('while True: pass\n', limited({ wall_time_ms: 1_500 })))
    const cpu = told.map((event) => event.cpu_ms)
    expect(cpu).toEqual(cpu.toSorted((a, b) => a - b))
    expect(cpu.at(-1)).toBeGreaterThan(300)
  })

  test('is not told of a program that is over at once', async () => {
    expect(usageIn(await python('print(1)\n'))).toEqual([])
  })
})

describe('memory', () => {
  const eatAll = 'hoard = []\nwhile True: hoard.append(bytearray(8 << 20))\n'

  test('beyond the limit: the kernel kills it', async () => {
    const run = await python(`print("before")\n${eatAll}`)
    expect(run).toMatchObject({
      verdict: { kind: 'memory-limit' },
      oom: true,
      signal: 'SIGKILL',
      exit_code: 137,
      stdout: 'before\n',
      limit: { name: 'memory_bytes', stage: 'run', value: defaultLimits.memory_bytes, used: defaultLimits.memory_bytes },
    })
    expect(run.usage.memory_peak_bytes).toBeGreaterThan(128 * MiB)
    expect(run.usage.memory_peak_bytes).toBeLessThanOrEqual(defaultLimits.memory_bytes)
  })

  test('in a child: a program that fails of it ran out of memory', async () => {
    const code = `import subprocess, sys\nprint("before")\nsubprocess.run([sys.executable, "-c", ${JSON.stringify(eatAll)}], check=True)\n`
    expect(await python(code)).toMatchObject({ verdict: { kind: 'memory-limit' }, oom: true, exit_code: 1, stdout: 'before\n' })
  })

  test('in a child: a program that copes has ended well, and the loss is told', async () => {
    const code = `import subprocess, sys\nprint(subprocess.run([sys.executable, "-c", ${JSON.stringify(eatAll)}]).returncode)\n`
    expect(await python(code)).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 }, oom: true, stdout: '-9\n' })
  })

  test('of a Java heap: the runtime gives up before the kernel has to', async () => {
    const code = `import java.util.*;
public class Main {
  public static void main(String[] args) {
    System.out.println("before");
    var hoard = new ArrayList<long[]>();
    while (true) hoard.add(new long[1 << 20]);
  }
}\n`
    const run = await runProgram(executor, 'java', code)
    expect(run).toMatchObject({ verdict: { kind: 'memory-limit' }, oom: true, stdout: 'before\n' })
    expect(run.stderr).toContain('OutOfMemoryError')
  })

  test.each(['javascript', 'typescript'])(
    'of a Node heap: the runtime gives up before the kernel has to (%s)',
    async (language) => {
      const code = 'console.log("before")\nconst hoard = []\nfor (;;) hoard.push({ n: hoard.length, s: String(hoard.length) })\n'
      // A full heap is collected again and again before V8 gives up: on a busy machine that takes longer than the usual limit.
      const run = await runProgram(executor, language, code, limited({ wall_time_ms: 50_000, cpu_time_ms: 50_000 }))
      expect(run).toMatchObject({ verdict: { kind: 'memory-limit' }, oom: true, stdout: 'before\n', signal: 'SIGABRT' })
      expect(run.stderr).toContain('heap out of memory')
    },
  )

  test.each([
    ['a program', 'hoard = b"x" * (90 << 20)'],
    ['files', 'for path in ("f1", "f2", "/tmp/f3"):\n  with open(path, "wb") as f: f.write(bytes(25 << 20))'],
    ['shared memory', 'import mmap\nm = mmap.mmap(-1, 90 << 20)\nm.write(bytes(90 << 20))'],
  ])('that a request asks for is what it gets: %s beyond 64 MiB', async (_, code) => {
    const run = await python(`print("before")\n${code}\nprint("after")\n`, limited({ memory_bytes: 64 * MiB }))
    expect(run).toMatchObject({ verdict: { kind: 'memory-limit' }, oom: true, stdout: 'before\n' })
    expect(run.usage.memory_peak_bytes).toBeLessThanOrEqual(64 * MiB)
  })

  test('within 64 MiB is fine', async () => {
    const run = await python('print(len(b"x" * (30 << 20)))\n', limited({ memory_bytes: 64 * MiB }))
    expect(run).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 }, oom: false, stdout: `${30 << 20}\n` })
  })
})

describe('output', () => {
  test.each(['stdout', 'stderr'] as const)(
    'on %s ends at its limit, to the byte, and what was written beyond is counted',
    async (stream) => {
      const code = `import sys\nwhile True: sys.${stream}.write("0123456789" * 100)\n`
      const run = await python(code, limited({ output_bytes: 12_345 }))
      expect(run).toMatchObject({
        verdict: { kind: 'output-limit', stream },
        truncated: { stdout: stream === 'stdout', stderr: stream === 'stderr' },
      })
      expect(run[stream]).toBe('0123456789'.repeat(1_235).slice(0, 12_345))
      expect(run[`${stream}_bytes`]).toBeGreaterThan(12_345)
    },
  )

  test('that floods is over at once: it does not get to use its time', async () => {
    const run = await python(
      'import subprocess\nsubprocess.run(["yes", "flood"])\n',
      limited({ wall_time_ms: 60_000, cpu_time_ms: 60_000 }),
    )
    expect(run).toMatchObject({ verdict: { kind: 'output-limit', stream: 'stdout' } })
    expect(run.stdout.length).toBe(defaultLimits.output_bytes)
  })

  test('of exactly the limit is within it', async () => {
    const run = await python('print("x" * 4999)\n', limited({ output_bytes: 5_000 }))
    expect(run).toMatchObject({
      verdict: { kind: 'exited', exit_code: 0 },
      stdout_bytes: 5_000,
      truncated: { stdout: false, stderr: false },
    })
  })

  test('of one byte more is beyond, also when the program was quick to leave', async () => {
    const run = await python('print("x" * 5000)\n', limited({ output_bytes: 5_000 }))
    expect(run).toMatchObject({
      verdict: { kind: 'output-limit', stream: 'stdout' },
      stdout: 'x'.repeat(5_000),
      stdout_bytes: 5_001,
    })
  })

  test('of both streams counts together', async () => {
    const code =
      'import sys, time\nsys.stdout.write("o" * 600)\nsys.stdout.flush()\ntime.sleep(0.1)\nsys.stderr.write("e" * 600)\nsys.stderr.flush()\ntime.sleep(600)\n'
    const run = await python(code, limited({ output_bytes: 1_000 }))
    expect(run).toMatchObject({
      verdict: { kind: 'output-limit', stream: 'stderr' },
      stdout: 'o'.repeat(600),
      stderr: 'e'.repeat(400),
    })
  })

  test('of a compiler ends at its own limit, and what it says of that is kept', async () => {
    const code = `public class Main { void m() { ${'int x = "no"; '.repeat(50)} } public static void main(String[] a) {} }`
    const run = await runProgram(executor, 'java', code, limited({ compile: { ...defaultLimits.compile, output_bytes: 1_000 } }))
    expect(run).toMatchObject({
      verdict: { kind: 'output-limit' },
      limit: { name: 'output_bytes', stage: 'compile', value: 1_000 },
      exit_code: 137,
    })
    expect([run.compileOutput.length, run.stdout]).toEqual([1_000, ''])
  })

  test('in one line of ten million characters is cut like any other', async () => {
    const run = await python('print("x" * 10_000_000)\n')
    expect([run.verdict.kind, run.stdout.length]).toEqual(['output-limit', defaultLimits.output_bytes])
  })

  test('of characters written byte by byte is whole', async () => {
    const text = 'é€😀日本語'
    const code = `import sys\nfor byte in ${JSON.stringify(text.repeat(20))}.encode():\n  sys.stdout.buffer.write(bytes([byte]))\n  sys.stdout.flush()\n`
    expect((await python(code)).stdout).toBe(text.repeat(20))
  })

  test('of every byte there is shows what is no text as U+FFFD', async () => {
    const run = await python('import sys\nsys.stdout.buffer.write(bytes(range(256)) + b"end")\n')
    expect(run.stdout_bytes).toBe(259)
    expect(run.stdout).toMatch(/^\u{FFFD}\u0001[^\0]*~\u007f\u{FFFD}{128}end$/u)
  })

  test('comes while the program runs, not when it has ended', async () => {
    const execution = executor.start(jobOf('python', 'print("ready")\ninput()\n', { stdinOpen: true }))
    const run = await finished(execution, (event) => {
      if (event.type === 'output' && event.text.endsWith('\n')) execution.write('\n')
    })
    expect(run).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 }, stdout: 'ready\n' })
  })
})

describe('processes', () => {
  test.each([
    ['processes', 'import os, time\nprint("before")\nwhile True:\n  if os.fork() == 0: time.sleep(600)\n'],
    [
      'threads',
      'import threading, time\nprint("before")\nwhile True: threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n',
    ],
  ])('one too many ends a program that cannot do without: %s', async (_, code) => {
    const run = await python(code, limited({ processes: 16 }))
    expect(run).toMatchObject({ verdict: { kind: 'process-limit' }, exit_code: 1, stdout: 'before\n', oom: false })
    expect(run.limit).toEqual({ name: 'processes', stage: 'run', value: 16, used: 16 })
  })

  test('are as many as the limit says, and a program that copes has ended well', async () => {
    const code = `import os, time
count = 1
try:
  while True:
    if os.fork() == 0: time.sleep(600)
    count += 1
except OSError: print(count)\n`
    // The agent is one of them.
    expect(await python(code, limited({ processes: 16 }))).toMatchObject({
      stdout: '15\n',
      verdict: { kind: 'exited', exit_code: 0 },
    })
  })

  test('that die as orphans leave nothing behind that counts', async () => {
    const code = `import os, time
for _ in range(300):
  if os.fork() == 0:
    if os.fork() == 0: os._exit(0)
    os._exit(0)
  os.wait()
print("all")\n`
    expect(await python(code, limited({ processes: 64 }))).toMatchObject({
      stdout: 'all\n',
      verdict: { kind: 'exited', exit_code: 0 },
    })
  })
})

describe('a program', () => {
  test.each([
    ['that kills itself was killed, not out of memory', 'import os\nos.kill(os.getpid(), 9)', 'SIGKILL', 137],
    ['that touches memory that is not its own', 'import ctypes\nctypes.string_at(0)', 'SIGSEGV', 139],
    ['that aborts', 'import os\nos.abort()', 'SIGABRT', 134],
    ['that is terminated', 'import os\nos.kill(os.getpid(), 15)', 'SIGTERM', 143],
  ])('%s', async (_, code, signal, exitCode) => {
    expect(await python(`print("before")\n${code}\n`)).toMatchObject({
      verdict: { kind: 'signaled', signal },
      signal,
      exit_code: exitCode,
      oom: false,
      stdout: 'before\n',
    })
  })

  test('that exits with 300 exits with 44, as on any Unix', async () => {
    expect(await python('import sys\nsys.exit(300)\n')).toMatchObject({
      verdict: { kind: 'exited', exit_code: 44 },
      exit_code: 44,
    })
  })

  test('that leaves a daemon with its stdout behind has ended', async () => {
    const code = `import os, time
if os.fork() == 0:
  os.setsid()
  if os.fork() == 0: time.sleep(600)
  os._exit(0)
os.wait()
print("parent gone")\n`
    expect(await python(code)).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 }, stdout: 'parent gone\n' })
  })

  test('that closes its input does not mind being sent more', async () => {
    const code = 'import os, time\nos.close(0)\nprint("closed")\ntime.sleep(0.2)\nprint("well")\n'
    const execution = executor.start(jobOf('python', code, { stdinOpen: true }))
    const run = await finished(execution, (event) => {
      if (event.type === 'output' && event.text.endsWith('\n')) execution.write('x'.repeat(50_000))
    })
    expect(run).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 }, stdout: 'closed\nwell\n' })
  })

  test('that never reads a megabyte of input ends as it would without', async () => {
    expect(await python('print("no thanks")\n', { stdin: 'x'.repeat(MiB) })).toMatchObject({
      stdout: 'no thanks\n',
      exit_code: 0,
    })
  })

  test('gets a megabyte of input whole', async () => {
    const code = 'import sys, hashlib\nprint(len(sys.stdin.buffer.read()))\n'
    expect(await python(code, { stdin: 'é'.repeat(MiB / 2) })).toMatchObject({ stdout: `${MiB}\n` })
  })
})

describe('somebody who watches', () => {
  const greeter = 'while True:\n  try: print(f"Hello {input(\'name? \')}")\n  except EOFError: break\nprint("bye")\n'

  test('can type, line after line, and end the input', async () => {
    const execution = executor.start(jobOf('python', greeter, { stdinOpen: true }))
    const names = ['Ada\n', 'Grächen\n']
    let asked = 0
    let heard = ''
    const run = await finished(execution, (event) => {
      if (event.type === 'output') heard += event.text
      while (heard.split('name? ').length - 1 > asked) {
        const name = names[asked++]
        if (name === undefined) execution.endInput()
        else execution.write(name)
      }
    })
    expect(run.stdout).toBe('name? Hello Ada\nname? Hello Grächen\nname? bye\n')
    expect(
      run.events.flatMap((event) => (event.type === 'input' ? [event.text] : event.type === 'input-end' ? ['<end>'] : [])),
    ).toEqual([...names, '<end>'])
  })

  test('can interrupt', async () => {
    const code = 'import time\ntry:\n  print("ready")\n  time.sleep(600)\nexcept KeyboardInterrupt: print("interrupted")\n'
    const execution = executor.start(jobOf('python', code))
    const run = await finished(execution, (event) => {
      if (event.type === 'output' && event.text.endsWith('\n')) execution.signal('SIGINT')
    })
    expect(run).toMatchObject({ stdout: 'ready\ninterrupted\n', verdict: { kind: 'exited', exit_code: 0 } })
    expect(run.events.map(({ type }) => type)).toContain('signal')
  })

  test('can interrupt the children as well: the whole group hears it', async () => {
    const code = `import os, signal, subprocess
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"parent\\n"))
subprocess.run(["sh", "-c", "trap 'sleep 0.1; echo child; exit' INT; echo ready; sleep 600 & wait"])\n`
    const execution = executor.start(jobOf('python', code))
    const run = await finished(execution, (event) => {
      if (event.type === 'output' && event.text === 'ready\n') execution.signal('SIGINT')
    })
    expect(run.stdout.split('\n').sort()).toEqual(['', 'child', 'parent', 'ready'])
  })

  test('is not obeyed by a program that ignores SIGTERM; the limit is', async () => {
    const code = 'import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint("armed")\ntime.sleep(600)\n'
    const execution = executor.start(jobOf('python', code, limited({ wall_time_ms: 1_000 })))
    const run = await finished(execution, (event) => {
      if (event.type === 'output' && event.text.endsWith('\n')) execution.signal('SIGTERM')
    })
    expect(run).toMatchObject({ verdict: { kind: 'time-limit', clock: 'wall' }, stdout: 'armed\n' })
  })

  test.each<[CancelledBy]>([['user'], ['client'], ['shutdown']])(
    'can cancel (%s): the output is kept and the container is gone',
    async (by) => {
      const execution = executor.start(jobOf('python', 'print("so far")\nwhile True: pass\n'))
      const run = await finished(execution, (event) => {
        if (event.type === 'output' && event.text.endsWith('\n')) execution.cancel(by)
      })
      expect(run).toMatchObject({ verdict: { kind: 'cancelled', by }, stdout: 'so far\n' })
      await expect.poll(executor.sandboxes).toEqual([])
    },
  )

  test('can cancel before there is a container', async () => {
    const execution = executor.start(jobOf('python', 'print("never")\n'))
    execution.cancel('user')
    expect(await finished(execution)).toMatchObject({ verdict: { kind: 'cancelled', by: 'user' }, stdout: '', exit_code: null })
    await expect.poll(executor.sandboxes).toEqual([])
  })

  test('and goes away abandons the run: the container is gone', async () => {
    const execution = executor.start(jobOf('python', 'print("so far")\nwhile True: pass\n'))
    for await (const event of execution.events) if (event.type === 'output') break
    await execution.finished
    await expect.poll(executor.sandboxes).toEqual([])
  })
})

test('a run that finds the machine full waits for its turn', async () => {
  const waits = Array.from({ length: 2 }, () => executor.start(jobOf('python', 'input()\n', { stdinOpen: true })))
  const third = executor.start(jobOf('python', 'print("my turn")\n'))
  expect(executor.state().sandboxes).toEqual({ waiting: 0, running: 2, queued: 1 })
  for (const one of waits) one.endInput()
  expect(await finished(third)).toMatchObject({ stdout: 'my turn\n', exit_code: 0 })
  await Promise.all(waits.map((one) => one.finished))
  expect(executor.state().sandboxes).toEqual({ waiting: 0, running: 0, queued: 0 })
})
