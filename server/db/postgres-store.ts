import { and, asc, desc, eq, gt, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type pg from 'pg'
import { z } from 'zod'
import { ActorId, RunId } from '../../protocol/ids.ts'
import { Limits } from '../../protocol/limits.ts'
import { Ending, Flags, Mode, RunEvent, RunFile, TerminalSize } from '../../protocol/run.ts'
import { TestName } from '../../protocol/test-report.ts'
import { statusOf } from '../../protocol/words.ts'
import { excerptOf, searchTextOf } from '../excerpt.ts'
import { type KeptSoFar, notYetKept } from '../not-yet-kept.ts'
import { endingOf, type RunFilter, type RunRecord, type Store, type StoredRun, type StoredRunSummary } from '../store.ts'
import type { Database } from './database.ts'
import { deletedRuns, runEvents, runs } from './schema.ts'
import { databaseError, isCut } from './unreachable.ts'

/**
 * Runs in PostgreSQL. While the database is away every method rejects with AppError `unavailable`, within 10 s.
 * Each write is one statement: it happens whole or not at all, and one that was cut off may be sent again.
 */
export function createPostgresStore({ db, pool }: Pick<Database, 'db' | 'pool'>): Store {
  const insertRun = db
    .insert(runs)
    .values(placeholders)
    // Sent twice when the answer to the first was lost. The id is random: nobody else's run can have it.
    .onConflictDoNothing()
    .prepare('create_run')
  const selectRun = db
    .select()
    .from(runs)
    .where(eq(runs.runId, sql.placeholder('runId')))
    .prepare('find_run')
  const selectEvents = db
    .select({ events: runEvents.events })
    .from(runEvents)
    .where(and(eq(runEvents.runId, sql.placeholder('runId')), gt(runEvents.lastSeq, sql.placeholder('after'))))
    .orderBy(asc(runEvents.firstSeq))
    .prepare('read_events')

  return {
    async createRun(run) {
      await ask(pool, () =>
        insertRun.execute({
          ...run,
          options: JSON.stringify(optionsOf(run)),
          files: JSON.stringify(run.files),
          entry: JSON.stringify(run.entry),
          stdin: JSON.stringify(run.stdin),
          args: JSON.stringify(run.args),
          env: JSON.stringify(run.env),
          limits: JSON.stringify(run.limits),
          excerpt: JSON.stringify(excerptOf(run.files, run.entry)),
          search: searchTextOf(run.files),
        }),
      )
    },

    async appendEvents(runId, events) {
      let rest = events
      // Again only when some of them were already there, or another writer came between.
      for (let tries = 0; rest.length > 0; tries++) {
        const appended = await ask(pool, () => append(pool, runId, rest))
        if (appended.added) return
        rest = notYetKept(runId, rest, appended)
        if (tries >= 5) throw new Error(`The events of run ${runId} cannot be kept: others keep writing to it.`)
      }
    },

    async findRun(runId) {
      const [row] = await ask(pool, () => selectRun.execute({ runId }))
      return row ? RunRow.parse(row) : null
    },

    async readEvents(runId, after) {
      // A caller may name any position; beyond what an integer column holds there is nothing.
      const rows = await ask(pool, () => selectEvents.execute({ runId, after: Math.min(after, 2 ** 31 - 1) }))
      return rows.flatMap((row) => EventsText.parse(row.events)).filter((event) => event.seq > after)
    },

    async listRuns(actorId, { limit, before, filter = {} }) {
      const page: (SQL | undefined)[] = [eq(runs.actorId, actorId), ...conditionsOf(filter)]
      if (before)
        page.push(sql`(${runs.createdAt}, ${runs.runId}) < (${before.createdAt.toISOString()}::timestamptz, ${before.runId})`)
      const { runId, language, version, limits, ending, createdAt, excerpt, name, pinned } = runs
      const rows = await ask(pool, () =>
        db
          .select({ runId, language, version, limits, ending, createdAt, excerpt, name, pinned })
          .from(runs)
          .where(and(...page))
          .orderBy(desc(runs.createdAt), desc(runs.runId))
          .limit(limit),
      )
      return rows.map((row) => SummaryRow.parse(row))
    },

    async updateRun(runId, { name, pinned, shared }) {
      const change = {
        ...(name === undefined ? {} : { name: name === null ? null : JSON.stringify(name) }),
        ...(pinned === undefined ? {} : { pinned }),
        ...(shared ? { shared } : {}),
      }
      if (Object.keys(change).length > 0) await ask(pool, () => db.update(runs).set(change).where(eq(runs.runId, runId)))
    },

    async deleteRun(runId) {
      // One statement, so one commit: what it wrote goes with it (on delete cascade).
      await ask(pool, () =>
        db.execute(sql`
          WITH gone AS (DELETE FROM ${runs} WHERE ${runs.runId} = ${runId} RETURNING ${runs.runId})
          INSERT INTO ${deletedRuns} (run_id) SELECT run_id FROM gone ON CONFLICT DO NOTHING`),
      )
    },

    async removalOf(runId) {
      const { removedBy, keptDays } = deletedRuns
      const [row] = await ask(pool, () =>
        db.select({ removedBy, keptDays }).from(deletedRuns).where(eq(deletedRuns.runId, runId)),
      )
      if (!row) return null
      return row.removedBy === 'owner' ? { by: 'owner' } : { by: row.removedBy, keptDays: row.keptDays ?? 0 }
    },

    async findInterrupted(isAlive) {
      const open = await ask(pool, () => db.selectDistinct({ instance: runs.instance }).from(runs).where(isNull(runs.ending)))
      const dead: string[] = []
      for (const { instance } of open) if (!(await isAlive(instance))) dead.push(instance)
      if (dead.length === 0) return []
      const rows = await ask(pool, () =>
        db
          .select()
          .from(runs)
          .where(and(isNull(runs.ending), inArray(runs.instance, dead))),
      )
      return rows.map((row) => RunRow.parse(row))
    },
  }
}

function conditionsOf({ text, language, status, pinned }: RunFilter): SQL[] {
  // The name is JSON; NUL cannot be in a parameter, nor in a text that is searched.
  const like = (wanted: string) => `%${wanted.replaceAll('\0', '').replace(/[\\%_]/g, '\\$&')}%`
  return [
    ...(text === undefined
      ? []
      : [
          sql`(coalesce(${runs.search}, ${runs.files}) ILIKE ${like(text)} OR ${runs.name} ILIKE ${like(JSON.stringify(text).slice(1, -1))})`,
        ]),
    ...(language === undefined ? [] : [eq(runs.language, language)]),
    ...(status === undefined ? [] : [eq(runs.status, status)]),
    ...(pinned === undefined ? [] : [eq(runs.pinned, true)]),
  ]
}

/**
 * One query, on another connection when the first turns out to be cut. After a restart of the database the pool may hold
 * nothing but such connections, and lets go of each as it fails. To be used only with what may be done twice.
 */
async function ask<T>(pool: pg.Pool, query: () => PromiseLike<T>): Promise<T> {
  for (let cut = 0; ; cut++) {
    try {
      return await query()
    } catch (error) {
      if (!isCut(error) || cut > pool.options.max) throw databaseError(error)
    }
  }
}

const columns = [
  'runId',
  'actorId',
  'instance',
  'language',
  'version',
  'options',
  'files',
  'entry',
  'stdin',
  'args',
  'env',
  'limits',
  'image',
  'imageDigest',
  'createdAt',
  'excerpt',
  'search',
] as const
const placeholders = Object.fromEntries(columns.map((name) => [name, sql.placeholder(name)])) as Record<
  (typeof columns)[number],
  ReturnType<typeof sql.placeholder>
>

type Appended = KeptSoFar & { added: boolean }

/** What the rows of a short run take beside its texts, with their places in the indexes. */
const overheadBytes = 2_048

/**
 * Events join what is kept only where that ends, and the ending is written with the last of them: one statement, so one commit.
 * What it finds otherwise is told, and the caller decides.
 */
const appendStatement = {
  name: 'append_events',
  text: `
    WITH run AS (SELECT ending IS NOT NULL AS ended FROM runs WHERE run_id = $1),
      kept AS (SELECT coalesce((SELECT last_seq FROM run_events WHERE run_id = $1 ORDER BY first_seq DESC LIMIT 1), -1) AS seq),
      added AS (
        INSERT INTO run_events (run_id, first_seq, last_seq, events)
        SELECT $1, $2::int, $3::int, $4::text FROM run, kept WHERE NOT run.ended AND kept.seq = $2::int - 1
        RETURNING run_id),
      ended AS (
        UPDATE runs SET ending = $5, status = $7, completed_at = created_at + $6::float8 * interval '1 millisecond',
          bytes = octet_length(files) + octet_length(stdin) + octet_length(coalesce(search, '')) + octet_length($4::text) + ${overheadBytes} +
            coalesce((SELECT sum(octet_length(events)) FROM run_events WHERE run_id = $1), 0)
        WHERE $5::text IS NOT NULL AND run_id IN (SELECT run_id FROM added))
    SELECT EXISTS (SELECT FROM added) AS added, kept.seq AS kept, EXISTS (SELECT FROM run) AS known,
      coalesce((SELECT run.ended FROM run), false) AS ended
    FROM kept`,
}
const uniqueViolation = '23505'

async function append(pool: pg.Pool, runId: RunId, events: readonly RunEvent[]): Promise<Appended> {
  const first = events[0]!
  const last = events.at(-1)!
  const ending = endingOf(last)
  const values = [
    runId,
    first.seq,
    last.seq,
    JSON.stringify(events),
    ending ? JSON.stringify(ending) : null,
    // The column keeps whole milliseconds.
    Math.round(last.at),
    ending ? statusOf(ending.verdict) : null,
  ]
  try {
    const { rows } = await pool.query<Appended>({ ...appendStatement, values })
    return rows[0]!
  } catch (error) {
    // Another writer put a batch there while we looked: nothing of ours was added, and the next look tells what there is.
    if ((error as { code?: string }).code !== uniqueViolation) throw error
    return { added: false, kept: first.seq - 1, known: true, ended: false }
  }
}

/** A column that holds JSON. */
const jsonText = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch (error) {
        context.addIssue({ code: 'custom', message: `no JSON: ${(error as Error).message}` })
        return z.NEVER
      }
    })
    .pipe(schema)

