import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestResult } from '../protocol/test-report.ts'
import { languages, openTestExecutor, type Program, runProgram } from './testing/real-executor.ts'

/** C, C++, Go and Rust in all their versions: what each promises beyond what languages.docker.test.ts asks of all. */

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor()
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

type Place = { line: number; name: RegExp }

type Behaviour = {
  /** Prints each argument in brackets, a line each, then its input. */
  echo: string
  exit7: string
  /** Has an error of types in line 3. */
  wrong: { code: string; message: RegExp }
  /** Prints "found" with the help of the other file. */
  twoFiles: { code: string; other: string; path: string }
  /** Says "before" and is ended by a signal of its own doing, or by its runtime's word. */
  crash: { code: string; verdict: object; stderr: RegExp }
  /** Says "before" and asks for memory without end. */
  hungry: string
  /** Says "before" without a line's end, has a second thread, and hangs at this place. */
  hang: { code: string; at: Place; threads: number }
  /** A flag, and what it makes of the program. */
  flag: { flag: string; code: string; says: RegExp; from: 'compileOutput' | 'stdout' }
  /** Where a test that failed says it did, in the example of tests. */
  tests: Partial<Record<TestResult['outcome'], number>>
}

const behaviours: Record<string, Behaviour> = {
  c: {
    echo: `#include <stdio.h>
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("[%s]\\n", argv[i]);
  for (int c; (c = getchar()) != EOF;) putchar(c);
}
`,
    exit7: 'int main(void) { return 7; }\n',
    wrong: {
      code: 'struct point { int x; };\nint main(void) {\n  struct point p = "five";\n  return p.x;\n}\n',
      message: /^main\.c:3:\d+: error: invalid initializer$/m,
    },
    twoFiles: {
      code: '#include <stdio.h>\n#include "lib/other.h"\nint main(void) { puts(word()); }\n',
      path: 'lib/other.c',
      other: '#include "lib/other.h"\nconst char *word(void) { return "found"; }\n',
    },
    crash: {
      code: '#include <stdio.h>\nint main(void) {\n  puts("before");\n  fflush(stdout);\n  int *volatile nowhere = 0;\n  return *nowhere;\n}\n',
      verdict: { kind: 'signaled', signal: 'SIGSEGV' },
      stderr: /^$/,
    },
    hungry: `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void) {
  puts("before");
  fflush(stdout);
  for (;;) memset(malloc(8000000), 1, 8000000);
}
`,
    hang: {
      code: `#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *rest(void *unused) {
  for (;;) sleep(1);
  return unused;
}
__attribute__((noinline)) static void wait_for_it(pthread_t other) {
  pthread_join(other, NULL);
  puts("never");
}
int main(void) {
  printf("before");
  pthread_t other;
  pthread_create(&other, NULL, rest, NULL);
  wait_for_it(other);
}
`,
      at: { line: 9, name: /^wait_for_it$/ },
      threads: 2,
    },
    flag: {
      flag: '-Wconversion',
      code: 'int main(int argc, char **argv) {\n  (void)argv;\n  char small = argc;\n  return small - 1;\n}\n',
      says: /main\.c:3:\d+: warning: conversion/,
      from: 'compileOutput',
    },
    tests: { failed: 1, passed: 2, skipped: 1 },
  },
  cpp: {
    echo: `#include <iostream>
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) std::cout << '[' << argv[i] << "]\\n";
  std::cout << std::cin.rdbuf();
}
`,
    exit7: 'int main() { return 7; }\n',
    wrong: {
      code: '#include <string>\nint main() {\n  int x = std::string("five");\n  return x;\n}\n',
      message: /^main\.cpp:3:\d+: error: cannot convert/m,
    },
    twoFiles: {
      code: '#include <iostream>\n#include "lib/other.hpp"\nint main() { std::cout << word() << "\\n"; }\n',
      path: 'lib/other.cpp',
      other: '#include "lib/other.hpp"\nstd::string word() { return "found"; }\n',
    },
    crash: {
      code: '#include <iostream>\n#include <stdexcept>\nint main() {\n  std::cout << "before" << std::endl;\n  throw std::runtime_error("boom");\n}\n',
      verdict: { kind: 'signaled', signal: 'SIGABRT' },
      stderr: /terminate called after throwing an instance of 'std::runtime_error'\n {2}what\(\): {2}boom/,
    },
    hungry:
      '#include <iostream>\n#include <vector>\nint main() {\n  std::cout << "before" << std::endl;\n  std::vector<std::vector<char>> hoard;\n  for (;;) hoard.emplace_back(8000000, 1);\n}\n',
    hang: {
      code: `#include <iostream>
#include <mutex>
#include <thread>
#include <chrono>
std::mutex held;
__attribute__((noinline)) void wait_for_it() {
  std::lock_guard<std::mutex> guard(held);
  std::cout << "never";
}
int main() {
  std::cout << "before";
  held.lock();
  std::thread other([] { for (;;) std::this_thread::sleep_for(std::chrono::seconds(1)); });
  wait_for_it();
  other.join();
}
`,
      at: { line: 7, name: /^wait_for_it/ },
      threads: 2,
    },
    flag: {
      flag: '-std=c++23',
      code: '#include <iostream>\nint main() { std::cout << __cplusplus << "\\n"; }\n',
      says: /^202[1-9]\d\d\n$/,
      from: 'stdout',
    },
    tests: { failed: 1, passed: 2, skipped: 1 },
  },
  go: {
    echo: `package main

import ("fmt"; "io"; "os")

func main() {
	for _, one := range os.Args[1:] {
		fmt.Printf("[%s]\\n", one)
	}
	io.Copy(os.Stdout, os.Stdin)
}
`,
    exit7: 'package main\n\nimport "os"\n\nfunc main() { os.Exit(7) }\n',
    wrong: {
      code: 'package main\nfunc main() {\n\tvar n int = "five"\n\t_ = n\n}\n',
      message: /main\.go:3:14: cannot use "five"/,
    },
    twoFiles: {
      code: 'package main\n\nimport ("fmt"; "example/lib")\n\nfunc main() { fmt.Println(lib.Word()) }\n',
      path: 'lib/other.go',
      other: 'package lib\n\nfunc Word() string { return "found" }\n',
    },
    crash: {
      code: 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("before")\n\tvar names map[string]int\n\tnames["a"] = 1\n}\n',
      verdict: { kind: 'exited', exit_code: 2 },
      stderr: /^panic: assignment to entry in nil map\n\ngoroutine 1 \[running\]:\nmain\.main\(\)\n\t\/workspace\/main\.go:8/,
    },
    hungry:
      'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("before")\n\tvar hoard [][]byte\n\tfor {\n\t\tone := make([]byte, 8000000)\n\t\tfor i := range one { one[i] = 1 }\n\t\thoard = append(hoard, one)\n\t}\n}\n',
    hang: {
      code: `package main

import ("fmt"; "time")

func waitForIt(never chan int) {
	<-never
}

func main() {
	fmt.Print("before")
	go func() { for { time.Sleep(time.Second) } }()
	waitForIt(make(chan int))
}
`,
      at: { line: 6, name: /^main\.waitForIt$/ },
      threads: 2,
    },
    flag: {
      flag: '-gcflags=-m',
      code: 'package main\n\nfunc main() { println(*escapes()) }\n\nfunc escapes() *int { n := 1; return &n }\n',
      says: /can inline escapes/,
      from: 'compileOutput',
    },
    tests: { failed: 1, passed: 3, skipped: 1 },
  },
  rust: {
    echo: `use std::io;
fn main() {
    for one in std::env::args().skip(1) { println!("[{one}]"); }
    io::copy(&mut io::stdin(), &mut io::stdout()).unwrap();
}
`,
    exit7: 'fn main() { std::process::exit(7) }\n',
    wrong: {
      code: 'fn main() {\n    let _m: u8 = 1;\n    let _n: u8 = "five";\n}\n',
      message: /error\[E0308\]: mismatched types\n +--> main\.rs:3:18/,
    },
    twoFiles: {
      code: 'mod shop;\nfn main() { println!("{}", shop::other::word()); }\n',
      path: 'shop/other.rs',
      other: 'pub fn word() -> &\'static str { "found" }\n',
    },
    crash: {
      code: 'fn main() {\n    println!("before");\n    let none: Option<u8> = None;\n    none.expect("boom");\n}\n',
      verdict: { kind: 'exited', exit_code: 101 },
      stderr: /panicked at main\.rs:4:10:\nboom\n/,
    },
    hungry:
      'fn main() {\n    println!("before");\n    let mut hoard = Vec::new();\n    loop { hoard.push(vec![1u8; 8_000_000]); }\n}\n',
    hang: {
      code: `use std::{sync::mpsc, thread, time::Duration};

fn wait_for_it(never: mpsc::Receiver<u8>) {
    never.recv().unwrap();
}

fn main() {
    print!("before");
    thread::spawn(|| loop { thread::sleep(Duration::from_secs(1)) });
    let (_sender, never) = mpsc::channel();
    wait_for_it(never);
}
`,
      at: { line: 4, name: /wait_for_it$/ },
      threads: 2,
    },
    flag: {
      flag: '-Coverflow-checks=off',
      code: 'fn main() {\n    let n: u8 = std::env::args().count() as u8 + 254;\n    println!("{}", n.max(1) + 1);\n}\n',
      says: /^0\n$/,
      from: 'stdout',
    },
    tests: { failed: 1, passed: 3, skipped: 1 },
  },
}

