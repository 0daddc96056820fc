import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobOf, languages, openTestExecutor, runProgram } from './testing/real-executor.ts'
import { seededRandom } from './testing/seeded-random.ts'

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor({ warm: 1 })
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

/** A variable of the request's own keeps a waiting runtime from being used: it has its environment already. */
const starts = [
  ['a waiting runtime', {}],
  ['a plain start', { A_VARIABLE: '1' }],
] as const

/** The same small programs in every language that comes with Bug Ghost; a language added later is tested by its folder alone. */
const programs: Record<string, { echo: string; exit: string; uncaught: string; where: RegExp; sha: string }> = {
  python: {
    echo: 'import sys, json\nprint(json.dumps(sys.argv[1:], ensure_ascii=False, separators=(",", ":")))\nprint(sys.stdin.read(), end="")\n',
    exit: 'import sys\nsys.exit(7)\n',
    uncaught: '\n\nraise ValueError("boom")\n',
    where: /File "[^"]*main\.py", line 3[\s\S]*ValueError: boom/,
    sha: 'import sys, hashlib\nfor path in sys.argv[1:]: print(hashlib.sha256(open(path, "rb").read()).hexdigest())\n',
  },
  javascript: {
    echo: 'const fs = require("node:fs")\nconsole.log(JSON.stringify(process.argv.slice(2)))\nprocess.stdout.write(fs.readFileSync(0))\n',
    exit: 'process.exit(7)\n',
    uncaught: '\n\nthrow new RangeError("boom")\n',
    where: /main\.js:3[\s\S]*RangeError: boom/,
    sha: 'const { createHash } = require("node:crypto"), fs = require("node:fs")\nfor (const path of process.argv.slice(2)) console.log(createHash("sha256").update(fs.readFileSync(path)).digest("hex"))\n',
  },
  typescript: {
    echo: 'import fs from "node:fs"\nconst words: string[] = process.argv.slice(2)\nconsole.log(JSON.stringify(words))\nprocess.stdout.write(fs.readFileSync(0))\n',
    exit: 'const code: number = 7\nprocess.exit(code)\n',
    uncaught: 'type Never = never\n\nthrow new RangeError("boom")\n',
    where: /main\.ts:3[\s\S]*RangeError: boom/,
    sha: 'import { createHash } from "node:crypto"\nimport fs from "node:fs"\nfor (const path of process.argv.slice(2)) console.log(createHash("sha256").update(fs.readFileSync(path)).digest("hex"))\n',
  },
  java: {
    echo: `public class Main {
  public static void main(String[] args) throws Exception {
    var words = new java.util.ArrayList<String>();
    for (var arg : args) words.add('"' + arg.replace("\\"", "\\\\\\"") + '"');
    System.out.println("[" + String.join(",", words) + "]");
    System.in.transferTo(System.out);
    System.out.flush();
  }
}\n`,
    exit: 'public class Main { public static void main(String[] args) { System.exit(7); } }\n',
    uncaught:
      'public class Main {\n  public static void main(String[] args) {\n    throw new IllegalStateException("boom");\n  }\n}\n',
    where: /IllegalStateException: boom[\s\S]*Main\.java:3/,
    sha: `import java.nio.file.*;
public class Main {
  public static void main(String[] args) throws Exception {
    for (var path : args)
      System.out.println(java.util.HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(Path.of(path)))));
  }
}\n`,
  },
}

