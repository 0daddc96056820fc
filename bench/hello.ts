/**
 * What a run costs. "Hello world" in every language, from the request until the exit is known: through POST /api/runs, through the executor alone, as
 * bare local processes in the same image, in a container made the plain way for each run, and under isolate(1) where the machine has it. All take turns in
 * every round, so that a machine whose speed drifts drifts for all of them. Then how soon runs are ended, what a container costs and where, and how
 * large the images are.
 *
 *   npm run bench                          30 rounds of every language
 *   npm run bench -- python java           of some
 *   npm run bench -- --rounds 100
 *   npm run bench -- --quick               5 rounds, to see that it works
 *   npm run bench -- --write               also puts the result into docs/performance.md, between its two marks
 */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import Docker from 'dockerode'
import { connectEngine } from '../sandbox/engine/docker.ts'
import { dockerOptions } from '../sandbox/engine/engine-address.ts'
import type { Executor, Job } from '../sandbox/executor.ts'
import { type LoadedLanguage, readLanguages } from '../sandbox/languages.ts'
import { openLocalExecutor } from '../sandbox/local-executor.ts'
import { openBareProcess } from './bare-process.ts'
import {
  describeContainerCost,
  measureFreshContainers,
  measurePreparation,
  measureSustainedRate,
  type Preparation,
} from './container-cost.ts'
import { describeEndings, measureEndings } from './endings.ts'
import { describeImages, measureImages } from './image-sizes.ts'
import { findIsolate, openIsolate } from './isolate.ts'
import { openCpuMeter } from './machine-cpu.ts'
import { runNaively } from './naive-container.ts'
import { commandLine, jobFor, plainStepsOf } from './plain-commands.ts'
import { startServer } from './server.ts'
import { ms, p50, spread, table } from './statistics.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds ?? (options.quick ? 5 : 30))
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1')
/** The plain container takes ten times as long as everything else together, and its figure is the coarsest. */
const naiveEvery = 3

const root = resolve(import.meta.dirname, '..')
const address = {
  host: process.env.DOCKER_HOST,
  tlsVerify: !!process.env.DOCKER_TLS_VERIFY,
  certPath: process.env.DOCKER_CERT_PATH,
  sshAgent: process.env.SSH_AUTH_SOCK,
}
const log = {
  info() {},
  warn: (facts: object, message: string) => console.error(message, facts),
  error: (facts: object, message: string) => console.error(message, facts),
}
const installation = 'bench'

type Way = 'http' | 'executor' | 'bare' | 'naive' | 'isolate'
type Times = Record<Way, number[]>
type Measured = { language: LoadedLanguage; times: Times }

const languages = chosen(await readLanguages(`${root}/sandbox`))
const docker = new Docker(dockerOptions(address))
const isolate = await findIsolate()
/** Newest first. */
const opened: (() => Promise<void>)[] = []
let closing: Promise<void> | undefined
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => void close().finally(() => process.exit(code)))
try {
  const report = await measureAll()
  console.log(`\n${report}`)
  if (options.write) await writeReport(report)
} finally {
  await close()
}

/** The first version of every language somebody named, or of all of them. */
function chosen(all: LoadedLanguage[]): LoadedLanguage[] {
  const first = all.filter(({ id }, at) => all.findIndex((other) => other.id === id) === at)
  const unknown = positionals.filter((name) => !first.some(({ id }) => id === name))
  if (unknown.length > 0)
    throw new Error(`There is no language ${unknown.join(', ')}. There are: ${first.map(({ id }) => id).join(', ')}`)
  return positionals.length === 0 ? first : first.filter(({ id }) => positionals.includes(id))
}

function close(): Promise<void> {
  closing ??= (async () => {
    for (const one of opened.splice(0)) await one()
  })()
  return closing
}