/** What the language wants beside the two files of `twoFiles`. */
const alsoFor: Record<string, { path: string; content: string }[]> = {
  c: [{ path: 'lib/other.h', content: 'const char *word(void);\n' }],
  cpp: [{ path: 'lib/other.hpp', content: '#pragma once\n#include <string>\nstd::string word();\n' }],
  go: [{ path: 'go.mod', content: 'module example\n\ngo 1.19\n' }],
  rust: [{ path: 'shop/mod.rs', content: 'pub mod other;\n' }],
}

const everyVersion = languages.filter(({ id }) => behaviours[id]).map((one) => [one.id, one.manifest.version, one] as const)

describe.each(everyVersion)('%s %s', (id, version, { manifest, testExample }) => {
  const { echo, exit7, wrong, twoFiles, crash, hungry, hang, flag, tests: counts } = behaviours[id]!
  const run = (code: string, program: Program = {}) => runProgram(executor, id, code, { version, ...program })

  test('gets its arguments and its input', async () => {
    const args = ['plain', 'two words', '', 'é😀', '-h', '--', 'a "quote" $HOME']
    const { stdout, stderr, compileOutput } = await run(echo, { args, stdin: 'one\ntwo é😀' })
    expect({ stdout, stderr, compileOutput }).toEqual({
      stdout: `${args.map((one) => `[${one}]\n`).join('')}one\ntwo é😀`,
      stderr: '',
      compileOutput: '',
    })
  })

  test('ends with the exit code of the program, whatever its file is called', async () => {
    const seven = { verdict: { kind: 'exited', exit_code: 7 }, stdout: '', stderr: '' }
    expect(await run(exit7)).toMatchObject(seven)
    expect(await run(exit7, { entry: `src/other${manifest.extensions[0]}` })).toMatchObject(seven)
  })

  test('that does not compile is not run: the compiler says where', async () => {
    const { verdict, compileOutput, events, diagnostics } = await run(wrong.code)
    expect(verdict).toMatchObject({ kind: 'compile-failed' })
    expect(compileOutput).toMatch(wrong.message)
    expect(events.flatMap((event) => (event.type === 'started' ? [event.stage] : []))).toEqual(['compile'])
    expect(diagnostics).toContainEqual(expect.objectContaining({ file: manifest.entry, line: 3, severity: 'error' }))
  })

  test('is made of all files of the run', async () => {
    const files = [{ path: twoFiles.path, content: twoFiles.other }, ...alsoFor[id]!]
    expect(await run(twoFiles.code, { files })).toMatchObject({ stdout: 'found\n', compileOutput: '', exit_code: 0 })
  })

  test('says how it crashed', async () => {
    const { stdout, stderr, verdict } = await run(crash.code)
    expect({ stdout, verdict }).toEqual({ stdout: 'before\n', verdict: crash.verdict })
    expect(stderr).toMatch(crash.stderr)
  })

  test('names memory when that ended it', async () => {
    expect(await run(hungry)).toMatchObject({ stdout: 'before\n', verdict: { kind: 'memory-limit' } })
  })

  test('that hangs says where each of its threads is, and what it had not yet written', async () => {
    const { verdict, stacks, stderr, stdout } = await run(hang.code, { limits: { wall_time_ms: 1_000 } })
    expect(verdict).toMatchObject({
      kind: 'time-limit',
      clock: 'wall',
      stuck_at: {
        file: manifest.entry,
        line: hang.at.line,
        function: expect.stringMatching(hang.at.name),
        library: false,
      },
    })
    expect(stacks?.length).toBeGreaterThanOrEqual(hang.threads)
    expect(stderr).toBe('')
    // Rust keeps its own buffer, which nobody outside can ask it to write.
    if (id !== 'rust') expect(stdout).toBe('before')
  })

  test('does what a flag says', async () => {
    expect((await run(flag.code))[flag.from]).not.toMatch(flag.says)
    expect((await run(flag.code, { flags: { compile: [flag.flag] } }))[flag.from]).toMatch(flag.says)
  })

  test('in test mode tells each test: passed, failed with its reason and line, skipped', async () => {
    const { tests, exit_code, stdout, compileOutput } = await run(testExample!, {
      mode: 'test',
      entry: manifest.test!.example.path,
    })
    expect(compileOutput).toBe('')
    const outcomes = Object.groupBy(tests?.tests ?? [], ({ outcome }) => outcome)
    expect(Object.fromEntries(Object.entries(outcomes).map(([outcome, all]) => [outcome, all.length]))).toEqual(counts)
    expect(tests?.framework).toBe(manifest.test!.framework)
    expect(outcomes.failed?.every(({ message }) => message)).toBe(true)
    expect(exit_code).not.toBe(0)
    // What the framework says to people is there as well.
    expect(stdout).not.toBe('')
  })
})