/** Of a language whose image holds more than its standard library: a program that uses all of it, or fails. */
function librariesProgram({ id, manifest }: (typeof languages)[number]): string | undefined {
  for (const extension of manifest.extensions) {
    try {
      return readFileSync(join(import.meta.dirname, 'languages', id, `libraries${extension}`), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return undefined
}

const firstVersions = new Map(languages.toReversed().map((one) => [one.id, one.manifest.version]))

describe.each(languages.map((one) => [`${one.id} ${one.manifest.version}`, one] as const))('%s', (_, language) => {
  const { id, hello, expected, example, manifest } = language
  const { version } = manifest

  test('is ready', () => {
    const state = executor.state().languages.find((one) => one.id === id && one.version === version)
    expect(state).toMatchObject({ ready: true, message: 'ready' })
  })

  test.each(starts)('says hello, exactly, from %s', async (_, env) => {
    const { stdout, stderr, verdict, exit_code, stdout_bytes } = await runProgram(executor, id, hello, { version, env })
    expect({ stdout, stderr, verdict }).toEqual({
      stdout: expected.stdout,
      stderr: '',
      verdict: { kind: 'exited', exit_code: 0 },
    })
    expect([exit_code, stdout_bytes]).toEqual([0, Buffer.byteLength(expected.stdout)])
  })

  test('runs its example, which ends in the bug somebody is to find', async () => {
    const { verdict, stdout, compileOutput } = await runProgram(executor, id, example, {
      version,
      stdin: manifest.example.stdin,
    })
    // A bug may be a crash, too; but what stops it is the program's own doing.
    expect(['exited', 'signaled']).toContain(verdict.kind)
    expect(compileOutput).toBe('')
    expect(stdout).not.toBe('')
  })

  const usesLibraries = librariesProgram(language)
  test.runIf(usesLibraries)('has the libraries it lists', async () => {
    const run = await runProgram(executor, id, usesLibraries ?? '', { version })
    expect(run).toMatchObject({ stderr: '', verdict: { kind: 'exited', exit_code: 0 } })
  })

  const program = programs[id]
  if (!program) return

  const args = ['plain', 'two words', '', 'é😀', '--flag=*', 'a "quote" $HOME']
  test.each(starts)('gets its arguments and its input from %s', async (_, env) => {
    const stdin = 'first\nzweite Zeile é😀, no newline'
    const { stdout, stderr } = await runProgram(executor, id, program.echo, { version, args, env, stdin })
    expect({ stdout, stderr }).toEqual({ stdout: `${JSON.stringify(args)}\n${stdin}`, stderr: '' })
  })

  test('starts another file than its usual one', async () => {
    const entry = `src/other${manifest.extensions[0]}`
    expect((await runProgram(executor, id, hello, { version, entry })).stdout).toBe(expected.stdout)
  })

  test('ends with the exit code of the program', async () => {
    expect(await runProgram(executor, id, program.exit, { version })).toMatchObject({
      verdict: { kind: 'exited', exit_code: 7 },
      exit_code: 7,
    })
  })

  test('says in which file and line an error was', async () => {
    const { stderr, verdict } = await runProgram(executor, id, program.uncaught, { version })
    expect(stderr).toMatch(program.where)
    expect(verdict).toEqual({ kind: 'exited', exit_code: 1 })
  })

  test('finds its files in their folders, byte for byte', async () => {
    const random = seededRandom(4)
    const files = [
      'plain.bin',
      'größe/日本語 😀.bin',
      `${'a-long-folder/'.repeat(10)}file.bin`,
      `${'n'.repeat(96)}.bin`,
      'empty.bin',
    ].map((path, index) => ({
      path,
      content: Buffer.from(random.bytes(path === 'empty.bin' ? 0 : 1_000 * index + 511)).toString('base64'),
      encoding: 'base64' as const,
    }))
    const { stdout, stderr } = await runProgram(executor, id, program.sha, {
      version,
      files,
      args: files.map(({ path }) => path),
    })
    const shaOf = (content: string) => createHash('sha256').update(Buffer.from(content, 'base64')).digest('hex')
    expect({ stdout, stderr }).toEqual({ stdout: files.map(({ content }) => `${shaOf(content)}\n`).join(''), stderr: '' })
  })
})

describe('java', () => {
  test('that does not compile is not run: the compiler says where', async () => {
    const code = 'public class Main {\n  public static void main(String[] args) {\n    int x = "five";\n  }\n}\n'
    const run = await runProgram(executor, 'java', code)
    expect(run.verdict).toEqual({ kind: 'compile-failed', exit_code: 1 })
    expect(run.compileOutput).toMatch(/Main\.java:3: error: incompatible types/)
    expect(run.events.flatMap((event) => (event.type === 'started' ? [event.stage] : []))).toEqual(['compile'])
    expect([run.stdout, run.stdout_bytes]).toEqual(['', 0])
  })

  test('finds its main class whatever it is called, and the classes of other files', async () => {
    const code = 'public class Solution { public static void main(String[] args) { System.out.println(Other.word()); } }\n'
    const files = [{ path: 'Other.java', content: 'class Other { static String word() { return "found"; } }\n' }]
    expect(await runProgram(executor, 'java', code, { files })).toMatchObject({ stdout: 'found\n', exit_code: 0 })
  })
})

describe('what an image holds beside the language', () => {
  test('python: pytest and requests', async () => {
    const code = `import pytest, requests
def test_sum(): assert 1 + 1 == 3
code = pytest.main(["-q", "-p", "no:cacheprovider", "main.py"])
print(requests.__version__.split(".")[0], int(code))\n`
    const { stdout, stderr } = await runProgram(executor, 'python', code)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/assert \(1 \+ 1\) == 3[\s\S]*1 failed[\s\S]*2 1\n$/)
  })

  test('javascript: node:test', async () => {
    const code = `const test = require('node:test'), assert = require('node:assert')
test('adds', () => assert.equal(1 + 1, 2))\n`
    const { stdout, exit_code } = await runProgram(executor, 'javascript', code)
    expect([exit_code, stdout]).toEqual([0, expect.stringMatching(/pass 1/)])
  })

  test('javascript: the type checker tsc', async () => {
    const code = `const { spawnSync } = require('node:child_process')
const { status, stdout } = spawnSync('tsc', ['--noEmit', 'wrong.ts'], { encoding: 'utf8' })
console.log(status, stdout)\n`
    const files = [{ path: 'wrong.ts', content: 'const n: number = "five"\n' }]
    const { stdout } = await runProgram(executor, 'javascript', code, { files })
    expect(stdout).toMatch(/^[12] wrong\.ts\(1,7\): error TS2322/)
  })
})

test('another version than the first runs when it is asked for', async () => {
  const other = languages.find(({ id, manifest }) => firstVersions.get(id) !== manifest.version)
  if (!other) throw new Error('no language has a second version')
  const execution = executor.start(jobOf(other.id, other.hello, { version: other.manifest.version }))
  expect(execution.image).toBe(other.image)
  await execution.finished
})

test('a version that is not installed is refused by its name', () => {
  expect(() => executor.start(jobOf('python', 'print(1)', { version: '2.7' }))).toThrow('There is no python 2.7 here.')
})

test('a sandbox that already waited is what a run takes', async () => {
  await expect.poll(() => executor.state().sandboxes.waiting, { timeout: 30_000 }).toBe(firstVersions.size)
  const execution = executor.start(jobOf('python', 'print(1)'))
  expect(executor.state().sandboxes).toEqual({ waiting: firstVersions.size - 1, running: 1, queued: 0 })
  await execution.finished
})

test('the request’s environment reaches the program, and only in the run', async () => {
  const code = 'import os\nprint(os.environ["GREETING"], "BUGGHOST_WARM" in os.environ)\n'
  expect((await runProgram(executor, 'python', code, { env: { GREETING: 'hé llo' } })).stdout).toBe('hé llo False\n')
})
