import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FlagManifest } from '../protocol/language.ts'
import type { TestResult } from '../protocol/test-report.ts'
import { languages, openTestExecutor, type Program, runProgram } from './testing/real-executor.ts'

/** Ruby, PHP, Bash, SQLite and Lua in all their versions: what each promises beyond what languages.docker.test.ts asks of all. */

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor()
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

type Behaviour = {
  /** Prints its arguments as JSON, then its input. */
  echo: string
  exit7: string
  /** Fails in line 3, in words of the runtime's own. */
  uncaught: { code: string; stderr: RegExp; exitCode: number }
  /** Prints "found" with the help of lib/other.*. */
  twoFiles: { code: string; other: string }
  /** Says "before" and kills itself with SIGTERM. */
  terminated: string
  /** Says "before" and asks for memory without end. */
  hungry: string
  /** A flag, and what it makes a program say. */
  flag: { flag: string; code: string; says: RegExp }
}

const behaviours: Record<string, Behaviour> = {
  ruby: {
    echo: 'require "json"\nputs JSON.generate(ARGV)\n$stdout.write($stdin.read)\n',
    exit7: 'exit 7\n',
    uncaught: {
      code: 'def fail_here = raise(ArgumentError, "boom")\n\nfail_here\n',
      stderr: /main\.rb:1:in [`'].*fail_here': boom \(ArgumentError\)[\s\S]*from main\.rb:3:in [`']<main>'/,
      exitCode: 1,
    },
    twoFiles: { code: 'require_relative "lib/other"\nputs word\n', other: 'def word = "found"\n' },
    terminated: 'puts "before"\nProcess.kill(:TERM, $$)\nsleep\n',
    hungry: 'puts "before"\nhoard = []\nloop { hoard << "x" * 8_000_000 }\n',
    flag: { flag: '-w', code: 'unused = 1\ndef twice; end\ndef twice; end\n', says: /main\.rb:3: warning: method redefined/ },
  },
  php: {
    echo: '<?php echo json_encode(array_slice($argv, 1), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\\n"; fpassthru(STDIN);',
    exit7: '<?php exit(7);',
    uncaught: {
      code: '<?php\n\nthrow new LogicException("boom");\n',
      stderr: /^PHP Fatal error: {2}Uncaught LogicException: boom in \/workspace\/main\.php:3\n/,
      exitCode: 255,
    },
    twoFiles: { code: '<?php require "lib/other.php"; echo word(), "\\n";', other: '<?php function word() { return "found"; }' },
    terminated: '<?php echo "before\\n"; posix_kill(getmypid(), SIGTERM); sleep(10);',
    hungry: '<?php echo "before\\n"; $hoard = []; while (true) $hoard[] = str_repeat("x", 8_000_000);',
    flag: { flag: '-dprecision=17', code: '<?php fwrite(STDERR, 0.1);', says: /^0\.10000000000000001$/ },
  },
  bash: {
    echo: 'jq -nc \'$ARGS.positional\' --args -- "$@"\ncat\n',
    exit7: 'exit 7\n',
    uncaught: { code: 'set -u\n\necho "$nothing"\n', stderr: /^main\.sh: line 3: nothing: unbound variable\n$/, exitCode: 1 },
    twoFiles: { code: '. lib/other.sh\nword\n', other: 'word() { echo found; }\n' },
    terminated: 'echo before\nkill -TERM $$\nsleep 10\n',
    hungry: 'echo before\nhoard=x\nwhile :; do hoard=$hoard$hoard; done\n',
    flag: { flag: '-x', code: 'word=seen\n', says: /^\+ word=seen\n$/ },
  },
  lua: {
    echo: 'print(require("dkjson").encode({ (unpack or table.unpack)(arg) }))\nio.write(io.read("*a"))\n',
    exit7: 'os.exit(7)\n',
    uncaught: {
      code: 'local nothing\n\nprint(nothing.name)\n',
      stderr:
        /^lua: main\.lua:3: attempt to index (a nil value \(local 'nothing'\)|local 'nothing' \(a nil value\))\nstack traceback:\n/,
      exitCode: 1,
    },
    twoFiles: { code: 'print(require("lib.other").word())\n', other: 'return { word = function() return "found" end }\n' },
    terminated: 'print("before")\nos.execute("kill -TERM $PPID")\nos.execute("sleep 10")\n',
    hungry: 'print("before")\nlocal hoard = {}\nwhile true do hoard[#hoard + 1] = ("x"):rep(8000000) .. #hoard end\n',
    flag: { flag: '-W', code: 'warn("seen")\n', says: /^Lua warning: seen\n$/ },
  },
}

const wordsOf = ({ flag, values }: FlagManifest) => values?.map((value) => flag.replace(/\{[^}]*\}/, () => value)) ?? [flag]

