import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { removeExpired, startRetention } from '../retention.ts'
import { sampleEvents, sampleRun } from '../sample-run.ts'
import type { RunRecord } from '../store.ts'
import { type Database, openDatabase } from './database.ts'
import { createPostgresStore } from './postgres-store.ts'
import { createOpenSweep } from './postgres-sweep.ts'
import { everyPostgres, silent, type TestPostgres } from './test-postgres.ts'

const day = 24 * 60 * 60 * 1000
const now = Date.UTC(2026, 10, 23)

describe.each(everyPostgres)('old runs in %s', (_, start) => {
  let postgres: TestPostgres
  let database: Database
  let store: ReturnType<typeof createPostgresStore>
  beforeAll(async () => {
    postgres = await start()
  })
  beforeEach(async () => {
    database = await openDatabase({ url: await postgres.createDatabase(), dataDir: '', log: silent })
    store = createPostgresStore(database)
  })
  afterEach(() => database.close())
  afterAll(() => postgres?.stop())

  async function ended(ageDays: number, text = 'x'): Promise<RunRecord> {
    const run = sampleRun({ createdAt: new Date(now - ageDays * day), files: [{ path: 'main.py', content: text }] })
    await store.createRun(run)
    await store.appendEvents(run.runId, sampleEvents())
    return run
  }
  async function sweep(policy: { keepDays?: number; keepBytes?: number; keepShared?: boolean }) {
    const whole = { keepShared: true, ...policy }
    let found: { removed: number; totalBytes: number } | undefined
    const outcome = await createOpenSweep(
      database,
      whole,
    )(async (sweep) => {
      found = await removeExpired(sweep, whole, { now })
    })
    return found ?? outcome
  }
  const there = async (runs: RunRecord[]) => Promise.all(runs.map(async ({ runId }) => (await store.findRun(runId)) !== null))

  test('go when they are too old, with their events, and their addresses say after how long', async () => {
    const [old, older, young] = [await ended(30), await ended(400), await ended(29.9)]
    expect(await sweep({ keepDays: 30 })).toMatchObject({ removed: 2 })
    expect(await there([old, older, young])).toEqual([false, false, true])
    expect(await store.readEvents(old.runId, -1)).toEqual([])
    expect(await store.removalOf(old.runId)).toEqual({ by: 'age', keptDays: 30 })
    expect(await store.removalOf(older.runId)).toEqual({ by: 'age', keptDays: 400 })
    expect(await store.removalOf(young.runId)).toBeNull()
  })

  test('stay when they were shared, pinned or named, unless the settings say otherwise; and when they have not ended', async () => {
    const [shared, pinned, named] = [await ended(50), await ended(51), await ended(52)]
    await store.updateRun(shared.runId, { shared: true })
    await store.updateRun(pinned.runId, { pinned: true })
    await store.updateRun(named.runId, { name: 'the one' })
    const open = sampleRun({ createdAt: new Date(now - 60 * day) })
    await store.createRun(open)
    expect(await sweep({ keepDays: 30 })).toMatchObject({ removed: 0 })
    expect(await sweep({ keepDays: 30, keepShared: false })).toMatchObject({ removed: 3 })
    expect(await there([shared, pinned, named, open])).toEqual([false, false, false, true])
    await store.appendEvents(open.runId, sampleEvents())
    expect(await sweep({ keepDays: 30 })).toMatchObject({ removed: 1 })
  })

  test('go, the oldest first, until the rest has room', async () => {
    const runs = [await ended(9, 'a'.repeat(50_000)), await ended(8, 'b'.repeat(50_000)), await ended(7, 'c'.repeat(50_000))]
    const all = await sweep({ keepBytes: 1e9 })
    // What is searched is kept beside the files.
    expect(all).toMatchObject({ removed: 0, totalBytes: expect.toSatisfy((bytes) => bytes > 300_000 && bytes < 320_000) })
    expect(await sweep({ keepBytes: 250_000 })).toMatchObject({ removed: 1 })
    expect(await there(runs)).toEqual([false, true, true])
    expect(await store.removalOf(runs[0]!.runId)).toEqual({ by: 'room', keptDays: 9 })
  })

  test('that somebody is just changing stay until the next time, and hold nothing up', async () => {
    const [held, free] = [await ended(50), await ended(51)]
    const client = await database.pool.connect()
    await client.query('BEGIN')
    await client.query('UPDATE runs SET shared = true WHERE run_id = $1', [held.runId])
    expect(await sweep({ keepDays: 30 })).toMatchObject({ removed: 1 })
    await client.query('COMMIT')
    client.release()
    expect(await sweep({ keepDays: 30 })).toMatchObject({ removed: 0 })
    expect(await there([held, free])).toEqual([true, false])
  })

  test('are looked at by one server at a time', async () => {
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const first = createOpenSweep(database, { keepShared: true })(async () => {
      begun.resolve()
      await gate.promise
    })
    await begun.promise
    expect(await sweep({ keepDays: 30 })).toBe('busy')
    gate.resolve()
    await first
    expect(await sweep({ keepDays: 30 })).toMatchObject({ removed: 0 })
  })

  test('go in the background, in as many steps as it takes, with several servers at it', async () => {
    const runs = await Promise.all(Array.from({ length: 120 }, () => ended(40)))
    const policy = { keepDays: 30, keepShared: true }
    const timing = { firstMs: 0, everyMs: 1, pauseMs: 0 }
    const servers = Array.from({ length: 3 }, () =>
      startRetention({ openSweep: createOpenSweep(database, policy), policy, log: silent, now: () => now, timing }),
    )
    while ((await there(runs)).some(Boolean));
    for (const server of servers) await server.close()
    for (const { runId } of runs) expect(await store.removalOf(runId)).toEqual({ by: 'age', keptDays: 40 })
  })

  test('are found by an index, also when there are many that stay', async () => {
    const client = await database.pool.connect()
    try {
      await client.query('SET enable_seqscan = off')
      const planOf = async (query: string) => JSON.stringify((await client.query(`EXPLAIN ${query}`)).rows)
      const may = 'ending IS NOT NULL AND NOT shared AND NOT pinned AND name IS NULL'
      expect(await planOf(`SELECT run_id, bytes FROM runs WHERE ${may} ORDER BY created_at, run_id LIMIT 50`)).toContain(
        'using runs_disposable',
      )
      expect(await planOf(`SELECT sum(bytes) FROM runs WHERE ${may}`)).toContain('runs_disposable')
    } finally {
      client.release(true)
    }
  })
})
