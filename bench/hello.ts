/**
 * How long "hello world" takes in each language, from the request until the exit is known: through POST /api/runs, through the executor alone,
 * as a bare local process in the same image, and in a container made the plain way for each run. All four take turns in every round, so that a machine
 * whose speed drifts drifts for all of them.
 *
 *   npm run bench                      30 rounds
 *   npm run bench -- --rounds 100
 *   npm run bench -- --write           also puts the result into docs/performance.md
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import Docker from 'dockerode'
import { createApiClient } from '../protocol/api-client.ts'
import { defaultLimits } from '../protocol/limits.ts'
import type { UnnumberedEvent } from '../protocol/run.ts'
import { dockerOptions } from '../sandbox/engine-address.ts'
import type { Executor, Job } from '../sandbox/executor.ts'
import { type LoadedLanguage, readLanguages } from '../sandbox/languages.ts'
import { openLocalExecutor } from '../sandbox/local-executor.ts'
import { openBareProcess } from './bare-process.ts'
import { runNaively } from './naive-container.ts'
import { startServer } from './server.ts'
import { ms, p50, spread, table } from './statistics.ts'

/** What a person types at home: the quickest way there is to run the one file. */
const plainCommands: Record<string, string[]> = {
  python: ['python3', 'main.py'],
  javascript: ['node', 'main.js'],
  typescript: ['node', 'main.ts'],
  java: ['java', 'Main.java'],
}

const root = resolve(import.meta.dirname, '..')
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '30' }, write: { type: 'boolean', default: false } },
})
const rounds = Number(options.rounds)
const engine = {
  host: process.env.DOCKER_HOST,
  tlsVerify: !!process.env.DOCKER_TLS_VERIFY,
  certPath: process.env.DOCKER_CERT_PATH,
  sshAgent: process.env.SSH_AUTH_SOCK,
}
const quiet = {
  info() {},
  warn: (facts: object, message: string) => console.error(message, facts),
  error: (facts: object, message: string) => console.error(message, facts),
}

type Way = 'http' | 'executor' | 'bare' | 'naive'
const ways: Way[] = ['http', 'executor', 'bare', 'naive']

const languages = (await readLanguages(`${root}/sandbox`)).filter(({ id }) => plainCommands[id])
const docker = new Docker(dockerOptions(engine))
const executor = await openLocalExecutor({
  languages,
  engine,
  instance: `bench-${process.pid}`,
  installation: 'bench',
  isAlive: async () => true,
  maxRunning: 4,
  maxQueued: 10,
  warm: 1,
  log: quiet,
})
const server = await startServer(root, { BUGGHOST_WARM_SANDBOXES: '1' })
const results: { language: LoadedLanguage; times: Record<Way, number[]> }[] = []
try {
  for (const language of languages) results.push({ language, times: await measure(language) })
  const more = await measureEndings()
  const report = describe(more)
  console.log(`\n${report}`)
  if (options.write) await writeReport(report)
} finally {
  await server.close()
  await executor.close()
}

async function measure(language: LoadedLanguage): Promise<Record<Way, number[]>> {
  const { id, manifest, hello, expected } = language
  const imageId = executor.state().languages.find((state) => state.id === id)?.imageDigest
  const argv = plainCommands[id]
  if (!imageId || !argv) throw new Error(`${id} is not ready: run npm run setup`)
  const bare = await openBareProcess(docker, { imageId, files: { [manifest.entry]: hello }, argv })
  const run: Record<Way, () => Promise<{ ms: number; stdout: string }>> = {
    http: () => throughHttp(id, hello),
    executor: () => throughExecutor(jobFor(language, hello)),
    bare: () => bare.run(),
    naive: () => runNaively(docker, { imageId, file: { name: manifest.entry, content: hello }, argv }),
  }
  const times: Record<Way, number[]> = { http: [], executor: [], bare: [], naive: [] }
  for (let round = -2; round < rounds; round++) {
    for (const way of ways) {
      await poolsAreFull()
      const { ms: took, stdout } = await run[way]()
      if (stdout !== expected.stdout) throw new Error(`${id} ${way} said ${JSON.stringify(stdout)}`)
      // The first two rounds are for file caches and just-in-time compilers.
      if (round >= 0) times[way].push(took)
    }
    process.stderr.write(`\r${id}: ${Math.max(0, round + 1)}/${rounds} `)
  }
  bare.close()
  process.stderr.write('\n')
  return times
}

async function throughHttp(language: string, code: string) {
  const from = performance.now()
  const run = await createApiClient(server.url)('createRun', { body: { language, code } })
  return { ms: performance.now() - from, stdout: run.stdout }
}

async function throughExecutor(job: Job) {
  const from = performance.now()
  let stdout = ''
  for await (const event of executor.start(job).events) if (event.type === 'output') stdout += event.text
  return { ms: performance.now() - from, stdout }
}

