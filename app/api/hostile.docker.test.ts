import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Run } from '../../protocol/run.ts'
import { isSandboxUid } from '../../sandbox/engine/uids.ts'
import { languages, openTestExecutor, sandboxesOf, testEngine } from '../../sandbox/testing/real-executor.ts'
import { createServicesAround } from '../../server/sample-services.ts'
import { openServer } from './sample-server.ts'

// Every program of sandbox/hostile, sent as anybody would send it, and judged by what its manifest says of it.

const strings = z.array(z.string())
const HostileProgram = z.strictObject({
  file: z.string(),
  language: z.string(),
  timeout_sec: z.number().optional(),
  stdin: z.string().optional(),
  /** So many times, one after the other. */
  repeat: z.number().optional(),
  /** All of these and no more may be true of its run; patterns are regular expressions. */
  expect: z.strictObject({
    status: strings,
    verdict: strings.optional(),
    exit_code: z.array(z.number()).optional(),
    signal: strings.optional(),
    truncated: z.boolean().optional(),
    stdout: z.string().optional(),
    stdout_is: z.string().optional(),
    stdout_not: z.string().optional(),
    stderr: z.string().optional(),
    stderr_not: z.string().optional(),
    min_stdout_bytes: z.number().optional(),
    max_stdout_bytes: z.number().optional(),
    max_stderr_bytes: z.number().optional(),
  }),
})
type HostileProgram = z.infer<typeof HostileProgram>

const folder = join(import.meta.dirname, '../../sandbox/hostile')
const programs = z.array(HostileProgram).parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')))

let executor: Awaited<ReturnType<typeof openTestExecutor>>
let server: Awaited<ReturnType<typeof openServer>>
let freeBefore = 0

beforeAll(async () => {
  freeBefore = availableBytes()
  executor = await openTestExecutor({ maxRunning: 12, maxQueued: 64, warm: 1 })
  server = await openServer(createServicesAround({ executor, languages }))
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await executor?.[Symbol.asyncDispose]()
})

async function post(program: Pick<HostileProgram, 'language' | 'timeout_sec' | 'stdin'> & { code: string }): Promise<Run> {
  const { language, code, timeout_sec = 10, stdin = '' } = program
  const response = await fetch(`${server.url}/api/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ language, code, timeout_sec, stdin }),
  })
  expect(response.status, 'the status of the answer').toBe(201)
  return Run.parse(await response.json())
}
const codeOf = (file: string) => readFileSync(join(folder, file), 'utf8')

test('every program in the folder is in the manifest, and every language it names is here', () => {
  expect(readdirSync(folder).sort()).toEqual([...programs.map(({ file }) => file), 'manifest.json'].sort())
  const known = new Set(languages.map(({ id }) => id))
  expect(programs.filter(({ language }) => !known.has(language))).toEqual([])
})

describe.each(programs)('$file', (program) => {
  test('ends as its manifest says', { timeout: 120_000 }, async () => {
    for (let times = program.repeat ?? 1; times > 0; times--)
      judge(program, await post({ ...program, code: codeOf(program.file) }))
  })
})

function judge({ expect: allowed }: HostileProgram, run: Run): void {
  const said = JSON.stringify({ ...run, files: undefined, stdout: run.stdout.slice(0, 500), stderr: run.stderr.slice(0, 500) })
  expect(allowed.status, said).toContain(run.status)
  if (allowed.verdict) expect(allowed.verdict, said).toContain(run.verdict?.kind)
  if (allowed.exit_code && run.status !== 'timeout') expect(allowed.exit_code, said).toContain(run.exit_code)
  if (allowed.signal) expect(allowed.signal, said).toContain(run.signal)
  if (allowed.truncated !== undefined) expect(run.truncated.stdout || run.truncated.stderr, said).toBe(allowed.truncated)
  if (allowed.stdout) expect(run.stdout).toMatch(pattern(allowed.stdout))
  if (allowed.stdout_is !== undefined) expect(run.stdout).toBe(allowed.stdout_is)
  if (allowed.stdout_not) expect(run.stdout).not.toMatch(pattern(allowed.stdout_not))
  if (allowed.stderr) expect(run.stderr).toMatch(pattern(allowed.stderr))
  if (allowed.stderr_not) expect(run.stderr).not.toMatch(pattern(allowed.stderr_not))
  const bytes = Buffer.byteLength(run.stdout)
  if (allowed.min_stdout_bytes) expect(bytes).toBeGreaterThanOrEqual(allowed.min_stdout_bytes)
  if (allowed.max_stdout_bytes) expect(bytes).toBeLessThanOrEqual(allowed.max_stdout_bytes)
  if (allowed.max_stderr_bytes) expect(Buffer.byteLength(run.stderr)).toBeLessThanOrEqual(allowed.max_stderr_bytes)
  expect(run.verdict?.kind, 'our own failure').not.toBe('sandbox-failed')
}

/** "(?i)" in front means without regard to case. */
const pattern = (text: string): RegExp => (text.startsWith('(?i)') ? new RegExp(text.slice(4), 'i') : new RegExp(text))

test('ten that burn at once leave a neighbour its fair share of the processor', { timeout: 120_000 }, async () => {
  const burning = Array.from({ length: 10 }, () => post({ language: 'python', code: codeOf('py_cpu_burn.py'), timeout_sec: 10 }))
  // As much work as takes a moment alone. Eleven share the machine: with fairness it gets an eleventh of it or more.
  const work = 'import time\nt = time.process_time()\nsum(i * i for i in range(1_500_000))\nprint(time.process_time() - t)'
  const neighbour = await post({ language: 'python', code: work, timeout_sec: 60 })
  const burned = await Promise.all(burning)
  expect(neighbour.status).toBe('completed')
  const burnedCpu = burned.map((run) => (run.usage?.cpu_ms ?? 0) / (run.duration_ms ?? 1))
  const neighbourCpu = (neighbour.usage?.cpu_ms ?? 0) / (neighbour.duration_ms ?? 1)
  const fair = burnedCpu.reduce((sum, share) => sum + share, 0) / burnedCpu.length
  expect(neighbourCpu, `its share, beside ${burnedCpu.join(' ')}`).toBeGreaterThan(fair / 2)
  expect(burned.map((run) => run.verdict?.kind)).toEqual(Array(10).fill('time-limit'))
})

test('afterwards nothing is left: no container, no process, no memory', { timeout: 60_000 }, async () => {
  await server[Symbol.asyncDispose]()
  await executor.close()
  expect(await sandboxesOf(executor.installation)).toEqual([])
  // Asked again for a moment: a process that is just ending still has a name.
  await expect.poll(orphans, { timeout: 20_000 }).toEqual([])
  expect(freeBefore - availableBytes()).toBeLessThan(512 * 1024 * 1024)
})

/** Processes of a sandbox's user that no container holds any more. */
async function orphans(): Promise<string[]> {
  const containers = (await testEngine.listSandboxes()).map(({ containerId }) => containerId)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
        const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
        if (!isSandboxUid(uid) || containers.some((id) => groups.includes(id))) return []
        return [`${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`]
      } catch {
        // It ended while we looked.
        return []
      }
    })
}

function availableBytes(): number {
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))
  return Number(line?.[1] ?? 0) * 1024
}
