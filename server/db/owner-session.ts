import pg from 'pg'
import { endConnections } from './end-connections.ts'
import { databaseName, databaseUser, socketPort } from './postgres-settings.ts'

/** A connection that makes an embedded PostgreSQL ours for as long as it lasts. */
export type OwnerSession = { ended: Promise<void>; close(): Promise<void> }

// An advisory lock belongs to a session and dies with its process, however that dies: no file can be left behind.
const ownerLock = 6_201_774_003
/** A killed owner's session ends within milliseconds; one that is shutting down takes PostgreSQL with it. */
const lockWaitMs = 3_000
const lockNotAvailable = '55P03'
const ownedElsewhere = 'owned-elsewhere'

/** Rejects with a sentence for people when another server owns it, else with what `pg` says. */
export async function openOwnerSession({ host, folder }: { host: string; folder: string }): Promise<OwnerSession> {
  const client = new pg.Client({
    host,
    port: socketPort,
    user: databaseUser,
    // Advisory locks are of one database, and this one always exists.
    database: 'postgres',
    ssl: false,
    application_name: `bugghost owner ${process.pid}`,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  })
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()))
  // Why it ended does not matter: whoever waits for `ended` looks for themselves.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(`SET lock_timeout = ${lockWaitMs}`)
    await client.query('SELECT pg_advisory_lock($1)', [ownerLock]).catch(async (error: { code?: string }) => {
      if (error.code !== lockNotAvailable) throw error
      const message = `Another Bug Ghost server${await ownerOf(client)} uses ${folder}. Stop it first, or give this one its own data folder, or give both the same DATABASE_URL.`
      throw Object.assign(new Error(message), { code: ownedElsewhere })
    })
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName])
    if (!rowCount) await client.query(`CREATE DATABASE ${databaseName}`)
  } catch (error) {
    await endConnections(client)
    throw error
  }
  return { ended, close: () => endConnections(client) }
}

export function isOwnedElsewhere(error: unknown): boolean {
  return (error as { code?: unknown }).code === ownedElsewhere
}

async function ownerOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'bugghost owner %'`,
  )
  const pid = rows[0]?.name.split(' ').at(-1)
  return pid ? ` (pid ${pid})` : ''
}