const everyVersion = languages.filter(({ id }) => behaviours[id]).map(({ id, manifest }) => [id, manifest.version] as const)

describe.each(everyVersion)('%s %s', (id, version) => {
  const { echo, exit7, uncaught, twoFiles, terminated, hungry, flag } = behaviours[id]!
  const manifest = languages.find((one) => one.id === id && one.manifest.version === version)!.manifest
  const run = (code: string, program: Program = {}) => runProgram(executor, id, code, { version, ...program })

  test('gets its arguments and its input', async () => {
    const args = ['plain', 'two words', '', 'é😀', '-h', '--', 'a "quote" $HOME']
    const { stdout, stderr } = await run(echo, { args, stdin: 'one\ntwo é😀' })
    expect({ stdout, stderr }).toEqual({ stdout: `${JSON.stringify(args)}\none\ntwo é😀`, stderr: '' })
  })

  test('ends with the exit code of the program', async () => {
    expect(await run(exit7)).toMatchObject({ verdict: { kind: 'exited', exit_code: 7 }, stdout: '', stderr: '' })
  })

  test('says where an error was that nobody caught', async () => {
    const { stdout, stderr, verdict } = await run(uncaught.code)
    expect({ stdout, verdict }).toEqual({ stdout: '', verdict: { kind: 'exited', exit_code: uncaught.exitCode } })
    expect(stderr).toMatch(uncaught.stderr)
  })

  test('finds the other files of the run', async () => {
    const files = [{ path: `lib/other${manifest.extensions[0]}`, content: twoFiles.other }]
    expect(await run(twoFiles.code, { files })).toMatchObject({ stdout: 'found\n', stderr: '', exit_code: 0 })
  })

  test('starts another file than its usual one', async () => {
    expect(await run(exit7, { entry: `src/a b${manifest.extensions[0]}` })).toMatchObject({ exit_code: 7, stderr: '' })
  })

  test('shows what is written before the line is full', async () => {
    const code = {
      ruby: 'print "name? "\ngets',
      php: '<?php echo "name? "; fgets(STDIN);',
      bash: 'printf "name? "\nread',
      lua: 'io.write("name? ")\nio.read()',
    }[id]!
    const ended = await run(code, { stdinOpen: true, limits: { wall_time_ms: 500 } })
    expect(ended).toMatchObject({ stdout: 'name? ', verdict: { kind: 'time-limit', clock: 'wall' } })
  })

  test('names the signal that ended it', async () => {
    expect(await run(terminated)).toMatchObject({
      stdout: 'before\n',
      verdict: { kind: 'signaled', signal: 'SIGTERM' },
      exit_code: 143,
    })
  })

  test('names memory when that ended it', async () => {
    expect(await run(hungry)).toMatchObject({ stdout: 'before\n', verdict: { kind: 'memory-limit' } })
  })

  // Lua has warnings to ask for from 5.4 on.
  if (!manifest.flags.run.flatMap(wordsOf).includes(flag.flag)) return
  test('does what a flag says', async () => {
    expect((await run(flag.code)).stderr).not.toMatch(flag.says)
    expect((await run(flag.code, { flags: { run: [flag.flag] } })).stderr).toMatch(flag.says)
  })
})