const versionsOf = (id: string) => languages.filter((one) => one.id === id).map(({ manifest }) => manifest.version)

describe.each(['c', 'cpp'].flatMap((id) => versionsOf(id).map((version) => [id, version] as const)))(
  '%s %s and its sanitizers',
  (id, version) => {
    const entry = id === 'c' ? 'main.c' : 'main.cpp'
    const run = (code: string, check: string) =>
      runProgram(executor, id, code, { version, flags: { compile: [`-fsanitize=${check}`] } })

    test('find a read beyond the end, and where', async () => {
      const code =
        '#include <stdlib.h>\nint main(int argc, char **argv) {\n  (void)argv;\n  int *list = (int *)calloc(4, sizeof(int));\n  return list[argc + 3];\n}\n'
      const { stderr, diagnostics, exit_code } = await run(code, 'address')
      expect(stderr).toContain('AddressSanitizer: heap-buffer-overflow')
      expect(diagnostics).toContainEqual(expect.objectContaining({ file: entry, line: 5, severity: 'error' }))
      expect(exit_code).not.toBe(0)
    })

    test('find what the language does not define, and go on', async () => {
      const code =
        '#include <limits.h>\n#include <stdio.h>\nint main(int argc, char **argv) {\n  (void)argv;\n  int n = INT_MAX - 1 + argc;\n  n += argc;\n  puts("after");\n  return n > 0;\n}\n'
      const { stderr, diagnostics, stdout } = await run(code, 'undefined')
      expect(stderr).toMatch(/runtime error: signed integer overflow/)
      expect(diagnostics).toContainEqual(expect.objectContaining({ file: entry, line: 6 }))
      expect(stdout).toBe('after\n')
    })
  },
)