/** An executor under the bench's own name, for whose languages exactly so many wait. */
async function openExecutor(these: LoadedLanguage[], warm: number): Promise<Executor> {
  const executor = await openLocalExecutor({
    languages: these,
    engine: address,
    // A bench that was killed leaves containers that have ended. The next one knows by the number of its process that it is gone.
    instance: `bench-${process.pid}-${randomBytes(4).toString('hex')}`,
    installation,
    isAlive: async (instance) => processLives(Number(instance.split('-')[1])),
    maxRunning: 2 * cpus().length,
    maxQueued: 100,
    warm,
    log,
  })
  opened.unshift(() => executor.close())
  return executor
}

function processLives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function measureAll(): Promise<string> {
  const server = await startServer(root, { BUGGHOST_WARM_SANDBOXES: '1' })
  opened.unshift(() => server.close())
  const executor = await openExecutor(languages, 1)
  const measured: Measured[] = []
  for (const language of languages) measured.push({ language, times: await measureHello(language, executor, server) })
  const [python] = languages.filter(({ id }) => id === 'python')
  const parts = [describeHello(measured)]
  if (python)
    parts.push(
      describeEndings(
        await measureEndings({
          docker,
          executor,
          installation,
          python,
          rounds: Math.min(rounds, 30),
          ready: () => poolsAreFull(executor, server),
        }),
      ),
    )
  // What the machine does from here on is what is measured: nothing of ours may wait or be removed beside it.
  await close()
  closing = undefined
  parts.push(await measureCosts(python))
  parts.push(describeImages(await measureImages(docker, `${root}/sandbox`)))
  return parts.join('\n\n')
}

async function measureCosts(python: LoadedLanguage | undefined): Promise<string> {
  const engine = connectEngine({
    address,
    instance: `bench-${process.pid}`,
    installation,
    newSandboxId: () => randomBytes(8).toString('hex'),
  })
  await engine.ping()
  const parts: string[] = []
  if (python && process.platform === 'linux') {
    const meter = await openCpuMeter()
    process.stderr.write('fresh containers … ')
    const fresh = await measureFreshContainers(meter, engine, await withImage(python), options.quick ? 5 : 20)
    process.stderr.write('sustained rate … ')
    const clients = 4
    // As many wait after as before, so every run is charged for exactly one container made and one removed.
    const executor = await openExecutor([python], clients)
    const rate = await measureSustainedRate(meter, executor, python, { clients, seconds: options.quick ? 3 : 10 })
    await close()
    closing = undefined
    parts.push(describeContainerCost(fresh, rate))
  }
  const preparations: Preparation[] = []
  for (const language of languages) {
    process.stderr.write(`preparing ${language.id} … `)
    preparations.push(await measurePreparation(docker, engine, installation, await withImage(language), options.quick ? 1 : 5))
  }
  process.stderr.write('\n')
  parts.push(
    table(
      ['Until one waits', 'CPU-ms in the container', 'ms', 'MiB it then holds'],
      preparations.map((one) => [one.name, ms(one.cpuMs), ms(one.wallMs), (one.memoryBytes / 2 ** 20).toFixed(1)]),
    ),
  )
  return parts.join('\n\n')
}

async function withImage(language: LoadedLanguage): Promise<LoadedLanguage & { imageId: string }> {
  return { ...language, imageId: (await docker.getImage(language.image).inspect()).Id }
}

type Server = Awaited<ReturnType<typeof startServer>>

