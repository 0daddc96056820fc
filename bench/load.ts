/**
 * The whole stack on one machine, under load: 200 people watch one run, 500 sit on the page and do nothing, and 50 clients keep 1,000 runs
 * of all languages in the queue, a tenth of them hostile and without manners. Fails unless nothing is lost, nothing comes twice, the only
 * refusals are 429 and 503 with Retry-After, every run has its ending, and memory is flat.
 *
 *   npm run load                          one minute, which is too short for a word on memory
 *   npm run load -- --minutes 10
 *   npm run load -- --minutes 10 --webs 2 --workers 2 --viewers 200 --idle 500 --clients 50 --queued 1000
 *   npm run load -- --minutes 10 --write  puts the tables into docs/performance.md
 */
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { RunId } from '../protocol/ids.ts'
import type { RunRequest } from '../protocol/run.ts'
import { readLanguages } from '../sandbox/languages.ts'
import { arrive, emptyTally, type Person, type Seen, type Tally } from './load-people.ts'
import { startStack } from './load-stack.ts'
import { isFlat, type Use, usageOf } from './process-use.ts'
import { ms, p50, p95, percentile, spread, table } from './statistics.ts'

const number = (name: string, text: string): number => {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`--${name} takes a number`)
  return Number(text)
}
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    viewers: { type: 'string', default: '200' },
    idle: { type: 'string', default: '500' },
    clients: { type: 'string', default: '50' },
    queued: { type: 'string', default: '1000' },
    webs: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
})
const minutes = number('minutes', values.minutes)
const [viewers, idle, clients, queued] = (['viewers', 'idle', 'clients', 'queued'] as const).map((name) =>
  number(name, values[name]),
)
/** Of every client. */
const each = Math.ceil((queued ?? 0) / (clients ?? 1))
/** What others do on this machine, which a figure below is worth knowing beside. */
const loadBefore = loadavg()[0] ?? 0
const root = resolve(import.meta.dirname, '..')
/** Shorter than this, a process has not warmed up when it is looked at first. */
const memoryIsJudgedFromMin = 5
const sampleMs = 5_000
/** A minute of looks. */
const lately = 12
/** A line of the watched run says when it was written; the machine has one clock. */
const linesPerSecond = 5
const watchedSec = 50

const say = (text: string) => process.stderr.write(`${text}\n`)
const shared = { webs: number('webs', values.webs), workers: number('workers', values.workers) }

await using stack = await startStack(root, {
  ...shared,
  // The limits are the product's own but for the queue, which is as long as what is asked for; every client has an address behind one proxy.
  env: { BUGGHOST_TRUST_PROXY: '1', BUGGHOST_MAX_QUEUED: `${queued}`, BUGGHOST_MAX_QUEUED_PER_VISITOR: `${each}` },
})
const urlOf = (nth: number): string => stack.urls[nth % stack.urls.length] as string
for (const url of stack.urls) {
  while ((await (await fetch(`${url}/api/health`)).json()).status !== 'ok') await sleep(500)
}

const languages = await readLanguages(join(root, 'sandbox'))
/** Each language's first version, with what it prints. */
const hellos = [...new Map(languages.toReversed().map((one) => [one.id, one])).values()].map(({ id, hello, expected }) => ({
  request: { language: id, code: hello, timeout_sec: 60 } satisfies RunRequest,
  stdout: expected.stdout,
}))
const hostile = await Promise.all(
  (
    [
      ['python', 'py_fork_forever.py'],
      ['python', 'py_mem_bomb.py'],
      ['python', 'py_output_flood.py'],
      ['python', 'py_kill_everyone.py'],
      ['python', 'py_sleep_forever.py'],
      ['javascript', 'js_infinite_loop.js'],
      ['bash', 'sh_fork_bomb.sh'],
      ['c', 'c_fork_bomb.c'],
    ] as const
  ).map(async ([language, file]): Promise<RunRequest> => {
    return { language, code: await readFile(join(root, 'sandbox/hostile', file), 'utf8'), timeout_sec: 2 }
  }),
)

