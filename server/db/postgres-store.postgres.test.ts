import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleEvents, sampleRun } from '../sample-run.ts'
import { describeStore } from '../store.contract.ts'
import { openDatabase } from './database.ts'
import { createPostgresStore } from './postgres-store.ts'
import { everyPostgres, silent, type TestPostgres } from './test-postgres.ts'

describe.each(everyPostgres)('%s', (name, start) => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await start()
  }, 60_000)
  afterAll(() => postgres?.stop())

  const open = async () => openDatabase({ url: await postgres.createDatabase(), dataDir: '', log: silent })

  describeStore(name, async () => {
    const database = await open()
    return { store: createPostgresStore(database), close: database.close }
  })

  describe('keeps in its tables', () => {
    test('a short run is one row of events', async () => {
      await using database = disposable(await open())
      const store = createPostgresStore(database)
      const run = sampleRun()
      await store.createRun(run)
      await store.appendEvents(run.runId, sampleEvents())
      const { rows } = await database.pool.query('SELECT first_seq, last_seq FROM run_events')
      expect(rows).toEqual([{ first_seq: 0, last_seq: 2 }])
    })

    test('writes go on when every connection is cut in the middle of them, without anyone noticing', async () => {
      await using database = disposable(await open())
      const store = createPostgresStore(database)
      const runs = Array.from({ length: 40 }, () => sampleRun())
      const writing = runs.map(async (run) => {
        await store.createRun(run)
        await store.appendEvents(run.runId, sampleEvents())
      })
      await writing[0]
      await postgres.cutConnections()
      await Promise.all(writing)
      for (const run of runs) expect(await store.readEvents(run.runId, -1)).toEqual(sampleEvents())
    })

    test('a row that is not what was written is refused, not passed on', async () => {
      await using database = disposable(await open())
      const store = createPostgresStore(database)
      const run = sampleRun()
      await store.createRun(run)
      await database.pool.query(`UPDATE runs SET limits = '{"wall_time_ms": "long"}'`)
      await expect(store.findRun(run.runId)).rejects.toThrow()
      await database.pool.query(`UPDATE runs SET limits = 'nonsense'`)
      await expect(store.findRun(run.runId)).rejects.toThrow('no JSON')
    })

    test('the history is read from its index alone, in order', async () => {
      await using database = disposable(await open())
      const client = await database.pool.connect()
      try {
        await client.query('SET enable_seqscan = off')
        await client.query('SET enable_bitmapscan = off')
        const plan = await client.query<{ 'QUERY PLAN': string }>(
          `EXPLAIN SELECT run_id FROM runs WHERE actor_id = 'a' AND (created_at, run_id) < (now(), 'x') ORDER BY created_at DESC, run_id DESC LIMIT 20`,
        )
        const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n')
        expect(text).toContain('Backward using runs_of_actor')
        expect(text).not.toContain('Sort')
      } finally {
        client.release(true)
      }
    })
  })
})

function disposable<T extends { close(): Promise<void> }>(opened: T): T & AsyncDisposable {
  return { ...opened, [Symbol.asyncDispose]: () => opened.close() }
}