/** A header that was compiled with the image is only a shortcut: no program may see a difference. */
describe.each(versionsOf('cpp'))('the compiled headers of c++ %s', (version) => {
  const run = (code: string, program: Program = {}) => runProgram(executor, 'cpp', code, { version, ...program })

  test.each([
    [
      'a macro that comes before the header',
      '#define NDEBUG\n#include <cassert>\n#include <iostream>\nint main() { assert(false); std::cout << "said\\n"; }\n',
      'said\n',
    ],
    [
      'a macro that comes between two headers',
      '#include <iostream>\n#define NDEBUG\n#include <cassert>\nint main() { assert(false); std::cout << "said\\n"; }\n',
      'said\n',
    ],
    [
      'a name that only other headers have',
      '#include <iostream>\nint sort(int n) { return n + 1; }\nusing namespace std;\nint main() { cout << sort(1) << "\\n"; }\n',
      '2\n',
    ],
    [
      'the line numbers and the name of its file',
      '// first\n#include <bits/stdc++.h>\nint main() { std::cout << __FILE__ << ":" << __LINE__ << " " << __INCLUDE_LEVEL__ << "\\n"; }\n',
      'main.cpp:3 0\n',
    ],
    [
      'a header of the run’s own with the name of a system’s',
      '#include <iostream>\n#include "vector"\nint main() { std::cout << mine << "\\n"; }\n',
      '42\n',
    ],
    [
      'a comment that runs over lines first',
      '/* a\n b */\n#include <iostream>\nint main() { std::cout << "said\\n"; }\n',
      'said\n',
    ],
  ])('change nothing: %s', async (_, code, stdout) => {
    const files = code.includes('"vector"') ? [{ path: 'vector', content: 'const int mine = 42;\n' }] : []
    expect(await run(code, { files })).toMatchObject({ stdout, stderr: '', compileOutput: '', exit_code: 0 })
  })

  test('change nothing under any standard or optimisation', async () => {
    const code = '#include <iostream>\n#include <string>\n#include <vector>\nint main() { std::cout << __cplusplus << "\\n"; }\n'
    const flagsOf = (flag: string) => ({ flags: { compile: [flag] } })
    const said = await Promise.all(
      ['-std=c++11', '-std=c++17', '-std=gnu++20', '-O0', '-fno-exceptions', '-D_GLIBCXX_ASSERTIONS'].map(async (flag) => {
        const { stdout, compileOutput } = await run(code, flagsOf(flag))
        return [flag, stdout, compileOutput]
      }),
    )
    expect(said).toEqual([
      ['-std=c++11', '201103\n', ''],
      ['-std=c++17', '201703\n', ''],
      ['-std=gnu++20', '202002\n', ''],
      ['-O0', '202002\n', ''],
      ['-fno-exceptions', '202002\n', ''],
      ['-D_GLIBCXX_ASSERTIONS', '202002\n', ''],
    ])
  })

  test('are not needed: a name whose header was forgotten is an error still', async () => {
    const code = '#include <iostream>\nint main() { std::map<int, int> ages; return ages.size(); }\n'
    const { verdict, compileOutput } = await run(code)
    expect(verdict).toMatchObject({ kind: 'compile-failed' })
    expect(compileOutput).toMatch(/‘map’ is not a member of ‘std’/)
  })
})

