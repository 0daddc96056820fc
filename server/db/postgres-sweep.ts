import { sql } from 'drizzle-orm'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import { z } from 'zod'
import { RunId } from '../../protocol/ids.ts'
import type { Expired, OldRun, OpenSweep, Sweep } from '../retention.ts'
import type { Database } from './database.ts'
import { deletedRuns, disposable, runs, toKeep } from './schema.ts'

const sweepLock = 6_201_774_004
/** Adding up what ten million runs take is a walk through an index, and nobody waits for it. */
const statementTimeoutMs = 120_000
/** Rather later than keep a request waiting, or wait for one. */
const lockTimeoutMs = 1_000

/** One server at a time: two that make room at once would make twice as much. */
export function createOpenSweep({ pool }: Pick<Database, 'pool'>, { keepShared }: { keepShared: boolean }): OpenSweep {
  return async (work) => {
    const client = await pool.connect()
    try {
      const { rows } = await client.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1) AS free', [sweepLock])
      if (!rows[0]?.free) return 'busy'
      await client.query(`SET statement_timeout = ${statementTimeoutMs}; SET lock_timeout = ${lockTimeoutMs}`)
      await work(createSweep(patient(client), keepShared))
      // The end of the session would take the lock with it too, but only when the server has noticed it.
      await client.query('SELECT pg_advisory_unlock($1)', [sweepLock])
      return 'done'
    } finally {
      // Ends the session, and with it the settings, and the lock if something went wrong.
      client.release(true)
    }
  }
}

/** Our own patience, beside PostgreSQL's, is set for requests. */
function patient(client: pg.PoolClient): NodePgDatabase {
  const query = client.query.bind(client) as (config: object, values?: unknown[]) => Promise<unknown>
  return drizzle({
    client: Object.assign(Object.create(client), {
      query: (config: object, values?: unknown[]) => query({ ...config, query_timeout: statementTimeoutMs }, values),
    }) as pg.PoolClient,
  })
}

function createSweep(db: NodePgDatabase, keepShared: boolean): Sweep {
  const oldestOf = (which: typeof disposable, limit: number) =>
    sql`(SELECT run_id, created_at, coalesce(bytes, 0) AS bytes FROM ${runs} WHERE ${which(runs)} ORDER BY created_at, run_id LIMIT ${limit})`
  return {
    async totalBytes() {
      // Two walks through an index each, rather than one through the runs themselves.
      const sumOf = (which: typeof disposable) => sql`(SELECT coalesce(sum(bytes), 0) FROM ${runs} WHERE ${which(runs)})`
      const { rows } = await db.execute(sql`SELECT (${sumOf(disposable)} + ${sumOf(toKeep)})::float8 AS total`)
      return z.object({ total: z.number() }).parse(rows[0]).total
    },
    async oldest(limit) {
      const { rows } = keepShared
        ? await db.execute(oldestOf(disposable, limit))
        : await db.execute(
            sql`${oldestOf(disposable, limit)} UNION ALL ${oldestOf(toKeep, limit)} ORDER BY created_at, run_id LIMIT ${limit}`,
          )
      return rows.map((row) => OldRunRow.parse(row))
    },
    async remove(expired) {
      if (expired.length === 0) return []
      const ids = sql.param(expired.map(({ runId }) => runId))
      const may = keepShared ? disposable(runs) : sql`${runs.ending} is not null`
      // One statement, so one commit; what is looked at by somebody just now stays until the next time.
      const { rows } = await db.execute(sql`
        WITH free AS (SELECT run_id FROM ${runs} WHERE run_id = ANY(${ids}::text[]) AND ${may} FOR UPDATE SKIP LOCKED),
          gone AS (DELETE FROM ${runs} WHERE run_id IN (SELECT run_id FROM free) RETURNING run_id),
          told AS (SELECT * FROM unnest(${ids}::text[], ${sql.param(expired.map(({ by }) => by))}::text[],
            ${sql.param(expired.map(({ keptDays }) => keptDays))}::int[]) AS t(run_id, removed_by, kept_days))
        INSERT INTO ${deletedRuns} (run_id, removed_by, kept_days)
        SELECT run_id, removed_by, kept_days FROM told JOIN gone USING (run_id)
        ON CONFLICT (run_id) DO UPDATE SET removed_by = excluded.removed_by, kept_days = excluded.kept_days
        RETURNING run_id`)
      const gone = new Set(rows.map((row) => z.object({ run_id: RunId }).parse(row).run_id))
      return expired.filter(({ runId }: Expired) => gone.has(runId))
    },
  }
}

/** Through `execute` a time and a bigint come as text. */
const OldRunRow = z
  .object({ run_id: RunId, created_at: z.coerce.date(), bytes: z.coerce.number() })
  .transform(({ run_id, created_at, bytes }): OldRun => ({ runId: run_id, createdAt: created_at, bytes }))
