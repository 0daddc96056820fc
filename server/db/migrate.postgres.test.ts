import { cp, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate, migrationsFolder } from './migrate.ts'
import * as schema from './schema.ts'
import { makeTemporaryFolder, startTestPostgres } from './test-postgres.ts'

let postgres: Awaited<ReturnType<typeof startTestPostgres>>
let config: { connectionString: string }
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres?.stop())
beforeEach(async () => {
  config = { connectionString: await postgres.createDatabase() }
})

async function tables(): Promise<string[]> {
  const client = new pg.Client(config)
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  )
  await client.end()
  return rows.map(({ name }) => name)
}

/** The migrations there are, and one more. */
async function withOneMore(sql: string): Promise<{ folder: string; remove(): Promise<void> }> {
  const { folder, remove } = await makeTemporaryFolder()
  await cp(migrationsFolder, folder, { recursive: true })
  const journalFile = path.join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(await readFile(journalFile, 'utf8'))
  const last = journal.entries.at(-1)
  journal.entries.push({ ...last, idx: last.idx + 1, when: last.when + 1, tag: 'one_more' })
  await writeFile(journalFile, JSON.stringify(journal))
  await writeFile(path.join(folder, 'one_more.sql'), sql)
  return { folder, remove }
}

test('a new database gets everything, once, however many servers start at once', async () => {
  await Promise.all([migrate(config), migrate(config), migrate(config)])
  await migrate(config)
  expect(await tables()).toEqual(['deleted_runs', 'meta', 'run_events', 'runs'])
})

test('a migration that does not come to its end leaves nothing behind, and works when it is mended', async () => {
  await migrate(config)
  const broken = await withOneMore('CREATE TABLE half (id int);--> statement-breakpoint\nSELECT 1 / 0;')
  await expect(migrate(config, broken.folder)).rejects.toThrow()
  expect(await tables()).not.toContain('half')
  await writeFile(path.join(broken.folder, 'one_more.sql'), 'CREATE TABLE half (id int);')
  await migrate(config, broken.folder)
  expect(await tables()).toContain('half')
  await broken.remove()
})

test('a server that is cut off in the middle of a migration leaves nothing behind', async () => {
  await migrate(config)
  const slow = await withOneMore('CREATE TABLE half (id int);--> statement-breakpoint\nSELECT pg_sleep(600);')
  const migrating = migrate(config, slow.folder).then(
    () => 'done',
    () => 'cut off',
  )
  const watcher = new pg.Client(config)
  await watcher.connect()
  for (;;) {
    const { rowCount } = await watcher.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()`,
    )
    if (rowCount) break
  }
  await watcher.end()
  expect(await migrating).toBe('cut off')
  expect(await tables()).not.toContain('half')
  await migrate(config)
  await slow.remove()
})

test('an older version refuses a database that a newer one has migrated, and says so', async () => {
  const newer = await withOneMore('CREATE TABLE future (id int);')
  await migrate(config, newer.folder)
  await expect(migrate(config)).rejects.toThrow('newer version of Bug Ghost')
  await newer.remove()
})

test('the migrations make the schema that the code expects', async () => {
  const journal = JSON.parse(await readFile(path.join(migrationsFolder, 'meta', '_journal.json'), 'utf8'))
  const last = String(journal.entries.at(-1).idx).padStart(4, '0')
  const snapshot = JSON.parse(await readFile(path.join(migrationsFolder, 'meta', `${last}_snapshot.json`), 'utf8'))
  // Otherwise: npm run db:generate
  expect(await generateMigration(snapshot, generateDrizzleJson(schema, snapshot.id))).toEqual([])
})
