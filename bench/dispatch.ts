/**
 * What the way through Redis adds: from the request to the first output of a Python hello, run in the server's own process and on a worker,
 * in turn in one run. Both keep their runs in the same PostgreSQL and have a sandbox waiting; only the way to it differs.
 *
 *   npm run bench -- --dispatch                 60 rounds
 *   npm run bench -- --dispatch --rounds 200
 *   npm run bench -- --dispatch --fsync everysec   Redis writes to the disk once a second, and not at each word (always)
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { ActorId, type RunId } from '../protocol/ids.ts'
import { readLanguages } from '../sandbox/languages.ts'
import { openDatabase } from '../server/db/database.ts'
import { createPostgresStore } from '../server/db/postgres-store.ts'
import { parseEnv } from '../server/env.ts'
import { placesOf } from '../server/places.ts'
import { closeInReverse } from '../server/process-life.ts'
import { runHere } from '../server/run-here.ts'
import { newRunId } from '../server/run-id.ts'
import { createRuns, type Runs } from '../server/runs.ts'
import { noTelemetry } from '../server/telemetry.ts'
import { runOnWorkers, workersInstance } from '../server/workers/run-on-workers.ts'
import { startTestRedis } from '../server/workers/testing/test-redis.ts'
import { ms, p50, spread, table } from './statistics.ts'

const { values: options } = parseArgs({
  options: {
    dispatch: { type: 'boolean' },
    rounds: { type: 'string', default: '60' },
    fsync: { type: 'string', default: 'always' },
  },
})
const rounds = Number(options.rounds)
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1')
const root = resolve(import.meta.dirname, '..')
const somebody = ActorId.parse('bench')

const dataDir = await mkdtemp(join(tmpdir(), 'bugghost-bench-'))
const log = pino({ level: 'error' }, pino.destination(2))
const redis = await startTestRedis(['--appendfsync', options.fsync])
const languages = (await readLanguages(join(root, 'sandbox'))).filter(({ id }) => id === 'python')
const database = await openDatabase({ dataDir, log })
const store = createPostgresStore(database)
const closers: (() => unknown)[] = []
const life = { ...closeInReverse(), opened: (_: string, close: () => unknown) => void closers.unshift(close) }
const common = { store, languages, publicUrl: 'http://localhost', log, newRunId, now: Date.now }
const env = parseEnv({ ...process.env, BUGGHOST_WARM_SANDBOXES: '2', DATABASE_URL: '', REDIS_URL: '' })

const instance = randomBytes(12).toString('hex')
const here = await runHere({ env, dataDir, languages, database, store, instance, life, telemetry: noTelemetry, log })
const there = await runOnWorkers({
  redisUrl: redis.url,
  languages,
  // Of its own: on one engine each side would take the other's sandboxes for those of a dead server.
  installation: `${database.installationId}-workers`,
  store,
  places: placesOf(100, {}),
  life,
  log,
})
const worker = spawn(process.execPath, [join(root, 'bench/leash.ts'), process.execPath, join(root, 'dist/worker.mjs')], {
  cwd: root,
  env: {
    ...process.env,
    NODE_ENV: 'production',
    LOG_LEVEL: 'error',
    DATABASE_URL: '',
    REDIS_URL: redis.url,
    BUGGHOST_WARM_SANDBOXES: '2',
    BUGGHOST_DATA_DIR: dataDir,
  },
  stdio: ['pipe', 'pipe', 'inherit'],
})
for await (const line of createInterface({ input: worker.stdout })) if (line.includes('takes runs')) break
worker.stdout.resume()

const ways = {
  here: createRuns({ ...common, dispatch: here.dispatch, runLog: here.runLog, instance }),
  there: createRuns({ ...common, dispatch: there.dispatch, runLog: there.runLog, instance: workersInstance }),
}

async function firstOutput(runs: Runs): Promise<number> {
  const since = performance.now()
  const { run, finished } = await runs.create({ language: 'python', code: 'print("hello")', wait: false }, somebody)
  let first = Number.NaN
  for await (const events of await runs.events(run.run_id as RunId, somebody, { after: -1 })) {
    if (Number.isNaN(first) && events.some(({ type }) => type === 'output')) first = performance.now() - since
  }
  await finished
  return first
}

/** Until a sandbox waits again on both sides: the measure is of a warm one. */
const rest = () => new Promise((done) => setTimeout(done, 900))

try {
  while (!there.executor.state().languages.some(({ ready }) => ready)) await rest()
  await rest()
  await rest()
  const times = { here: [] as number[], there: [] as number[] }
  for (let round = -3; round < rounds; round++) {
    for (const way of ['here', 'there'] as const) {
      const time = await firstOutput(ways[way])
      // The first rounds find code that has not been compiled yet.
      if (round >= 0) times[way].push(time)
      await rest()
    }
    process.stderr.write(`\r${Math.max(0, round + 1)}/${rounds} `)
  }
  process.stderr.write('\n')
  const added = p50(times.there) - p50(times.here)
  console.log(
    [
      `From the request to the first output, Python hello, ${rounds} rounds in turn; Redis with appendfsync ${options.fsync}. Milliseconds, p50 / p95.`,
      table(
        ['', 'in this process', 'on a worker, through Redis', 'added (p50)'],
        [['request to first output', spread(times.here), spread(times.there), ms(added)]],
      ),
    ].join('\n\n'),
  )
} finally {
  worker.stdin.end()
  await once(worker, 'exit')
  for (const runs of Object.values(ways)) await runs.close()
  for (const close of closers) await close()
  await database.close()
  await redis[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
}
