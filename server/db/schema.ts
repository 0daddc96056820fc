import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

/** Facts about this installation, one a row. */
export const meta = pgTable('meta', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
})

/**
 * One row a run. Whatever a person or a program wrote is JSON in a `text` column: code may hold NUL and half surrogates,
 * which JSON.stringify writes as escapes, and which both `text` (bare) and `jsonb` refuse.
 */
export const runs = pgTable(
  'runs',
  {
    runId: text('run_id').primaryKey(),
    actorId: text('actor_id').notNull(),
    instance: text('instance').notNull(),
    language: text('language').notNull(),
    version: text('version').notNull(),
    /** How it was asked to run: mode, flags, terminal, patterns of the files to give back. Runs of the first release have none. */
    options: text('options').notNull().default('{}'),
    files: text('files').notNull(),
    entry: text('entry').notNull(),
    stdin: text('stdin').notNull(),
    args: text('args').notNull(),
    env: text('env').notNull(),
    limits: text('limits').notNull(),
    image: text('image').notNull(),
    imageDigest: text('image_digest').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull(),
    /** Kept beside `files`, so that a page of history does not read every file of every run. */
    excerpt: text('excerpt').notNull(),
    /** What a search looks through, as plain text. Null in runs of before there was one: their `files` are searched as they are. */
    search: text('search'),
    /** JSON, like everything a person wrote. */
    name: text('name'),
    pinned: boolean('pinned').notNull().default(false),
    /** Of `ending`, in the words of the API, for those who look for one. */
    status: text('status'),
    /** Both null until the run has ended, then written with its last event and never again. */
    ending: text('ending'),
    completedAt: timestamp('completed_at', { withTimezone: true, precision: 3 }),
  },
  (table) => [
    // Ascending, and read backwards for "newest first": a DESC index of Drizzle's is NULLS LAST, which no plain ORDER BY … DESC can use.
    index('runs_of_actor').on(table.actorId, table.createdAt, table.runId),
    index('runs_unfinished').on(table.instance).where(sql`${table.ending} is null`),
  ],
)

/** Runs that were: nothing of them but that. */
export const deletedRuns = pgTable('deleted_runs', {
  runId: text('run_id').primaryKey(),
  deletedAt: timestamp('deleted_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
})

/** A row for each batch of events as the log handed it over: a short run is one row, a long one some seven a second. */
export const runEvents = pgTable(
  'run_events',
  {
    runId: text('run_id')
      .notNull()
      .references(() => runs.runId, { onDelete: 'cascade' }),
    firstSeq: integer('first_seq').notNull(),
    lastSeq: integer('last_seq').notNull(),
    events: text('events').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.firstSeq] })],
)
