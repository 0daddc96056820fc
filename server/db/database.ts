import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import type { Logger } from 'pino'
import { AppError } from '../../protocol/errors.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { endConnections } from './end-connections.ts'
import { holdInstance, type InstanceLock, isHeld } from './instance-lock.ts'
import { migrate } from './migrate.ts'
import { meta } from './schema.ts'
import { databaseError, isUnreachable } from './unreachable.ts'

export type Database = {
  db: NodePgDatabase
  pool: pg.Pool
  /** Random, made once for this database: tells one installation's containers from another's on the same engine. */
  installationId: string
  /** Resolves when the database answered just now; rejects with AppError `unavailable` and the reason, within 10 s. */
  check(): Promise<void>
  /** Shows others that this server process lives, until `close`. Asked again for the same instance it changes nothing. */
  holdInstance(instance: string): Promise<void>
  /** Whether the server process of this instance lives, on any machine that uses this database. */
  isAlive(instance: string): Promise<boolean>
  /** Waits for queries under way (they end by themselves within 10 s), then shuts down what it started. */
  close(): Promise<void>
}

/**
 * Nothing waits for ever: a request that meets a database in trouble is refused within 10 s. `query_timeout` is ours, for a
 * connection that went silent; `statement_timeout` is PostgreSQL's, and ends the work too.
 */
const timeouts = {
  connectionTimeoutMillis: 3_000,
  statement_timeout: 5_000,
  query_timeout: 6_000,
  idle_in_transaction_session_timeout: 10_000,
}
const poolSize = 20
/** In compose, PostgreSQL and the server start together. */
const firstAnswerWithinMs = 30_000

/**
 * A database brought up to date and ready: the one at `url`, or one of our own under `dataDir`.
 * Rejects with what to do when it cannot be had within half a minute.
 */
export async function openDatabase(options: { url?: string; dataDir: string; log: Logger }): Promise<Database> {
  const { url, dataDir, log } = options
  const embedded = url ? undefined : await startEmbeddedPostgres({ dataDir, log })
  try {
    return await connect(embedded?.config ?? { connectionString: url }, embedded, log)
  } catch (error) {
    await embedded?.close()
    throw error
  }
}

async function connect(config: pg.PoolConfig, embedded: EmbeddedPostgres | undefined, log: Logger): Promise<Database> {
  await migrateOnceItAnswers(config, log)

  const pool = new pg.Pool({ ...config, ...timeouts, max: poolSize, keepAlive: true, application_name: 'bugghost' })
  // A connection that is cut while nobody uses it. The pool has already let it go; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'A waiting database connection was cut'))
  // The pool stops listening to a connection it lets go of, and one that is cut in just that moment would end the process too.
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = drizzle(pool)
  const held = new Map<string, Promise<InstanceLock>>()

  const installationId = await readInstallationId(db)

  return {
    db,
    pool,
    installationId,
    async check() {
      try {
        await pool.query('SELECT 1')
      } catch (error) {
        const message = embedded?.trouble() ?? `The database does not answer: ${reasonOf(error)}`
        throw new AppError('unavailable', message, { cause: error })
      }
    },
    async holdInstance(instance) {
      const holding = held.get(instance) ?? holdInstance({ ...config, ...timeouts }, instance, log)
      held.set(instance, holding)
      try {
        await holding
      } catch (error) {
        held.delete(instance)
        throw databaseError(error)
      }
    },
    async isAlive(instance) {
      // Ourselves need not be asked, and may just be taking the lock again.
      if (held.has(instance)) return true
      try {
        return await isHeld(pool, instance)
      } catch (error) {
        throw databaseError(error)
      }
    },
    async close() {
      for (const lock of await Promise.allSettled(held.values())) if (lock.status === 'fulfilled') await lock.value.release()
      await endConnections(pool, timeouts.query_timeout + timeouts.connectionTimeoutMillis)
      await embedded?.close()
    },
  }
}

async function migrateOnceItAnswers(config: pg.PoolConfig, log: Logger): Promise<void> {
  const deadline = Date.now() + firstAnswerWithinMs
  for (let waited = false; ; waited = true) {
    try {
      return await migrate(config)
    } catch (error) {
      if ((error as { code?: string }).code === 'ERR_INVALID_URL')
        // Without the cause: it holds the whole text, and so the password.
        throw new Error('DATABASE_URL is not a URL. It looks like postgres://user:password@host:5432/database.')
      if (!isUnreachable(error)) throw error
      if (Date.now() > deadline)
        throw new Error(
          `The database does not answer: ${reasonOf(error)}. Start it, correct DATABASE_URL, or leave DATABASE_URL out to use a database of Bug Ghost's own.`,
          { cause: error },
        )
      if (!waited) log.warn({ reason: reasonOf(error) }, 'Waiting for the database')
      await sleep(500)
    }
  }
}

async function readInstallationId(db: NodePgDatabase): Promise<string> {
  const key = 'installation_id'
  await db.insert(meta).values({ key, value: randomUUID() }).onConflictDoNothing()
  const [row] = await db.select({ value: meta.value }).from(meta).where(eq(meta.key, key))
  if (!row) throw new Error('The installation id was written and is not there.')
  return row.value
}

function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error ? first.message : String(first)
}
