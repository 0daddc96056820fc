import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Finished, languages, openTestExecutor, type Program, runProgram } from './testing/real-executor.ts'

// What the Java images promise beside running programs: they say where they hang, whether their JVM waited or not, and test mode is JUnit's.

const javas = languages.filter(({ id }) => id === 'java')
const versions = javas.map(({ manifest }) => manifest.version)

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor({ languages: javas, maxQueued: 50 })
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

const run = (version: string, code: string, program: Program = {}): Promise<Finished> =>
  runProgram(executor, 'java', code, { version, ...program })

/** With environment variables of its own, a run starts a JVM that did not wait. */
const starts: [string, Program][] = [
  ['a JVM that waited', {}],
  ['a plain start', { env: { SOME: 'thing' } }],
]
const bothStarts = versions.flatMap((version) => starts.map(([start, program]) => [version, start, program] as const))

/** A time limit on the wall, stuck at this place. */
const stuckAt = (line: number, name: string) => ({
  kind: 'time-limit',
  clock: 'wall',
  stuck_at: expect.objectContaining({ file: 'Main.java', line, function: name, library: false }),
})

describe.each(bothStarts)('java %s from %s says where it hangs', (version, _, start) => {
  // The JVM of a plain start begins in this time.
  const untilStopped = (code: string, program: Program = {}) =>
    run(version, code, { limits: { wall_time_ms: 3_000 }, ...start, ...program })

  test.each([
    [
      'in an endless loop',
      `public class Main {
  static void spin() {
    int turns = 0;
    while (true) turns++;
  }

  public static void main(String[] args) {
    spin();
  }
}
`,
      4,
      'Main.spin',
    ],
    [
      'asleep, in a call of the library',
      `public class Main {
  static void rest() throws InterruptedException {
    Thread.sleep(60_000);
  }

  public static void main(String[] args) throws Exception {
    rest();
  }
}
`,
      3,
      'Main.rest',
    ],
    [
      'in a thread that main waits for',
      `public class Main {
  public static void main(String[] args) throws Exception {
    Thread worker = new Thread(() -> {
      while (true) Thread.onSpinWait();
    }, "worker");
    worker.start();
    worker.join();
  }
}
`,
      7,
      'Main.main',
    ],
  ])('%s', async (_, code, line, name) => {
    const { verdict, stacks, stderr } = await untilStopped(code)
    expect(verdict).toEqual(stuckAt(line, name))
    expect(stacks?.[0]?.thread).toBe('main')
    expect(stderr).toBe('')
  })

  test('waiting for input that does not come', async () => {
    const code = `public class Main {
  public static void main(String[] args) throws Exception {
    System.in.read();
  }
}
`
    const { verdict } = await untilStopped(code, { stdinOpen: true })
    expect(verdict).toEqual(stuckAt(3, 'Main.main'))
  })

  test('with the stacks of every thread of two that wait for each other', async () => {
    const code = `import java.util.concurrent.CountDownLatch;

public class Main {
  static final Object fork = new Object();
  static final Object knife = new Object();
  static final CountDownLatch bothHoldOne = new CountDownLatch(2);

  static void eat(Object first, Object second) {
    synchronized (first) {
      bothHoldOne.countDown();
      try {
        bothHoldOne.await();
      } catch (InterruptedException error) {
        return;
      }
      synchronized (second) {
        System.out.println("never");
      }
    }
  }

  public static void main(String[] args) {
    new Thread(() -> eat(fork, knife), "left").start();
    new Thread(() -> eat(knife, fork), "right").start();
  }
}
`
    const { verdict, stacks, stdout } = await untilStopped(code)
    expect(stdout).toBe('')
    expect(verdict).toEqual(stuckAt(16, 'Main.eat'))
    expect(stacks?.map(({ thread }) => thread).sort()).toEqual(['left', 'right'])
    for (const { frames } of stacks ?? []) expect(frames[0]).toMatchObject({ file: 'Main.java', line: 16, library: false })
  })
})

describe.each(versions)('java %s', (version) => {
  test('shows no frame but its own in a stack trace, caught or not', async () => {
    const code = `public class Main {
  public static void main(String[] args) {
    try {
      throw new IllegalStateException("caught");
    } catch (IllegalStateException error) {
      error.printStackTrace();
    }
    throw new IllegalStateException("uncaught");
  }
}
`
    const { stderr, exit_code } = await run(version, code)
    expect([stderr, exit_code]).toEqual([
      'java.lang.IllegalStateException: caught\n\tat Main.main(Main.java:4)\n' +
        'Exception in thread "main" java.lang.IllegalStateException: uncaught\n\tat Main.main(Main.java:8)\n',
      1,
    ])
  })

  test('runs the tests of JUnit, says what failed and why, and adds no line of the JVM', async () => {
    const code = `import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;

class NumbersTest {
  @Test
  void add() {
    System.out.println("the program's own line");
    assertEquals(4, 2 + 2);
  }

  @Test
  void differ() {
    assertEquals(4, 3);
  }

  @Test
  @Disabled("not today")
  void wait_() {}
}
`
    const { tests, exit_code, stdout, stderr, compileOutput } = await run(version, code, {
      mode: 'test',
      entry: 'NumbersTest.java',
    })
    expect(compileOutput).toBe('')
    expect(stderr).toBe('')
    expect(stdout.split('\n').filter((line) => line.startsWith('['))).toEqual([])
    expect(stdout).toContain("the program's own line\n")
    expect(stdout).toContain('3 tests: 1 passed, 1 failed, 1 skipped\n')
    expect(exit_code).toBe(1)
    expect(tests?.tests.sort((a, b) => a.name.localeCompare(b.name))).toEqual([
      expect.objectContaining({ name: 'add()', outcome: 'passed' }),
      expect.objectContaining({ name: 'differ()', outcome: 'failed', line: 14 }),
      expect.objectContaining({ name: 'wait_()', outcome: 'skipped', message: expect.stringContaining('not today') }),
    ])
  })
})