type Finished = { by: Person; seen: Seen; stdout: string | null }
const finished: Finished[] = []
const tallies = { clients: emptyTally(), hostile: emptyTally(), viewers: emptyTally(), idle: emptyTally(), person: emptyTally() }
/** By process, MiB: what it took at every look, and what it held when a fifth of the time was over, and at the end of it. */
const memory: Record<string, { taken: number[]; held: number[] }> = Object.fromEntries(
  Object.keys(stack.processes).map((name) => [name, { taken: [], held: [] }]),
)

const usesNow = async (): Promise<Record<string, Use>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries({ ...stack.processes, ...stack.engine }).map(
        async ([name, { pid, ...more }]) => [name, await usageOf(pid, more)] as const,
      ),
    ),
  )
const webMiB = async () =>
  Object.entries(await usesNow())
    .filter(([name]) => name.startsWith('web'))
    .reduce((sum, [, { ownMiB }]) => sum + ownMiB, 0)

const everybody: Person[] = []
async function come(...who: Parameters<typeof arrive>): Promise<Person> {
  const person = await arrive(...who)
  everybody.push(person)
  return person
}

// 1. Everybody comes.
say('Everybody comes …')
const before = await webMiB()
for (let nth = 0; nth < (idle ?? 0); nth++) await come(urlOf(nth), `203.0.${nth >> 8}.${nth & 255}`, tallies.idle)
await sleep(3_000)
const perSocketKiB = idle ? ((await webMiB()) - before) * (1024 / idle) : 0
const latenciesMs: number[] = []
const watching: Person[] = []
for (let nth = 0; nth < (viewers ?? 0); nth++) {
  watching.push(
    await come(urlOf(nth), `198.18.0.${nth & 255}`, tallies.viewers, (event) => {
      if (event.type !== 'output') return
      const at = Number(event.text.trim().split('\n').at(-1))
      if (at > 0) latenciesMs.push(Date.now() - at)
    }),
  )
}
const host = await come(urlOf(0), '192.0.2.1', emptyTally())
const watched: RunRequest = {
  language: 'python',
  timeout_sec: 60,
  code: `import time\nfor n in range(${watchedSec * linesPerSecond}):\n    print(int(time.time() * 1000), flush=True)\n    time.sleep(${1 / linesPerSecond})\n`,
}

/** One run that all of them watch, and then the next, until it is over. */
async function showRuns(isOver: () => boolean): Promise<Seen[][]> {
  const shown: Seen[][] = []
  do {
    const run = await host.run(watched)
    shown.push(await Promise.all(watching.map((person) => person.watch(run.runId).ended)))
    finished.push({ by: host, seen: await run.ended, stdout: null })
  } while (!isOver())
  return shown
}

// 2. The viewers alone, for what a viewer costs.
say(`${viewers} people watch a run for ${watchedSec} s …`)
const aloneFrom = await usesNow()
const redisFrom = await stack.redisUse()
const aloneSince = performance.now()
await showRuns(() => true)
const aloneSec = (performance.now() - aloneSince) / 1000
const aloneTo = await usesNow()
const redisAlone = await stack.redisUse()
const deliveries = tallies.viewers.eventsDelivered
const aloneLatency = { p50: p50(latenciesMs), p95: p95(latenciesMs) }
latenciesMs.length = 0
const webCpu = (from: Record<string, Use>, to: Record<string, Use>) =>
  Object.keys(to)
    .filter((name) => name.startsWith('web'))
    .reduce((sum, name) => sum + (to[name]?.cpuMs ?? 0) - (from[name]?.cpuMs ?? 0), 0)
const perDeliveryMs = webCpu(aloneFrom, aloneTo) / Math.max(1, deliveries)

