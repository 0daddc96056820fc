import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MiB, requestLimits } from '../../protocol/limits.ts'
import type { UnnumberedEvent } from '../../protocol/run.ts'
import { finished, jobOf, openTestExecutor, type Program } from '../testing/real-executor.ts'

let executor: Awaited<ReturnType<typeof openTestExecutor>>
beforeAll(async () => {
  executor = await openTestExecutor()
})
afterAll(async () => {
  await executor[Symbol.asyncDispose]()
  expect(executor.complaints).toEqual([])
})

/** What came back, by path, and what was said of what did not. */
async function left(code: string, artifacts: string[], program: Program = {}) {
  const run = await finished(executor.start(jobOf('python', code, { artifacts, ...program })))
  const files = run.events.filter((event): event is Extract<UnnumberedEvent, { type: 'artifact' }> => event.type === 'artifact')
  for (const { bytes, content } of files) expect(Buffer.from(content, 'base64').length).toBe(bytes)
  return {
    run,
    paths: files.map(({ path }) => path),
    text: Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content, 'base64').toString('latin1')])),
    notes: run.notes ?? [],
  }
}
const write = (...paths: string[]) =>
  `import os\nfor path in ${JSON.stringify(paths)}:\n  os.makedirs(os.path.dirname(path) or ".", exist_ok=True)\n  open(path, "w").write(path)\n`

describe('files a run leaves', () => {
  test('come back byte for byte, after everything it wrote and before its end', async () => {
    const code = 'open("plot.png", "wb").write(bytes(range(256)) * 1000)\nopen("empty.txt", "w")\nprint("done")\n'
    const { run, text } = await left(code, ['*.png', '*.txt'])
    expect(text).toEqual({
      'plot.png': Buffer.from(Uint8Array.from({ length: 256 }, (_, n) => n))
        .toString('latin1')
        .repeat(1000),
      'empty.txt': '',
    })
    expect(run.events.map(({ type }) => type).slice(-4)).toEqual(['output', 'artifact', 'artifact', 'finished'])
    expect(run.notes).toBeUndefined()
  })

  test.each<[string[], string[]]>([
    [['*.png'], ['a.png', 'é.png']],
    [['**/*.png'], ['a.png', 'out/b.png', 'out/deep/er/c.png', 'é.png']],
    [['out/**'], ['out/b.png', 'out/deep/er/c.png', 'out/d.csv']],
    [['out/*'], ['out/b.png', 'out/d.csv']],
    [['?.png'], ['a.png', 'é.png']],
    [['./out/deep/**/c.png'], ['out/deep/er/c.png']],
    [['**'], ['a.png', 'out/b.png', 'out/d.csv', 'out/deep/er/c.png', 'é.png']],
    [['b.png', 'out', 'out/deep/', '/a.png/x'], []],
    [[`${'**/'.repeat(40)}*.csv`], ['out/d.csv']],
  ])('are those the patterns name: %j', async (patterns, paths) => {
    const all = write('a.png', 'out/b.png', 'out/deep/er/c.png', 'out/d.csv', 'é.png')
    expect((await left(all, patterns)).paths.sort()).toEqual(paths.sort())
  })

  test('are not those it was given, unless it changed them', async () => {
    const files = [
      { path: 'data.csv', content: 'given' },
      { path: 'same.csv', content: 'given' },
      { path: 'log.csv', content: 'given' },
    ]
    const code =
      'open("data.csv", "w").write("made!")\nopen("log.csv", "a").write(" and more")\nopen("copy.csv", "w").write("given")\n'
    expect((await left(code, ['**'], { files })).text).toEqual({
      'data.csv': 'made!',
      'log.csv': 'given and more',
      'copy.csv': 'given',
    })
  })

  test('are kept of a program that failed or was stopped as well', async () => {
    const code = 'open("a.txt", "w").write("half")\nimport time\ntime.sleep(600)\n'
    const { run, text } = await left(code, ['*.txt'], { limits: { wall_time_ms: 700 } })
    expect([run.verdict.kind, text]).toEqual(['time-limit', { 'a.txt': 'half' }])
  })

  test('are complete: nothing the program left running writes on', async () => {
    const code = `import os, time
if os.fork() == 0:
  os.setsid()
  with open("log.txt", "w") as log:
    while True: log.write("x" * 1000); log.flush()
time.sleep(0.2)\n`
    const { run, paths, notes } = await left(code, ['*.txt'])
    expect(run.verdict).toEqual({ kind: 'exited', exit_code: 0 })
    expect(paths.length + notes.length).toBe(1)
  })

  test('come back of a run that was compiled, too: what the compiler made', async () => {
    const code =
      'public class Main { public static void main(String[] a) throws Exception { java.nio.file.Files.writeString(java.nio.file.Path.of("a.txt"), "hi"); } }'
    const run = await finished(executor.start(jobOf('java', code, { artifacts: ['*.class', '*.txt'] })))
    expect(run.events.flatMap((event) => (event.type === 'artifact' ? [event.path] : []))).toEqual(['Main.class', 'a.txt'])
  })

  test('may be none, also when nothing ran', async () => {
    const run = await finished(executor.start(jobOf('java', 'nonsense', { artifacts: ['*.class'] })))
    expect(run.verdict.kind).toBe('compile-failed')
  })
})