const EventsText = jsonText(z.array(RunEvent))

const SummaryRow = z.object({
  runId: RunId,
  language: z.string(),
  version: z.string(),
  limits: jsonText(Limits),
  ending: jsonText(Ending).nullable(),
  createdAt: z.date(),
  name: jsonText(z.string()).nullable(),
  pinned: z.boolean(),
  excerpt: jsonText(z.string()),
}) satisfies z.ZodType<StoredRunSummary>

/** What one column holds together, since nothing asks for a part of it. */
const Options = z.strictObject({
  mode: Mode.default('run'),
  only: z.array(TestName).default([]),
  flags: Flags.default({}),
  tty: TerminalSize.nullable().default(null),
  artifacts: z.array(z.string()).default([]),
})
const optionsOf = ({ mode, only, flags, tty, artifacts }: RunRecord): z.infer<typeof Options> => ({
  mode,
  only,
  flags,
  tty,
  artifacts,
})

const RunRow = SummaryRow.omit({ excerpt: true })
  .extend({
    actorId: ActorId,
    instance: z.string(),
    options: jsonText(Options),
    files: jsonText(z.array(RunFile)),
    entry: jsonText(z.string()),
    stdin: jsonText(z.string()),
    args: jsonText(z.array(z.string())),
    env: jsonText(z.record(z.string(), z.string())),
    image: z.string(),
    imageDigest: z.string(),
    completedAt: z.date().nullable(),
    shared: z.boolean(),
  })
  .transform(({ options, ...run }) => ({ ...run, ...options })) satisfies z.ZodType<StoredRun>
