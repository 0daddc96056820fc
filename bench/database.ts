/**
 * What opening a run, listing a history and keeping a run cost beside few events and beside many: three databases on one
 * embedded server, asked in turn in every round.
 *
 *   npm run bench -- --database                 10 thousand, 1 million and 10 million events; some 10 GB under TMPDIR
 *   npm run bench -- --database --rounds 500
 */
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { pino } from 'pino'
import { z } from 'zod'
import { ActorId, RunId } from '../protocol/ids.ts'
import { openDatabase } from '../server/db/database.ts'
import { startEmbeddedPostgres } from '../server/db/embedded-postgres.ts'
import { createPostgresStore } from '../server/db/postgres-store.ts'
import { createOpenSweep } from '../server/db/postgres-sweep.ts'
import { removeExpired } from '../server/retention.ts'
import { sampleEvents, sampleRun } from '../server/sample-run.ts'
import { ms, spread, table } from './statistics.ts'

const { values: options } = parseArgs({ options: { database: { type: 'boolean' }, rounds: { type: 'string', default: '300' } } })
const rounds = Number(options.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1')

/** A run's events as they usually come: started, what it printed, finished. Nine runs in ten are one row, the tenth is three. */
const eventsPerRun = 10
const sizes = [10_000, 1_000_000, 10_000_000].map((events) => ({ events, runs: events / eventsPerRun }))
/** Of the visitor whose history is listed; spread over all the runs there are. */
const runsOfVisitor = 100
const visitor = ActorId.parse('the-visitor')
const neededGb = 12

const log = pino({ level: 'warn' }, pino.destination(2))
const dataDir = await mkdtemp(join(tmpdir(), 'bugghost-bench-database-'))
const { bavail, bsize } = await statfs(dataDir)
if (bavail * bsize < neededGb * 1e9)
  throw new Error(`${tmpdir()} has less than ${neededGb} GB free. Set TMPDIR to a place that has.`)
const server = await startEmbeddedPostgres({ dataDir, log })

/** The address of the nth run: from its number, so that any run can be asked for, and as scattered as random ones. */
const runIdSql = (n: string) => `translate(substr(encode(sha256((${n})::text::bytea), 'hex'), 1, 24), '01', 'xy')`

async function fill(client: pg.Client, runs: number): Promise<void> {
  const example = sampleRun({
    files: [{ path: 'main.py', content: 'def total(items):\n    return sum(item["price"] for item in items)\n\n'.repeat(4) }],
  })
  const { instance, language, version, image, imageDigest } = example
  const text = (value: unknown) => client.escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value))
  const ending = JSON.stringify((({ type, seq, at, ...rest }) => rest)(sampleEvents().at(-1)!))
  const batches = (from: number, to: number) =>
    JSON.stringify(
      sampleEvents(Array.from({ length: eventsPerRun - 2 }, (_, n) => `step ${n}: 12 of 40 orders read\n`)).slice(from, to),
    )
  const inSteps = 50_000
  // Foreign keys are checked a row at a time, and these rows are known to be right.
  await client.query('SET session_replication_role = replica')
  for (let from = 0; from < runs; from += inSteps) {
    const some = `generate_series(${from}, ${Math.min(runs, from + inSteps) - 1}) AS n`
    await client.query(`
      INSERT INTO runs (run_id, actor_id, instance, language, version, files, entry, stdin, args, env, limits, image, image_digest,
        created_at, excerpt, search, status, ending, completed_at, bytes, shared)
      SELECT ${runIdSql('n')}, CASE WHEN n % ${runs / runsOfVisitor} = 0 THEN '${visitor}' ELSE 'visitor-' || n % ${Math.max(1, runs / 50)} END,
        ${text(instance)}, ${text(language)}, ${text(version)}, ${text(example.files)}, '"main.py"', '""', '[]', '{}', ${text(example.limits)},
        ${text(image)}, ${text(imageDigest)}, now() - (${runs} - n) * interval '1 minute', '"def total(items):"',
        ${text(`main.py\n${example.files[0]?.content}`)} || n, 'completed', ${text(ending)}, now(), 4000, n % 5 = 0 FROM ${some}`)
    await client.query(`
      INSERT INTO run_events (run_id, first_seq, last_seq, events)
      SELECT ${runIdSql('n')}, 0, 9, ${text(batches(0, 10))} FROM ${some} WHERE n % 10 > 0 UNION ALL
      SELECT ${runIdSql('n')}, 0, 3, ${text(batches(0, 4))} FROM ${some} WHERE n % 10 = 0 UNION ALL
      SELECT ${runIdSql('n')}, 4, 6, ${text(batches(4, 7))} FROM ${some} WHERE n % 10 = 0 UNION ALL
      SELECT ${runIdSql('n')}, 7, 9, ${text(batches(7, 10))} FROM ${some} WHERE n % 10 = 0`)
    process.stderr.write(`\rfilling: ${from + inSteps}/${runs} runs `)
  }
  await client.query('RESET session_replication_role')
  await client.query('VACUUM (ANALYZE)')
}

async function openFilled({ events, runs }: (typeof sizes)[number]) {
  const admin = new pg.Client(server.config)
  await admin.connect()
  await admin.query(`CREATE DATABASE events_${events}`)
  await admin.end()
  const { user, host, port } = server.config
  const database = await openDatabase({
    url: `postgres://${user}@localhost:${port}/events_${events}?host=${host}`,
    dataDir,
    log,
  })
  const client = new pg.Client({ ...server.config, database: `events_${events}` })
  await client.connect()
  await fill(client, runs)
  const { rows } = await client.query<{ runs: string; rows: string; size: string }>(
    `SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM run_events) AS rows, pg_size_pretty(pg_database_size(current_database())) AS size`,
  )
  const idOf = async (n: number) => RunId.parse((await client.query(`SELECT ${runIdSql(String(n))} AS id`)).rows[0].id)
  const blocks = await explain(client, await idOf(Math.floor(runs / 2) + 1))
  return { events, runs, database, store: createPostgresStore(database), client, found: rows[0]!, blocks, idOf }
}
type Filled = Awaited<ReturnType<typeof openFilled>>

