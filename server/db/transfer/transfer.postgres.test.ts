import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openKey } from '../../actor.ts'
import { sampleEvents, sampleRun } from '../../sample-run.ts'
import type { RunRecord } from '../../store.ts'
import { openDatabase } from '../database.ts'
import { knownMigrations, migrate } from '../migrate.ts'
import { createPostgresStore } from '../postgres-store.ts'
import { everyPostgres, makeTemporaryFolder, silent, type TestPostgres } from '../test-postgres.ts'
import type { TableTally } from './dump.ts'
import { placeOf } from './place.ts'
import { backUp, move, restore } from './transfer.ts'

/** Each starts an embedded PostgreSQL several times, on a machine that may have no core to spare for it. */
const processesMs = 180_000

const texts = ['a\0b\\n\\.\n\\.', 'tab\t \\N', '\ud800 👻\u2028', 'x'.repeat(300_000), '']

/** Runs whose texts look like the format they travel in, one that goes on, one that is gone. */
async function fill(url: string | undefined, dataDir = ''): Promise<{ kept: RunRecord[]; gone: RunRecord }> {
  const database = await openDatabase({ ...(url ? { url } : {}), dataDir, log: silent })
  const store = createPostgresStore(database)
  const kept: RunRecord[] = []
  for (const text of texts) {
    const run = sampleRun({ files: [{ path: 'main.py', content: text }], stdin: text })
    await store.createRun(run)
    await store.appendEvents(run.runId, sampleEvents([text]).slice(0, 2))
    if (text) await store.appendEvents(run.runId, sampleEvents([text]).slice(2))
    kept.push(run)
  }
  const gone = sampleRun()
  await store.createRun(gone)
  await store.deleteRun(gone.runId)
  await database.close()
  return { kept, gone }
}

async function expectFilled(url: string | undefined, { kept, gone }: Awaited<ReturnType<typeof fill>>, dataDir = '') {
  const database = await openDatabase({ ...(url ? { url } : {}), dataDir, log: silent })
  const store = createPostgresStore(database)
  for (const [n, run] of kept.entries()) {
    expect(await store.findRun(run.runId)).toMatchObject({ files: run.files, stdin: run.stdin, createdAt: run.createdAt })
    expect(await store.readEvents(run.runId, -1)).toEqual(sampleEvents([texts[n]!]).slice(0, texts[n] ? 3 : 2))
  }
  expect(await store.removalOf(gone.runId)).toEqual({ by: 'owner' })
  const { installationId } = database
  await database.close()
  return installationId
}

