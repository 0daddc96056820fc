import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { endConnections } from './end-connections.ts'

/** Beside this file in the source, and beside dist/server.mjs (as dist/migrations) in the bundle: the same relative path. */
export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url))

// Several servers may start at once on one database.
const migrationLock = 6_201_774_001
/** A migration of another server that takes longer than this is worth a look by a person. */
const lockWaitMs = 120_000
const lockNotAvailable = '55P03'

/**
 * Brings the schema up to date: all that is missing in one transaction, so a server killed in the middle leaves the schema as
 * it was. Rejects, changing nothing, when the database was already brought further by a newer version of Bug Ghost.
 */
export async function migrate(config: pg.ClientConfig, folder = migrationsFolder): Promise<void> {
  // A connection of its own: a migration may take longer than any query of the server is allowed to.
  const client = new pg.Client({ ...config, statement_timeout: 0, query_timeout: 0, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {
    // The query under way rejects with the same reason.
  })
  await client.connect()
  try {
    await client.query(`SET lock_timeout = ${lockWaitMs}`)
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]).catch((cause: { code?: string }) => {
      if (cause.code !== lockNotAvailable) throw cause
      throw new Error('Another server has been migrating this database for two minutes. See what it does, then start again.', {
        cause,
      })
    })
    refuseNewer(
      await appliedUpTo(client),
      readMigrationFiles({ migrationsFolder: folder }).map((migration) => migration.folderMillis),
    )
    await applyMigrations(drizzle(client), { migrationsFolder: folder })
  } finally {
    // Ends the session, and with it the lock.
    await endConnections(client)
  }
}

/** When the newest migration that the database has was made, in milliseconds; null for a new database. */
async function appliedUpTo(client: pg.Client): Promise<number | null> {
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

/** Old code on a newer schema could write rows that nobody can read, so it does not start. */
export function refuseNewer(appliedUpTo: number | null, known: readonly number[]): void {
  if (appliedUpTo === null || appliedUpTo <= Math.max(...known)) return
  throw new Error(
    'This database was migrated by a newer version of Bug Ghost, which this one cannot read. Start the newer version, or restore a backup from before it.',
  )
}
