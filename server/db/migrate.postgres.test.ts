import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrate, migrationsFolder } from './migrate.ts'
import * as schema from './schema.ts'
import { everyPostgres, makeTemporaryFolder, type TestPostgres } from './test-postgres.ts'

/** Each starts several processes, on a machine that may have no core to spare for them. */
const processesMs = 120_000

describe.each(everyPostgres)('%s', (_, start) => {
  let postgres: TestPostgres
  let config: { connectionString: string }
  beforeAll(async () => {
    postgres = await start()
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

  test('a new database gets everything, once, however many servers start at once', { timeout: processesMs }, async () => {
    const servers = Array.from({ length: 6 }, () => startMigrating(config.connectionString, migrationsFolder))
    for (const server of servers) expect(await server.ended).toBe('code 0')
    await migrate(config)
    expect(await tables()).toEqual(['deleted_runs', 'meta', 'run_events', 'runs'])
  })

  test('a migration that does not come to its end leaves nothing behind, and works when it is mended', async () => {
    await migrate(config)
    const broken = await withOneMore('CREATE TABLE half (id int);--> statement-breakpoint\nSELECT 1 / 0;')
    await expect(migrate(config, { folder: broken.folder })).rejects.toThrow()
    expect(await tables()).not.toContain('half')
    await writeFile(path.join(broken.folder, 'one_more.sql'), 'CREATE TABLE half (id int);')
    await migrate(config, { folder: broken.folder })
    expect(await tables()).toContain('half')
    await broken.remove()
  })

  test('a server that is killed in the middle of a migration leaves nothing behind, and the next one does it', {
    timeout: processesMs,
  }, async () => {
    await migrate(config)
    // Slow for as long as somebody holds the gate: every step before it has been taken by then.
    const slow = await withOneMore(
      'CREATE TABLE half (id int);--> statement-breakpoint\nSELECT pg_advisory_xact_lock(77);--> statement-breakpoint\nALTER TABLE half RENAME TO whole;',
    )
    const gate = new pg.Client(config)
    await gate.connect()
    await gate.query('SELECT pg_advisory_lock(77)')
    const killed = startMigrating(config.connectionString, slow.folder)
    await until(gate, `SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted`)
    killed.kill()
    expect(await killed.ended).toBe('SIGKILL')

    // Its statement would never end, so PostgreSQL has to notice by itself that nobody waits for it.
    await until(gate, `SELECT WHERE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted)`)
    expect(await tables()).not.toContain('half')

    const next = [startMigrating(config.connectionString, slow.folder), startMigrating(config.connectionString, slow.folder)]
    await gate.end()
    for (const server of next) expect(await server.ended).toBe('code 0')
    expect(await tables()).toContain('whole')
    expect(await tables()).not.toContain('half')
    await slow.remove()
  })

  test('an older version refuses a database that a newer one has migrated, and says so', async () => {
    const newer = await withOneMore('CREATE TABLE future (id int);')
    await migrate(config, { folder: newer.folder })
    await expect(migrate(config)).rejects.toThrow('newer version of Bug Ghost')
    await newer.remove()
  })
})

test('the migrations make the schema that the code expects', async () => {
  const journal = JSON.parse(await readFile(path.join(migrationsFolder, 'meta', '_journal.json'), 'utf8'))
  const last = String(journal.entries.at(-1).idx).padStart(4, '0')
  const snapshot = JSON.parse(await readFile(path.join(migrationsFolder, 'meta', `${last}_snapshot.json`), 'utf8'))
  // Otherwise: npm run db:generate
  expect(await generateMigration(snapshot, generateDrizzleJson(schema, snapshot.id))).toEqual([])
})

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

/** A server process that does nothing but migrate. */
function startMigrating(url: string, folder: string): { ended: Promise<string>; kill(): void } {
  const script = path.join(import.meta.dirname, 'migrate-process.ts')
  const child = spawn(process.execPath, [script, url, folder], { stdio: ['ignore', 'ignore', 'inherit'] })
  return {
    ended: once(child, 'exit').then(([code, signal]) => signal ?? `code ${code}`),
    kill: () => child.kill('SIGKILL'),
  }
}

/** Asks until there is a row. */
async function until(client: pg.Client, query: string): Promise<void> {
  while (!(await client.query(query)).rowCount);
}