describe.each(
  languages
    .filter(({ id, manifest }) => behaviours[id] && manifest.test)
    .map((one) => [one.id, one.manifest.version, one] as const),
)('the tests of %s %s', (id, version, { manifest, testExample }) => {
  const runTests = (code: string, program: Program = {}) =>
    runProgram(executor, id, code, { version, mode: 'test', entry: manifest.test!.example.path, ...program })
  const outcomes = (tests: readonly TestResult[] = []) => tests.map(({ outcome }) => outcome).sort()

  test('are told one by one: passed, failed with its reason, skipped', async () => {
    const { tests, exit_code, stdout } = await runTests(testExample!)
    expect(outcomes(tests?.tests)).toEqual(['failed', 'passed', 'passed', 'skipped'])
    expect(tests?.framework).toBe(manifest.test!.framework)
    expect(tests?.tests.find(({ outcome }) => outcome === 'failed')?.message).toBeTruthy()
    expect(exit_code).not.toBe(0)
    // What the framework says to people is there as well.
    expect(stdout).not.toBe('')
  })

  test('are those of the files that are named as tests, whatever the entry is', async () => {
    const files = [{ path: manifest.test!.example.path, content: testExample! }]
    const { tests } = await runTests(behaviours[id]!.exit7, { entry: manifest.entry, files })
    expect(tests?.tests).toHaveLength(4)
  })
})

describe('ruby', () => {
  const ruby = (code: string, program?: Program) => runProgram(executor, 'ruby', code, program)

  test('that hangs says where each of its threads is', async () => {
    const code = 'Thread.new { loop { sleep 1 } }\n\ndef wait_for_it\n  Queue.new.pop\nend\n\nwait_for_it\n'
    const { verdict, stacks, stderr } = await ruby(code, { limits: { wall_time_ms: 800 } })
    expect(verdict).toMatchObject({
      kind: 'time-limit',
      clock: 'wall',
      stuck_at: { file: 'main.rb', line: 4, function: 'wait_for_it' },
    })
    expect(stacks).toHaveLength(2)
    expect(stderr).toBe('')
  })

  test('reads the options of its first line, as from a plain start', async () => {
    const code = '#!/usr/bin/ruby -w\np $-w, ARGV, __LINE__\n'
    for (const env of [undefined, { A_VARIABLE: '1' }])
      expect((await ruby(code, { args: ['a'], env })).stdout).toBe('true\n["a"]\n2\n')
  })

  /** Programs that look at what a start leaves behind. Each says the same from a waiting Ruby and from a plain one. */
  test.each([
    ['its name and place', 'p $0, __FILE__, __dir__, __LINE__, Dir.pwd, caller, $., $_, self, local_variables'],
    [
      'what is loaded',
      'puts $LOADED_FEATURES, $:, Object.constants.size, global_variables.size, ObjectSpace.each_object(Class).count',
    ],
    ['its descriptors', 'p File.open("/etc/passwd").fileno, IO.pipe.map(&:fileno), Dir.children("/proc/self/fd").sort'],
    ['its environment', 'p ENV.to_h.except("PLAIN"), Signal.list, Thread.list.size, $-w, STDOUT.sync, Encoding.default_external'],
    ['its arguments', 'p ARGV, ARGV.map(&:encoding), ARGV.map(&:frozen?), ARGV.equal?($*)'],
    ['its own text', 'puts DATA.read, DATA.pos, DATA.path, DATA.fileno\n__END__\nmore\ntext\n'],
    ['a syntax error', 'def a\n  1 +\nend\nputs )(\n'],
    ['an error in an error', 'begin; raise "a"; rescue; raise TypeError, "b"; end'],
    ['a misspelt name', '"a".upcas'],
    ['a stack without end', 'def deep = deep()\ndeep'],
    ['hooks at the exit', 'at_exit { puts "bye" }\nBEGIN { puts "first" }\nexit 3'],
    ['children', 'fork { puts "child" }\nProcess.wait\nputs `ruby -e "p ARGV, $0"`'],
    ['gems', 'require "set"; require "json"; p Gem.loaded_specs.keys.sort, JSON.generate([1])'],
    ['a lot of output', '100_000.times { |i| puts i }'],
    ['nothing', ''],
  ])('shows a program no difference: %s', async (_, code) => {
    // A variable of the request's own makes it a plain start.
    const program = { args: ['plain', '', 'é😀'], stdin: 'one\ntwo\n' }
    const warm = await ruby(code, program)
    const plain = await ruby(code, { ...program, env: { PLAIN: '1' } })
    const seen = ({ stdout, stderr, exit_code, signal }: typeof warm) => ({ stdout, stderr, exit_code, signal })
    expect(seen(warm)).toEqual(seen(plain))
  })
})

