import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TerminalSize } from '../../protocol/run.ts'
import type { Execution } from '../executor.ts'
import { type Finished, finished, jobOf, openTestExecutor, type Program } from '../testing/real-executor.ts'

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor()
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

const tty: TerminalSize = { columns: 100, rows: 30 }

/** Runs a program on a terminal; every time it has shown the next of these texts, somebody does what belongs to it. */
function watched(
  code: string,
  dialogue: [string, (execution: Execution) => void][] = [],
  program: Program = {},
): Promise<Finished> {
  const execution = executor.start(jobOf('python', code, { tty, stdinOpen: true, ...program }))
  let heard = ''
  let from = 0
  return finished(execution, (event) => {
    if (event.type !== 'output') return
    heard += event.text
    for (let next = dialogue[0]; next; next = dialogue[0]) {
      const place = heard.indexOf(next[0], from)
      if (place < 0) return
      from = place + next[0].length
      dialogue.shift()
      next[1](execution)
    }
  })
}
const types = (text: string) => (execution: Execution) => void execution.write(text)

describe('a program on a terminal', () => {
  test('finds one on all three descriptors, of the size that was asked for, and knows what it can do', async () => {
    const code = `import os, shutil, sys
print([os.isatty(fd) for fd in (0, 1, 2)], tuple(os.get_terminal_size(fd) for fd in (0, 1, 2)) == ((100, 30),) * 3)
print(os.environ["TERM"], "COLUMNS" in os.environ, shutil.get_terminal_size() == (100, 30), os.ttyname(0).startswith("/dev/pts/"))
print(os.getsid(0) == os.getpid(), os.tcgetpgrp(0) == os.getpgrp(), os.open("/dev/tty", os.O_RDWR) > 2)
`
    expect(await watched(code)).toMatchObject({
      verdict: { kind: 'exited', exit_code: 0 },
      stdout: '[True, True, True] True\r\nxterm-256color False True True\r\nTrue True True\r\n',
      stderr: '',
    })
  })

  test('has one stream: what it writes to stderr is there as well, in its order', async () => {
    const code = 'import sys\nfor n in range(3):\n  print("out", n)\n  print("err", n, file=sys.stderr)\n'
    const run = await watched(code)
    expect([run.stdout, run.stderr]).toEqual([[0, 1, 2].map((n) => `out ${n}\r\nerr ${n}\r\n`).join(''), ''])
  })

  test('shows colours as they are', async () => {
    expect((await watched('print("\\x1b[1;31mred\\x1b[0m")\n')).stdout).toBe('\x1b[1;31mred\x1b[0m\r\n')
  })

  test('is seen typing: what is typed is echoed, and corrected before it is handed over', async () => {
    const run = await watched('name = input("name? ")\nprint("Hello", name)\n', [['name? ', types('Adax\x7f!\n')]])
    expect(run.stdout).toBe('name? Adax\b \b!\r\nHello Ada!\r\n')
  })

  test('edits lines with readline: arrows move, and what is inserted is in its place', async () => {
    const run = await watched('import readline\nprint("got", input("> "))\n', [['> ', types('bc\x1b[D\x1b[Da\r')]])
    expect(run.stdout).toContain('got abc')
  })

  test('reads single keys in raw mode, unechoed and at once', async () => {
    const code = `import sys, tty, termios
before = termios.tcgetattr(0)
tty.setraw(0)
sys.stdout.write("ready\\r\\n")
keys = [sys.stdin.read(1) for _ in range(3)]
termios.tcsetattr(0, termios.TCSADRAIN, before)
print(keys)
`
    expect((await watched(code, [['ready', types('a\x03\x04')]])).stdout).toBe("ready\r\n['a', '\\x03', '\\x04']\r\n")
  })

  test('can draw a whole screen (curses), of the right size', async () => {
    const code = `import curses
def main(screen):
  rows, columns = screen.getmaxyx()
  screen.addstr(rows - 1, 0, f"{columns}x{rows} {curses.has_colors()}")
  screen.refresh()
  key = screen.getch()
  screen.addstr(0, 0, f"key {key}")
  screen.refresh()
  return key
print("left with", curses.wrapper(main))
`
    const run = await watched(code, [['100x30 True', types('q')]])
    expect(run).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 } })
    expect(run.stdout).toContain('left with 113')
    // The screen of its own (rmcup) is left again.
    expect(run.stdout).toContain('\x1b[?1049l')
  })

  test('hears that its window has another size, and finds it', async () => {
    const code = `import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
print("go", flush=True)
signal.sigwait([signal.SIGWINCH])
print("size", *os.get_terminal_size())
`
    const run = await watched(code, [['go', (execution) => expect(execution.resize({ columns: 132, rows: 50 })).toBe(true)]])
    expect(run.stdout).toContain('size 132 50')
    expect(run.events.filter(({ type }) => type === 'resize').length).toBe(1)
  })

  test('is interrupted by ^C, and so are the children in its foreground', async () => {
    const code = `import subprocess
try: subprocess.run(["sh", "-c", "trap 'echo child; exit' INT; echo ready; while :; do sleep 1; done"])
except KeyboardInterrupt: print("interrupted")
`
    const run = await watched(code, [['ready', types('\x03')]])
    expect(run.verdict).toEqual({ kind: 'exited', exit_code: 0 })
    expect(run.stdout.split('\r\n')).toEqual(expect.arrayContaining(['interrupted']))
    expect(run.stdout).toContain('^C')
  })

  test('is killed by a ^C it does not handle, as on any terminal', async () => {
    const run = await watched('import os, time\nprint("ready")\nos.execvp("sleep", ["sleep", "600"])\n', [
      ['ready', types('\x03')],
    ])
    expect(run.verdict).toEqual({ kind: 'signaled', signal: 'SIGINT' })
  })

  test('finds the end of its input where somebody types ^D or ends the input, in the middle of a line too', async () => {
    const code = 'import sys\nprint("ready")\nprint(repr(sys.stdin.read()))\nprint(repr(sys.stdin.read()))\n'
    const run = await watched(code, [
      ['ready', types('one\ntwo')],
      ['two', types('\x04\x04')],
      ["'one\\ntwo'", (execution) => void execution.endInput()],
    ])
    expect(run.stdout.replaceAll('\b', '')).toMatch(/'one\\ntwo'\r\n(\^D)*( {2})*''\r\n$/)
  })

  test('gets what was given up front as if typed, and its end', async () => {
    const run = await watched('import sys\nprint(sys.stdin.read().upper())\n', [], { stdin: 'some\nlines', stdinOpen: false })
    expect(run).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 } })
    expect(run.stdout).toContain('SOME\r\nLINES')
  })

  test('is signalled like any other: the group in the foreground', async () => {
    const run = await watched(
      'import time\ntry:\n  print("ready")\n  time.sleep(600)\nexcept KeyboardInterrupt: print("so be it")\n',
      [['ready', (execution) => void execution.signal('SIGINT')]],
    )
    expect(run.stdout).toContain('so be it')
  })

  test('has its output whole, to the last byte, though it ends at once', async () => {
    const run = await watched('import sys\nsys.stdout.write("x" * 200_000 + "end")\n')
    expect(run).toMatchObject({ stdout: `${'x'.repeat(200_000)}end`, stdout_bytes: 200_003 })
  })

  test('has an output limit like any other', async () => {
    const run = await watched('while True: print("0123456789")\n', [], { limits: { output_bytes: 12_345 } })
    expect(run).toMatchObject({ verdict: { kind: 'output-limit', stream: 'stdout' } })
    expect(run.stdout.length).toBe(12_345)
  })

  test('ends at its wall time, whatever it does with its terminal', async () => {
    const code = 'import os, signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\nprint("before")\nos.read(0, 1)\n'
    const run = await watched(code, [], { limits: { wall_time_ms: 700 } })
    expect(run).toMatchObject({ verdict: { kind: 'time-limit', clock: 'wall' }, stdout: 'before\r\n' })
  })

  test('is compiled on pipes: a compiler has nobody to talk to', async () => {
    const code = `public class Main {
  public static void main(String[] args) {
    int x = (int) new java.util.Date(2000, 1, 1).getTime();
    System.out.println(System.console() != null && System.console().isTerminal());
  }
}\n`
    const run = await finished(executor.start(jobOf('java', code, { tty })))
    expect(run).toMatchObject({ verdict: { kind: 'exited', exit_code: 0 }, stdout: 'true\r\n' })
    expect(run.compileOutput).toContain('Note: ')
    expect(run.compileOutput).not.toContain('\r')
  })
})

test('a terminal that was not asked for is not there', async () => {
  const code = 'import os\nprint([os.isatty(fd) for fd in (0, 1, 2)], os.listdir("/dev/pts"))\n'
  const run = await finished(executor.start(jobOf('python', code)))
  expect(run.stdout).toBe('[False, False, False] []\n')
})
