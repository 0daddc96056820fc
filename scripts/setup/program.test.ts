import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lives } from '../../sandbox/process-mark.mjs'
import { run } from './program.mjs'

const node = (script: string, options: object = {}) => run(process.execPath, ['-e', script], { deadlineMs: 20_000, ...options })

test('a program that exits with 0 went well, and both its streams were heard', async () => {
  const heard: string[] = []
  const ended = await node('console.log("out"); console.error("\\u001b[31merr\\u001b[0m")', {
    onLine: (line: string) => heard.push(line),
  })
  expect(ended).toMatchObject({ ok: true, why: '', missing: false })
  expect(ended.lines.toSorted()).toEqual(['err', 'out'])
  expect(heard).toEqual(ended.lines)
})

test.each([
  ['another exit code', 'process.exit(3)', {}, 'exit code 3'],
  ['a signal', 'process.kill(process.pid, "SIGKILL")', {}, 'ended by SIGKILL'],
  ['its deadline', 'setInterval(() => {}, 1000)', { deadlineMs: 1 }, 'no end after 0 s'],
  [
    'someone who had enough',
    'setInterval(() => {}, 1000)',
    { signal: AbortSignal.abort('no registry answers') },
    'no registry answers',
  ],
])('a program that is ended by %s says so', async (_, script, options, why) => {
  expect(await node(script, options)).toMatchObject({ ok: false, why })
})

test('a program that is to stand back does so', async () => {
  const untilPatient = 'setInterval(() => os.getPriority() === 15 && process.exit(0), 10)'
  expect(await node(untilPatient, { niceness: 15 })).toMatchObject({ ok: true })
})

test('what was started does not go on without us, whichever way it was to end', async () => {
  const program = JSON.stringify(join(import.meta.dirname, 'program.mjs'))
  const marks = JSON.stringify(join(import.meta.dirname, '../../sandbox/process-mark.mjs'))
  const script = `import { run } from ${program}; import { markOf } from ${marks}
    const endless = 'console.log(process.pid); setInterval(() => {}, 1000)'
    const onLine = (pid) => { console.log(JSON.stringify(markOf(Number(pid)))); process.exit(0) }
    void run(process.execPath, ['-e', endless], { deadlineMs: 20_000, endsWithUs: false, onLine })`
  const { lines } = await run(process.execPath, ['--input-type=module', '-e', script], { deadlineMs: 20_000 })
  const mark = JSON.parse(lines[0] ?? '')
  expect(mark.pid).toBeGreaterThan(0)
  await expect.poll(() => lives(mark)).toBe(false)
})

test('only the last lines are kept', async () => {
  const { lines } = await node('for (let i = 1; i <= 5000; i += 1) console.log(i)')
  expect(lines).toHaveLength(200)
  expect(lines.at(-1)).toBe('5000')
})

test('a program that does not exist is told apart from one that fails', async () => {
  const ended = await run('no-such-program', [], { deadlineMs: 1_000 })
  expect(ended).toEqual({ ok: false, why: 'there is no program "no-such-program" here', lines: [], missing: true })
})