describe('sqlite', () => {
  const sqlite = (code: string, program?: Program) => runProgram(executor, 'sqlite', code, program)

  test('stops at the first error, says its line and fails', async () => {
    const { stdout, stderr, verdict } = await sqlite('SELECT 1 AS n;\n\nSELEC 2;\nSELECT 3;\n')
    expect(stderr).toMatch(/^Parse error near line 3: near "SELEC": syntax error\n/)
    expect(stdout).toMatch(/│ n │/)
    expect(stdout).not.toContain('3')
    expect(verdict).toEqual({ kind: 'exited', exit_code: 1 })
  })

  test('reads the other files of the run, and data from its input', async () => {
    const code =
      '.read sub/table.sql\n.import --csv people.csv people\n.import --csv /dev/stdin people\n.mode list\nSELECT * FROM people;\n'
    const files = [
      { path: 'sub/table.sql', content: 'CREATE TABLE people (name, age);\n' },
      { path: 'people.csv', content: 'Ada,36\n' },
    ]
    expect(await sqlite(code, { files, stdin: 'Grace,85\n' })).toMatchObject({
      stdout: 'name|age\nAda|36\nGrace|85\n',
      stderr: '',
      exit_code: 0,
    })
  })

  test('writes results the way a flag says, and what is missing as NULL', async () => {
    const code = "SELECT 'é😀' AS word, NULL AS missing;\n"
    expect((await sqlite(code)).stdout).toContain('NULL')
    expect((await sqlite(code, { flags: { run: ['-json'] } })).stdout).toBe('[{"word":"é😀","missing":null}]\n')
  })

  test('starts another file than its usual one, and ends without waiting for input', async () => {
    const program = { entry: 'src/a b.sql', stdinOpen: true, flags: { run: ['-csv'] } }
    expect(await sqlite('SELECT 1 AS n;\n', program)).toMatchObject({ stdout: 'n\n1\n', exit_code: 0 })
  })

  test('names memory and signals', async () => {
    expect((await sqlite('.shell kill -TERM $PPID\n.shell sleep 10\n')).verdict).toEqual({ kind: 'signaled', signal: 'SIGTERM' })
    const hungry =
      'PRAGMA temp_store = memory; CREATE TEMP TABLE t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(4000000) FROM n;\n'
    expect((await sqlite(hungry)).verdict).toEqual({ kind: 'memory-limit' })
  })
})

describe('php', () => {
  test('shows what a server would hide: deprecations, assertions, arguments in traces', async () => {
    const code = '<?php\nfunction f(string $word) { assert($word !== ""); }\nstrlen(null);\nf("");\n'
    const { stderr } = await runProgram(executor, 'php', code)
    expect(stderr).toMatch(
      /PHP Deprecated: .*strlen\(\)[\s\S]*Uncaught AssertionError[\s\S]*#1 \/workspace\/main\.php\(4\): f\(''\)/,
    )
  })

  test('says on which line its memory ran out', async () => {
    const code = '<?php\n$hoard = [];\nwhile (true)\n  $hoard[] = str_repeat("x", 1_000_000);\n'
    const { stderr, verdict } = await runProgram(executor, 'php', code)
    expect(stderr).toMatch(/Allowed memory size of \d+ bytes exhausted .* in \/workspace\/main\.php on line 4/)
    expect(verdict).toEqual({ kind: 'memory-limit' })
  })
})