// 3. All of it.
say(`And ${clients} clients keep ${queued} runs in the queue, for ${minutes} min …`)
const bytesFrom = await stack.databaseBytes()
const from = await usesNow()
const redisLoadFrom = await stack.redisUse()
const since = performance.now()
const until = since + minutes * 60_000
const isOver = () => performance.now() >= until

const sampling = setInterval(async () => {
  const now = await usesNow()
  const atMin = (performance.now() - since) / 60_000
  for (const [name, { taken }] of Object.entries(memory)) taken.push(now[name]?.ownMiB ?? 0)
  process.stderr.write(`\r${atMin.toFixed(1)} min, ${finished.length} runs have ended `)
}, sampleMs)

/** Twice under the same load: with all clients there, and as many runs in the queue. Others than ours hold the least they took lately. */
async function lookWhatIsHeld(): Promise<void> {
  for (const share of [0.2, 1]) {
    await sleep(since + share * minutes * 60_000 - performance.now() - 1_000)
    for (const [name, { heldMiB }] of Object.entries(stack.processes)) {
      const { taken, held } = memory[name] as (typeof memory)[string]
      held.push(heldMiB ? await heldMiB() : Math.min(...taken.slice(-lately)))
    }
  }
}

/** Keeps so many waiting or under way, waits as it is told when it is refused, and stops what is left when the time is over. */
async function politeClient(nth: number): Promise<void> {
  const person = await come(urlOf(nth), `198.51.100.${nth}`, tallies.clients)
  const underWay = new Map<Seen, Promise<unknown>>()
  for (let n = nth; !isOver(); n++) {
    if (underWay.size >= each) await Promise.race(underWay.values())
    const { request, stdout } = hellos[n % hellos.length] as (typeof hellos)[number]
    const run = await person.run(request)
    const end = run.ended.then((seen) => {
      underWay.delete(run)
      finished.push({ by: person, seen, stdout })
    })
    underWay.set(run, end)
  }
  for (const { runId } of underWay.keys()) person.stop(runId)
  await Promise.all(underWay.values())
}

/** Keeps as many under way as it may, and asks for more twice a second whatever it is told. */
async function hostileClient(nth: number): Promise<void> {
  const person = await come(urlOf(nth), `198.51.100.${nth}`, tallies.hostile)
  const underWay = new Map<Seen, Promise<unknown>>()
  for (let n = nth; !isOver(); n++) {
    const run = await person.ask(hostile[n % hostile.length] as RunRequest)
    if (!('runId' in run)) {
      await sleep(500)
      continue
    }
    const end = run.ended.then((seen) => {
      underWay.delete(run)
      finished.push({ by: person, seen, stdout: null })
    })
    underWay.set(run, end)
  }
  for (const { runId } of underWay.keys()) person.stop(runId)
  await Promise.all(underWay.values())
}

/** Somebody who runs a small program now and then: do they notice? */
const personMs: number[] = []
async function onePerson(): Promise<void> {
  const person = await come(urlOf(0), '192.0.2.2', tallies.person)
  while (!isOver()) {
    const run = await person.run({ language: 'python', code: 'print("hello")' })
    const seen = await run.ended
    finished.push({ by: person, seen, stdout: 'hello\n' })
    if (seen.firstOutputAt !== null) personMs.push(seen.firstOutputAt - seen.askedAt)
    await sleep(2_000)
  }
}

const hostiles = Math.round((clients ?? 0) / 10)
const [shown] = await Promise.all([
  showRuns(isOver),
  onePerson(),
  lookWhatIsHeld(),
  ...Array.from({ length: clients ?? 0 }, (_, nth) => (nth < hostiles ? hostileClient(nth) : politeClient(nth))),
])
clearInterval(sampling)
const loadSec = (performance.now() - since) / 1000
const to = await usesNow()
const redisTo = await stack.redisUse()
say('\nAll have ended. Looking whether they are kept as they were seen …')