function jobFor({ id, manifest }: LoadedLanguage, code: string): Job {
  return {
    language: id,
    files: [{ path: manifest.entry, content: Buffer.from(code) }],
    entry: manifest.entry,
    args: [],
    env: {},
    stdin: Buffer.alloc(0),
    stdinOpen: false,
    limits: defaultLimits,
  }
}

/** Until both the executor here and the one of the server have a sandbox waiting for every language: what is measured is a run, not the making of the next. */
async function poolsAreFull(): Promise<void> {
  for (;;) {
    const there = (await server.api('health', {})).sandboxes
    const here = executor.state().sandboxes
    if (here.waiting >= languages.length && there.waiting >= languages.length && here.running + there.running === 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** How soon a run ends that has to be ended: the promises that are about time. */
async function measureEndings() {
  const python = languages.find(({ id }) => id === 'python')!
  const overshoot: number[] = []
  const flood: number[] = []
  const cancelled: number[] = []
  const gone: number[] = []
  for (let round = 0; round < Math.min(rounds, 30); round++) {
    await poolsAreFull()
    const loop = { ...jobFor(python, 'while True: pass'), limits: { ...defaultLimits, wall_time_ms: 300, cpu_time_ms: 10_000 } }
    overshoot.push((await finishedEvent(loop)).duration_ms - 300)
    await poolsAreFull()
    const from = performance.now()
    const ending = await finishedEvent(jobFor(python, 'import os\nwhile True: os.write(1, b"x" * 65536)'))
    if (!ending.truncated.stdout) throw new Error('the flood was not cut')
    flood.push(performance.now() - from)
    await poolsAreFull()
    const times = await cancelOne(executor, jobFor(python, 'print("up", flush=True)\nwhile True: pass'))
    cancelled.push(times.ended)
    gone.push(times.stopped)
  }
  return { overshoot, flood, cancelled, gone }
}

async function finishedEvent(job: Job) {
  let finished: Extract<UnnumberedEvent, { type: 'finished' }> | undefined
  for await (const event of executor.start(job).events) if (event.type === 'finished') finished = event
  return finished!
}

async function cancelOne(executor: Executor, job: Job): Promise<{ ended: number; stopped: number }> {
  const before = new Set(await runningContainers())
  const execution = executor.start(job)
  let from = Number.NaN
  let ended = Number.NaN
  let mine: string[] = []
  for await (const event of execution.events) {
    if (event.type === 'output') {
      mine = [...before]
      from = performance.now()
      execution.cancel('user')
    }
    if (event.type === 'finished') ended = performance.now() - from
  }
  // Of the containers that waited before, one has run this and is gone now.
  for (;;) {
    const now = new Set(await runningContainers())
    if (mine.some((id) => !now.has(id))) break
  }
  return { ended, stopped: performance.now() - from }
}

async function runningContainers(): Promise<string[]> {
  const found = await docker.listContainers({ filters: JSON.stringify({ label: ['bugghost.installation=bench'] }) })
  return found.map((container) => container.Id)
}

function describe(more: Awaited<ReturnType<typeof measureEndings>>): string {
  const rows = results.map(({ language, times }) => [
    language.manifest.name,
    ...ways.map((way) => spread(times[way])),
    (p50(times.executor) / p50(times.bare)).toFixed(2),
    (p50(times.naive) / p50(times.executor)).toFixed(0),
    ms(p50(times.http) - p50(times.executor)),
  ])
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)} with \`npm run bench\`: ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${rounds} rounds, all four in turn in every round. Milliseconds, p50 / p95.`,
    '',
    table(
      [
        '',
        'POST /api/runs',
        'executor alone',
        'bare process',
        'naive container',
        'executor ÷ bare',
        'naive ÷ executor',
        'HTTP adds (p50)',
      ],
      rows,
    ),
    '',
    table(
      ['Ending a Python run', 'p50 / p95', 'longest'],
      [
        ['over the wall-time limit, by', spread(more.overshoot), ms(Math.max(...more.overshoot))],
        ['endless output, request to end, 1 MiB kept', spread(more.flood), ms(Math.max(...more.flood))],
        ['cancel to the end being known', spread(more.cancelled), ms(Math.max(...more.cancelled))],
        ['cancel to its container no longer running', spread(more.gone), ms(Math.max(...more.gone))],
      ],
    ),
    '',
    `Bare process: ${languages.map(({ id }) => `\`${plainCommands[id]?.join(' ')}\``).join(', ')}, without limits. p95 of ${rounds} rounds is the ${Math.ceil(0.95 * rounds)}th.`,
  ].join('\n')
}

async function writeReport(report: string): Promise<void> {
  const file = `${root}/docs/performance.md`
  const text = await readFile(file, 'utf8')
  const marked = /(<!-- bench -->\n)[\s\S]*(\n<!-- \/bench -->)/
  if (!marked.test(text)) throw new Error(`${file} has no place for the result: <!-- bench --> … <!-- /bench -->`)
  await writeFile(
    file,
    text.replace(marked, (_, before: string, after: string) => `${before}${report}${after}`),
  )
}