/**
 * The questions as PostgreSQL gets them, and how many blocks of 8 kB it touches for each: unlike a time, the same however busy
 * the machine is. Throws when one would be answered by reading a table from its beginning.
 */
async function explain(client: pg.Client, runId: RunId): Promise<Map<string, number>> {
  const questions = {
    'a run': `SELECT * FROM runs WHERE run_id = '${runId}'`,
    'its events': `SELECT events FROM run_events WHERE run_id = '${runId}' AND last_seq > -1 ORDER BY first_seq`,
    'a page of a history': `SELECT run_id FROM runs WHERE actor_id = '${visitor}' ORDER BY created_at DESC, run_id DESC LIMIT 21`,
    'a search through it': `SELECT run_id FROM runs WHERE actor_id = '${visitor}' AND (coalesce(search, files) ILIKE '%nowhere%' OR name ILIKE '%nowhere%') ORDER BY created_at DESC, run_id DESC LIMIT 21`,
    'the 50 oldest': `SELECT run_id FROM runs WHERE ending IS NOT NULL AND NOT shared AND NOT pinned AND name IS NULL ORDER BY created_at, run_id LIMIT 50`,
  }
  const blocks = new Map<string, number>()
  for (const [what, query] of Object.entries(questions)) {
    const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${query}`)
    const [{ Plan: plan }] = Plans.parse(rows[0]['QUERY PLAN'])
    if (JSON.stringify(rows).includes('Seq Scan'))
      throw new Error(`Asking for ${what} reads a whole table: ${JSON.stringify(rows)}`)
    blocks.set(what, plan['Shared Hit Blocks'] + plan['Shared Read Blocks'])
  }
  return blocks
}
const Plans = z.tuple([z.object({ Plan: z.object({ 'Shared Hit Blocks': z.number(), 'Shared Read Blocks': z.number() }) })])

const asked = {
  'open a run: it and its events': async ({ store }: Filled, id: RunId) => {
    if (!(await store.findRun(id)) || (await store.readEvents(id, -1)).length !== eventsPerRun)
      throw new Error(`Run ${id} is not whole.`)
  },
  'list a history of 100 runs: its first page': async ({ store }: Filled) => {
    if ((await store.listRuns(visitor, { limit: 21 })).length !== 21) throw new Error('The history is not whole.')
  },
  'search it for a text that is nowhere': async ({ store }: Filled) => {
    if ((await store.listRuns(visitor, { limit: 21, filter: { text: 'nowhere' } })).length !== 0)
      throw new Error('Found what is not.')
  },
  'keep a new run and its three events': async ({ store }: Filled) => {
    const run = sampleRun({ actorId: ActorId.parse('newcomer') })
    await store.createRun(run)
    await store.appendEvents(run.runId, sampleEvents())
  },
}

try {
  const filled: Filled[] = []
  for (const size of sizes) filled.push(await openFilled(size))
  const times = new Map<string, number[]>()
  for (let round = -10; round < rounds; round++) {
    for (const one of filled) {
      const id = await one.idOf(Math.floor(Math.random() * one.runs))
      for (const [what, ask] of Object.entries(asked)) {
        const from = performance.now()
        await ask(one, id)
        const took = performance.now() - from
        const key = `${what} ${one.events}`
        // The first rounds prepare the statements.
        if (round >= 0) times.set(key, [...(times.get(key) ?? []), took])
      }
    }
    if (round % 50 === 0) process.stderr.write(`\rasking: ${round}/${rounds} `)
  }
  const sweeps: string[] = []
  for (const { database, runs } of filled) {
    // Some hundred of the oldest are older than that.
    const keepDays = Math.floor((runs - 125) / (24 * 60))
    const policy = { keepDays, keepBytes: Number.MAX_SAFE_INTEGER, keepShared: true }
    const from = performance.now()
    let removed = 0
    await createOpenSweep(
      database,
      policy,
    )(async (sweep) => {
      removed = (await removeExpired(sweep, policy, { now: Date.now() })).removed
    })
    const took = performance.now() - from
    sweeps.push(keepDays < 1 ? '' : `${ms(took)} (${removed} runs)`)
  }
  const head = ['ms, p50 / p95', ...filled.map(({ events }) => `${events.toLocaleString('en')} events`)]
  const lines = [
    ['runs', ...filled.map(({ found }) => Number(found.runs).toLocaleString('en'))],
    ['rows of events', ...filled.map(({ found }) => Number(found.rows).toLocaleString('en'))],
    ['on disk', ...filled.map(({ found }) => found.size)],
    ...Object.keys(asked).map((what) => [what, ...filled.map(({ events }) => spread(times.get(`${what} ${events}`) ?? []))]),
    ['one sweep of the retention', ...sweeps],
    ...[...filled[0]!.blocks.keys()].map((what) => [
      `blocks touched for ${what}`,
      ...filled.map(({ blocks }) => String(blocks.get(what))),
    ]),
  ]
  process.stderr.write('\n')
  console.log(table(head, lines))
  for (const { client, database } of filled) {
    await client.end()
    await database.close()
  }
} finally {
  await server.close()
  await rm(dataDir, { recursive: true, force: true })
}