// 4. What was promised.
const verdicts = new Map<string, number>()
const wrong: string[] = []
const ids = new Set<RunId>()
for (const { by, seen, stdout } of finished) {
  ids.add(seen.runId)
  const ending = seen.events.at(-1)
  if (ending?.type !== 'finished') throw new Error('A run ended without an ending.')
  verdicts.set(ending.verdict.kind, (verdicts.get(ending.verdict.kind) ?? 0) + 1)
  const text = seen.events
    .flatMap((event) => (event?.type === 'output' && event.stream === 'stdout' ? [event.text] : []))
    .join('')
  if (seen.events.filter((event) => event?.type === 'finished').length !== 1) wrong.push(`${seen.runId} has more than one ending`)
  const stopped = ending.verdict.kind === 'cancelled'
  if (stdout !== null && !stopped && text !== stdout)
    wrong.push(`${seen.runId} printed ${JSON.stringify(text.slice(0, 80))}: ${JSON.stringify(ending.verdict)}`)
  const kept = await by.find(seen.runId)
  if (kept.verdict === null || kept.verdict.kind !== ending.verdict.kind) wrong.push(`${seen.runId} is kept with another ending`)
  if (kept.stdout !== text) wrong.push(`${seen.runId} is kept with another output`)
}
const bytesTo = await stack.databaseBytes()
// Whoever watched the same run saw the same.
for (const viewings of shown) {
  const [first] = viewings
  for (const { runId, events } of viewings)
    if (JSON.stringify(events) !== JSON.stringify(first?.events)) wrong.push(`${runId} was seen differently by two viewers`)
}