async function measureHello(language: LoadedLanguage, executor: Executor, server: Server): Promise<Times> {
  const { id, manifest, hello, expected } = language
  const { imageId } = await withImage(language)
  const steps = plainStepsOf(language)
  const file = { name: manifest.entry, content: hello }
  const bare = await openBareProcess(docker, { imageId, files: { [manifest.entry]: hello }, steps })
  const isolated = isolate === null ? undefined : await openIsolate(docker, { imageId, file, steps })
  const run: Partial<Record<Way, () => Promise<{ ms: number; stdout: string }>>> = {
    http: () => throughHttp(server, id, hello),
    executor: () => throughExecutor(executor, jobFor(language, hello)),
    bare: () => bare.run(),
    naive: () => runNaively(docker, { imageId, file, steps }),
    ...(isolated ? { isolate: () => isolated.run() } : {}),
  }
  const times: Times = { http: [], executor: [], bare: [], naive: [], isolate: [] }
  try {
    for (let round = -2; round < rounds; round++) {
      for (const [way, act] of Object.entries(run) as [Way, () => Promise<{ ms: number; stdout: string }>][]) {
        if (way === 'naive' && round % naiveEvery !== 0) continue
        await poolsAreFull(executor, server)
        const { ms: took, stdout } = await act()
        if (stdout !== expected.stdout) throw new Error(`${id} ${way} said ${JSON.stringify(stdout)}`)
        // The first two rounds are for file caches and just-in-time compilers.
        if (round >= 0) times[way].push(took)
      }
      process.stderr.write(`\r${id}: ${Math.max(0, round + 1)}/${rounds} `)
    }
  } finally {
    bare.close()
    await isolated?.close()
    process.stderr.write('\n')
  }
  return times
}

async function throughHttp({ api }: Server, language: string, code: string) {
  const from = performance.now()
  const run = await api('createRun', { body: { language, code } })
  return { ms: performance.now() - from, stdout: run.stdout }
}

async function throughExecutor(executor: Executor, job: Job) {
  const from = performance.now()
  let stdout = ''
  for await (const event of executor.start(job).events) if (event.type === 'output' && event.stage === 'run') stdout += event.text
  return { ms: performance.now() - from, stdout }
}

/** Until both the executor here and the one of the server have a sandbox waiting for every language: what is measured is a run, not the making of the next. */
async function poolsAreFull(executor: Executor, server: Server): Promise<void> {
  for (const giveUp = performance.now() + 120_000; performance.now() < giveUp; await setTimeout(20)) {
    const here = executor.state().sandboxes
    if (here.running > 0 || here.waiting < languages.length) continue
    const { sandboxes: there, languages: all } = await server.api('health', {})
    const ids = new Set(all.filter(({ ready }) => ready).map(({ id }) => id))
    if (there.running === 0 && there.waiting >= ids.size) return
  }
  throw new Error(`The pools did not fill: ${JSON.stringify(executor.state())}. Are all images there? npm run setup builds them.`)
}

function describeHello(measured: readonly Measured[]): string {
  const rows = measured.map(({ language, times }) => [
    language.manifest.name,
    spread(times.http),
    spread(times.executor),
    spread(times.bare),
    spread(times.naive),
    ...(isolate === null ? [] : [spread(times.isolate)]),
    (p50(times.executor) / p50(times.bare)).toFixed(2),
    (p50(times.naive) / p50(times.executor)).toFixed(0),
    ...(isolate === null ? [] : [(p50(times.isolate) / p50(times.executor)).toFixed(1)]),
    ms(p50(times.http) - p50(times.executor)),
  ])
  const head = [
    '',
    'POST /api/runs',
    'executor alone',
    'bare process',
    'naive container',
    ...(isolate === null ? [] : ['isolate']),
    'executor ÷ bare',
    'naive ÷ executor',
    ...(isolate === null ? [] : ['isolate ÷ executor']),
    'HTTP adds (p50)',
  ]
  return [
    `Measured on ${new Date().toISOString().slice(0, 10)} with \`npm run bench\`: ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${rounds} rounds, all ways in turn in every round (the naive container in every third). ${isolate === null ? '`isolate` is not installed here. ' : `${isolate}. `}Milliseconds, p50 / p95.`,
    table(head, rows),
    `Bare process, without limits: ${measured.map(({ language }) => `${language.manifest.name} \`${commandLine(plainStepsOf(language))}\``).join(', ')}.`,
  ].join('\n\n')
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