describe('rust', () => {
  test('builds a package of cargo, and its tests beside it', async () => {
    const files = [
      { path: 'Cargo.toml', content: '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n' },
      { path: 'src/price.rs', content: 'pub fn price() -> u32 { 42 }\n#[test]\nfn is_fair() { assert_eq!(price(), 42); }\n' },
    ]
    const code = 'mod price;\nfn main() { println!("{}", price::price()); }\n'
    const program = { files, entry: 'src/main.rs' }
    expect(await runProgram(executor, 'rust', code, program)).toMatchObject({ stdout: '42\n', exit_code: 0 })
    const { tests } = await runProgram(executor, 'rust', code, { ...program, mode: 'test' })
    expect(tests?.tests).toEqual([expect.objectContaining({ name: 'is_fair', outcome: 'passed' })])
  })
})

describe('go', () => {
  test('runs the tests of every folder of a module', async () => {
    const files = [
      { path: 'go.mod', content: 'module example\n\ngo 1.19\n' },
      { path: 'a/a_test.go', content: 'package a\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n' },
      { path: 'b/b_test.go', content: 'package b\n\nimport "testing"\n\nfunc TestB(t *testing.T) { t.Fatal("boom") }\n' },
    ]
    const { tests } = await runProgram(executor, 'go', 'package main\n\nfunc main() {}\n', { files, mode: 'test' })
    expect(tests?.tests.map(({ name, outcome }) => [name, outcome]).sort()).toEqual([
      ['TestA', 'passed'],
      ['TestB', 'failed'],
    ])
  })
})