const all = Object.values(tallies)
const sumOf = (of: (tally: Tally) => number): number => all.reduce((sum, tally) => sum + of(tally), 0)
const statuses = (tally: Tally): string =>
  [...tally.statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')
const [lost, doubled] = [sumOf(({ eventsLost }) => eventsLost), sumOf(({ eventsDoubled }) => eventsDoubled)]
const errors = all.flatMap(({ errors }) => errors)
const runs = ids.size
const failures = (verdicts.get('sandbox-failed') ?? 0) + (verdicts.get('interrupted') ?? 0)
const judged = minutes >= memoryIsJudgedFromMin
const growing = judged
  ? Object.entries(memory)
      .filter(([, { held }]) => !isFlat(held[0] ?? 0, held[1] ?? 0))
      .map(([name]) => name)
  : []

const waitedMs = finished
  .filter(({ stdout, seen }) => stdout !== null && seen.firstOutputAt !== null)
  .map(({ seen }) => (seen.firstOutputAt ?? 0) - seen.askedAt)
const machine = `${availableParallelism()} × ${cpus()[0]?.model.replace(/\s+(\d+-Core )?Processor.*/, '') ?? 'processor'}`
const redisIdle = (redisAlone.commands - redisFrom.commands) / aloneSec
const count = (value: number): string => Math.round(value).toLocaleString('en')

const text = [
  `Measured on ${new Date().toISOString().slice(0, 10)} with \`npm run load -- --minutes ${minutes}\`: ${machine}, Node ${process.version}, everything on it: ${shared.webs} web server, ${shared.workers} worker with its engine, Redis (every word on disk), PostgreSQL, and the ${count((viewers ?? 0) + (idle ?? 0) + (clients ?? 0))} people. The machine's load average was ${loadBefore.toFixed(1)} before it began.`,
  table(
    ['', ''],
    [
      ['runs that ended', `${count(runs)} in ${(loadSec / 60).toFixed(1)} min, ${(runs / loadSec).toFixed(1)} a second`],
      ['endings', [...verdicts].map(([kind, times]) => `${kind} ${count(times)}`).join(', ')],
      [`answers to ${(clients ?? 0) - hostiles} clients with manners`, statuses(tallies.clients)],
      [`answers to ${hostiles} without`, statuses(tallies.hostile)],
      ['anything but 202, and 429 or 503 with Retry-After; connections lost', count(errors.length)],
      ['events delivered', count(sumOf(({ eventsDelivered }) => eventsDelivered))],
      ['events lost, doubled', `${lost}, ${doubled}`],
      ['runs with another output than their program’s, or kept otherwise than seen', count(wrong.length)],
      ['POST /api/runs, ms, p50 / p95', spread([...tallies.clients.acceptedMs, ...tallies.hostile.acceptedMs])],
      [
        `first output of a run among ${count(queued ?? 0)}, s, p50 / p95`,
        `${(p50(waitedMs) / 1000).toFixed(1)} / ${(p95(waitedMs) / 1000).toFixed(1)}`,
      ],
      ['first output for somebody who runs one now and then, ms, p50 / p95', spread(personMs)],
      [
        `from the program to ${viewers} viewers, ms, p50 / p95, nothing else going on`,
        `${ms(aloneLatency.p50)} / ${ms(aloneLatency.p95)}`,
      ],
      ['the same under the load, p50 / p95 / p99', `${spread(latenciesMs)} / ${ms(percentile(latenciesMs, 0.99))}`],
    ],
  ),
  `Memory in MiB. Ours hold what is left when their garbage has been collected, PostgreSQL and Redis the least of what was their own within a minute; most is the largest of what was a process's own every ${sampleMs / 1000} s:`,
  table(
    ['', 'held after a fifth', 'held at the end', 'most', 'CPU-ms a run'],
    Object.keys({ ...stack.processes, ...stack.engine }).map((name) => {
      const cpu = ((to[name]?.cpuMs ?? 0) - (from[name]?.cpuMs ?? 0)) / Math.max(1, runs)
      const { held, taken } = memory[name] ?? { held: [], taken: [] }
      const figures = taken.length > 0 ? [...held, Math.max(...taken)].map(ms) : ['', '', '']
      return [name, ...figures, ms(cpu)]
    }),
  ),
  table(
    ['What things cost', ''],
    [
      ['Redis commands a second with nothing but the viewers', count(redisIdle)],
      [
        'Redis commands a run, beyond those',
        count((redisTo.commands - redisLoadFrom.commands - redisIdle * loadSec) / Math.max(1, runs)),
      ],
      ['Redis at the end', `${redisTo.usedMiB.toFixed(1)} MiB, ${count(redisTo.keys)} keys`],
      ['PostgreSQL on disk, kB a run', ms((bytesTo - bytesFrom) / 1000 / Math.max(1, runs))],
      ['an idle socket, KiB of the web server', ms(perSocketKiB)],
      ['an event to a viewer, CPU-µs of the web server', count(perDeliveryMs * 1000)],
    ],
  ),
].join('\n\n')
console.log(text)

const broken = [
  ...(lost + doubled > 0 ? [`${lost} events were lost and ${doubled} came twice`] : []),
  ...(errors.length > 0 ? [`${errors.length} errors, such as: ${errors.slice(0, 3).join(' | ')}`] : []),
  ...(wrong.length > 0 ? [`${wrong.length} runs are not as they should be: ${wrong.slice(0, 3).join(' | ')}`] : []),
  ...(failures > 0 ? [`${failures} runs ended by our failure`] : []),
  ...(growing.length > 0 ? [`memory grows: ${growing.join(', ')}`] : []),
]
for (const one of broken) say(`✗ ${one}`)
if (broken.length > 0) process.exitCode = 1
else {
  say(
    judged
      ? '✓ All promises are kept.'
      : `✓ All promises are kept, but memory is judged from ${memoryIsJudgedFromMin} minutes on.`,
  )
  if (values.write) {
    const path = join(root, 'docs/performance.md')
    const document = await readFile(path, 'utf8')
    await writeFile(
      path,
      document.replace(/<!-- load -->[\s\S]*<!-- \/load -->/, () => `<!-- load -->\n${text}\n<!-- /load -->`),
    )
  }
}
for (const person of everybody) person.leave()