describe('what is not kept', () => {
  test('is what leads elsewhere: a link to a file or a folder outside is not followed', async () => {
    const code = `import os
os.symlink("/etc/passwd", "link.txt")
os.symlink("/etc", "folder")
os.symlink("/proc/self/environ", "env.txt")
os.symlink("real.txt", "alias.txt")
open("real.txt", "w").write("real")
`
    const { text, notes } = await left(code, ['**'])
    expect(text).toEqual({ 'real.txt': 'real' })
    expect(notes).toEqual(
      ['alias.txt', 'env.txt', 'folder', 'link.txt'].map((path) => `${path} was not kept: it cannot be read.`),
    )
  })

  test('is what would make the agent wait: a pipe, a socket', async () => {
    const code = `import os, socket
os.mkfifo("pipe.txt")
socket.socket(socket.AF_UNIX).bind("socket.txt")
open("zlast.txt", "w").write("reached")
`
    const { text, notes } = await left(code, ['*.txt'])
    expect(text).toEqual({ 'zlast.txt': 'reached' })
    expect(notes.length).toBe(2)
  })

  test('is what the program itself may not read', async () => {
    const { text, notes } = await left('import os\nopen("a.txt", "w")\nos.chmod("a.txt", 0)\nos.mkdir("d", 0)\n', ['**'])
    expect([text, notes]).toEqual([{}, ['a.txt was not kept: it cannot be read.']])
  })

  test('is what is too large, and the rest still comes', async () => {
    const code = `for name, size in (("a", ${requestLimits.artifactBytes + 1}), ("b", ${requestLimits.artifactBytes})): open(name, "wb").truncate(size)\n`
    const { paths, notes } = await left(code, ['*'])
    expect([paths, notes]).toEqual([['b'], ['a was not kept: it is larger than 2 MiB.']])
  })

  test('is what is too much together', async () => {
    const code = `for name in "abc": open(name, "wb").truncate(${1.5 * MiB})\nopen("d", "w").write("fits")\n`
    const { paths, notes } = await left(code, ['*'])
    expect([paths, notes]).toEqual([['a', 'b', 'd'], ['c was not kept: the files of a run may have 4 MiB together.']])
  })

  test('is the seventeenth', async () => {
    const { paths, notes } = await left('for n in range(17): open(f"f{n:02}", "w")\n', ['f*'])
    expect(paths.length).toBe(requestLimits.artifacts)
    expect(notes).toEqual(['f16 was not kept: a run keeps at most 16 files.'])
  })

  test('is named a few times and then summed up', async () => {
    const { notes } = await left('for n in range(5000): open(f"f{n:04}", "w")\n', ['f*'])
    expect(notes.length).toBe(17)
    expect(notes.at(-1)).toBe('More files than these were not kept.')
  })

  test('is what nobody could ask for by name, or is called what no file should be', async () => {
    const code = `import os
open(b"bad\\xff.txt", "w")
open("new\\nline.txt", "w")
open("x" * 220 + ".txt", "w")
os.makedirs("/".join(["d"] * 150))
open("/".join(["d"] * 150) + "/deep.txt", "w")
`
    const { paths, notes } = await left(code, ['**'])
    expect(paths).toEqual([])
    expect(notes.length).toBe(3)
  })
})
