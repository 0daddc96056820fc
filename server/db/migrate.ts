import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { z } from 'zod'
import { endConnections } from './end-connections.ts'
import { refuseOld } from './server-version.ts'

/** Beside this file in the source, and beside dist/server.mjs (as dist/migrations) in the bundle: the same relative path. */
export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))

// Several servers may start at once on one database.
const migrationLock = 6_201_774_001
/** A migration of another server that takes longer than this is worth a look by a person. */
const lockWaitMs = 120_000
const clientCheckMs = 1_000
const lockNotAvailable = '55P03'

export type MigrateOptions = {
  folder?: string
  /** The newest that is wanted, by when it was made; for the data of an older version, which later ones then bring along. */
  upTo?: number
}

/**
 * Brings the schema up to date: all that is missing in one transaction, so a server killed in the middle leaves the schema as
 * it was. Rejects, changing nothing, when PostgreSQL is too old, or the database was already brought further by a newer version
 * of Bug Ghost.
 */
export async function migrate(config: pg.ClientConfig, { folder = migrationsFolder, upTo }: MigrateOptions = {}): Promise<void> {
  const known = knownMigrations(folder)
  await using wanted =
    upTo === undefined ? { path: folder, async [Symbol.asyncDispose]() {} } : await migrationsUpTo(upTo, folder)
  // A connection of its own: a migration may take longer than any query of the server is allowed to.
  const client = new pg.Client({ ...config, statement_timeout: 0, query_timeout: 0, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {
    // The query under way rejects with the same reason.
  })
  await client.connect()
  try {
    const { rows } = await client.query<{ version: number }>(`SELECT current_setting('server_version_num')::int AS version`)
    refuseOld(rows[0]?.version ?? 0)
    // A server that was killed must not hold the lock for as long as its last statement takes.
    await client.query(`SET client_connection_check_interval = ${clientCheckMs}`)
    await client.query(`SET lock_timeout = ${lockWaitMs}`)
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]).catch((cause: { code?: string }) => {
      if (cause.code !== lockNotAvailable) throw cause
      throw new Error('Another server has been migrating this database for two minutes. See what it does, then start again.', {
        cause,
      })
    })
    refuseNewer(await appliedUpTo(client), known)
    await applyMigrations(drizzle(client), { migrationsFolder: wanted.path })
  } finally {
    // Ends the session, and with it the lock.
    await endConnections(client)
  }
}

/** When the newest migration that the database has was made, in milliseconds; null for a new database. */
export async function appliedUpTo(client: pg.Client): Promise<number | null> {
  // Asked first: a query that fails would be an error in the database's log at every first start.
  const { rows: tables } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS there`,
  )
  if (!tables[0]?.there) return null
  const { rows } = await client.query<{ newest: string | null }>(
    'SELECT max(created_at) AS newest FROM drizzle.__drizzle_migrations',
  )
  return rows[0]?.newest ? Number(rows[0].newest) : null
}

/** When each migration there is was made. */
export const knownMigrations = (folder = migrationsFolder): number[] =>
  readMigrationFiles({ migrationsFolder: folder }).map((migration) => migration.folderMillis)

/** Drizzle applies a folder, so the first ones get a folder of their own. */
async function migrationsUpTo(newest: number, folder: string): Promise<AsyncDisposable & { path: string }> {
  const own = await mkdtemp(path.join(os.tmpdir(), 'bugghost-migrations-'))
  await cp(folder, own, { recursive: true })
  const file = path.join(own, 'meta', '_journal.json')
  const journal = Journal.parse(JSON.parse(await readFile(file, 'utf8')))
  await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.filter(({ when }) => when <= newest) }))
  return { path: own, [Symbol.asyncDispose]: () => rm(own, { recursive: true, force: true }) }
}
const Journal = z.looseObject({ entries: z.array(z.looseObject({ when: z.number() })) })

/** Old code on a newer schema could write rows that nobody can read, so it does not start. */
export function refuseNewer(appliedUpTo: number | null, known: readonly number[]): void {
  if (appliedUpTo === null || appliedUpTo <= Math.max(...known)) return
  throw new Error(
    'This database was migrated by a newer version of Bug Ghost, which this one cannot read. Start the newer version, or restore a backup from before it.',
  )
}