describe.each(everyPostgres)('with %s', (_, start) => {
  let postgres: TestPostgres
  let folder: string
  let remove: () => Promise<void>
  let tallies: TableTally[]
  const report = { log: silent, onTable: (tally: TableTally) => void tallies.push(tally) }
  beforeAll(async () => {
    postgres = await start()
  })
  afterAll(() => postgres?.stop())
  beforeEach(async () => {
    tallies = []
    const made = await makeTemporaryFolder()
    folder = made.folder
    remove = made.remove
  })
  afterEach(() => remove())

  async function query(url: string, sql: string) {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }
  const countRuns = (url: string) => query(url, 'SELECT count(*)::int AS runs FROM runs')

  test('an embedded database moves, and is as it was', { timeout: processesMs }, async () => {
    const filled = await fill(undefined, folder)
    const target = await postgres.createDatabase()
    await move(placeOf(folder), placeOf(target), report)
    expect(tallies).toEqual([
      { table: 'meta', rows: 1, checksum: expect.stringMatching(/^[0-9a-f]{32}$/) },
      { table: 'runs', rows: 5, checksum: expect.any(String) },
      { table: 'run_events', rows: 9, checksum: expect.any(String) },
      { table: 'deleted_runs', rows: 1, checksum: expect.any(String) },
    ])
    const moved = await expectFilled(target, filled)
    expect(await expectFilled(undefined, filled, folder)).toBe(moved)
  })

  test('a database moves into a data folder that is not there yet', { timeout: processesMs }, async () => {
    const source = await postgres.createDatabase()
    const filled = await fill(source)
    await move(placeOf(source), placeOf(folder), report)
    await expectFilled(undefined, filled, folder)
  })

  test('a backup made while a server works comes back, with the key, on a database a server was started on once', async () => {
    const source = await postgres.createDatabase()
    const filled = await fill(source)
    const key = await openKey(folder)
    const working = await openDatabase({ url: source, dataDir: '', log: silent })
    const file = path.join(folder, 'backup')
    expect(await backUp(placeOf(source), folder, file, report)).toEqual({ withKey: true })
    await working.close()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['backup', 'secret'])

    const target = await postgres.createDatabase()
    await (await openDatabase({ url: target, dataDir: '', log: silent })).close()
    const elsewhere = await makeTemporaryFolder()
    await openKey(elsewhere.folder)
    expect(await restore(file, placeOf(target), elsewhere.folder, report)).toEqual({ key: 'written' })
    expect(tallies.slice(4)).toEqual(tallies.slice(0, 4))
    expect(await expectFilled(target, filled)).toBe(working.installationId)
    expect(await openKey(elsewhere.folder)).toEqual(key)
    // The one that was there is only set aside.
    expect(await readdir(elsewhere.folder)).toHaveLength(2)
    await elsewhere.remove()
  })

  test('a backup of an older version gets what happened since, also where a newer one has been', async () => {
    const source = await postgres.createDatabase()
    const history = knownMigrations()[2]!
    await migrate({ connectionString: source }, { upTo: history })
    const { runId } = sampleRun()
    await query(
      source,
      `INSERT INTO runs (run_id, actor_id, instance, language, version, files, entry, stdin, args, env, limits, image, image_digest, created_at, excerpt, ending)
       VALUES ('${runId}', 'a', 'i', 'python', '3', '[]', '""', '""', '[]', '{}', '{}', 'i', 'd', now(), '""', '{}')`,
    )
    const file = path.join(folder, 'backup')
    await backUp(placeOf(source), folder, file, report)
    const target = await postgres.createDatabase()
    await migrate({ connectionString: target })
    await restore(file, placeOf(target), folder, report)
    // The migration that brought the column knows that an old run may have been shared.
    expect(await query(target, 'SELECT shared, bytes > 2000 AS counted FROM runs')).toEqual([{ shared: true, counted: true }])
  })

  describe('refuses, changing nothing,', () => {
    test('a target that holds runs, or that a server works on', async () => {
      const source = await postgres.createDatabase()
      await fill(source)
      const used = await postgres.createDatabase()
      await fill(used)
      await expect(move(placeOf(source), placeOf(used), report)).rejects.toThrow('holds runs already')
      expect(await countRuns(used)).toEqual([{ runs: 5 }])
      const served = await postgres.createDatabase()
      const server = await openDatabase({ url: served, dataDir: '', log: silent })
      await expect(move(placeOf(source), placeOf(served), report)).rejects.toThrow('Stop it first')
      await server.close()
    })

    test('a source that a server works on: what it writes meanwhile would stay behind', async () => {
      const source = await postgres.createDatabase()
      const server = await openDatabase({ url: source, dataDir: '', log: silent })
      await expect(move(placeOf(source), placeOf(await postgres.createDatabase()), report)).rejects.toThrow('Stop it first')
      await server.close()
    })

    test('a file that is cut off or changed, wherever that is, and takes a whole one afterwards', async () => {
      const source = await postgres.createDatabase()
      const filled = await fill(source)
      const file = path.join(folder, 'backup')
      await backUp(placeOf(source), folder, file, report)
      const target = await postgres.createDatabase()
      const bytes = await readFile(file)
      const text = gunzipSync(bytes)
      const broken = path.join(folder, 'broken')
      const attempts: [Buffer, RegExp][] = [
        [bytes.subarray(0, bytes.length - 100), /cut off/],
        [Buffer.from('not one'), /no backup/],
        // Two rows exchange a character; a row is missing; the end is.
        [gzipSync(Buffer.from(text.toString('latin1').replace('xxxx', 'xxyx'), 'latin1')), /were written and/],
        [
          gzipSync(Buffer.from(text.toString('latin1').replace(/\n[^\n]*\tpython\t[^\n]*/, ''), 'latin1')),
          /were written and|violates/,
        ],
        [gzipSync(text.subarray(0, text.length - 13)), /cut off/],
        [gzipSync(Buffer.from(text.toString('latin1').replace('"version":1', '"version":2'), 'latin1')), /newer version/],
      ]
      for (const [content, reason] of attempts) {
        await writeFile(broken, content)
        await expect(restore(broken, placeOf(target), folder, report)).rejects.toThrow(reason)
      }
      expect(await countRuns(target)).toEqual([{ runs: 0 }])
      await restore(file, placeOf(target), folder, report)
      await expectFilled(target, filled)
    })

    test('to write over a backup that is there', async () => {
      const source = await postgres.createDatabase()
      await fill(source)
      const file = path.join(folder, 'backup')
      await writeFile(file, 'mine')
      await expect(backUp(placeOf(source), folder, file, report)).rejects.toThrow('there already')
      expect(await readFile(file, 'utf8')).toBe('mine')
      expect(await readdir(folder)).toEqual(['backup'])
      await truncate(file)
    })
  })
})

test('an embedded database is backed up beside the server that owns it, and is not moved from under it', {
  timeout: processesMs,
}, async () => {
  const { folder, remove } = await makeTemporaryFolder()
  await fill(undefined, folder)
  const server = await openDatabase({ dataDir: folder, log: silent })
  const report = { log: silent, onTable: () => {} }
  await backUp(placeOf(folder), folder, path.join(folder, 'backup'), report)
  await expect(move(placeOf(folder), placeOf('postgres://nobody@127.0.0.1:1/none'), report)).rejects.toThrow('Stop it first')
  await server.check()
  await server.close()
  await remove()
})

test('the command says what it did, and ends with 1 and a sentence when it could not', { timeout: processesMs }, async () => {
  const { folder, remove } = await makeTemporaryFolder()
  await fill(undefined, folder)
  const command = async (...args: string[]) => {
    const env = { PATH: process.env.PATH ?? '', BUGGHOST_DATA_DIR: folder, NODE_ENV: 'production' as const }
    const child = spawn(process.execPath, [path.join(import.meta.dirname, 'command.ts'), ...args], { env })
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    child.stderr.on('data', (chunk) => (said += chunk))
    const [code] = await once(child, 'close')
    return `${code} ${said}`
  }
  const file = path.join(folder, 'backup')
  expect(await command('backup', file)).toMatch(/^0 meta +1 rows {2}[0-9a-f]{32}\nruns +5 rows/)
  expect(await command('restore', file)).toMatch(/^1 .*holds runs already/)
  expect(await command('move', '--to', path.join(folder, 'other'))).toContain('compared row for row')
  expect(await command('backup')).toMatch(/^2 Usage/)
  await remove()
})
