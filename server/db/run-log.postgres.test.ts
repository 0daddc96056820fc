import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLocalRunLog } from '../local-run-log.ts'
import { describeRunLog, readAll } from '../run-log.contract.ts'
import { sampleEvents, sampleRun, unnumbered } from '../sample-run.ts'
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

  describeRunLog(`one process, ${name}`, async () => {
    const database = await open()
    return {
      store: createPostgresStore(database),
      openLog: (store) => createLocalRunLog({ store, log: silent, timing: { lookMs: 20 } }),
      close: database.close,
    }
  })

  test('hello world is one row', async () => {
    const database = await open()
    const store = createPostgresStore(database)
    const log = createLocalRunLog({ store, log: silent })
    const run = sampleRun()
    await store.createRun(run)
    for (const event of sampleEvents()) log.append(run.runId, unnumbered(event))
    await log.flushed(run.runId)
    const { rows } = await database.pool.query('SELECT count(*)::int AS rows FROM run_events')
    expect(rows).toEqual([{ rows: 1 }])
    expect(await readAll(log, run.runId)).toEqual(sampleEvents())
    await log.close()
    await database.close()
  })
})
