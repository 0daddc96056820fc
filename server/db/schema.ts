import { sql } from 'drizzle-orm'
import { type AnyPgColumn, bigint, boolean, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

/** Facts about this installation, one a row. */
export const meta = pgTable('meta', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
})

type Marks = Record<'ending' | 'shared' | 'pinned' | 'name', AnyPgColumn>
/** Has ended, and nobody has shown that they want it. The same words in a query, or its index is not used. */
export const disposable = ({ ending, shared, pinned, name }: Marks) =>
  sql`${ending} is not null and not ${shared} and not ${pinned} and ${name} is null`
export const toKeep = ({ ending, shared, pinned, name }: Marks) =>
  sql`${ending} is not null and (${shared} or ${pinned} or ${name} is not null)`

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
    /** How it was asked to run: mode, chosen tests, flags, terminal, patterns of the files to give back. Runs of the first release have none. */
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
    /** Whether somebody else than its owner has read it, or its owner gave the address away. */
    shared: boolean('shared').notNull().default(false),
    /** Of `ending`, in the words of the API, for those who look for one. */
    status: text('status'),
    /** Null until the run has ended, then written with its last event and never again. */
    ending: text('ending'),
    completedAt: timestamp('completed_at', { withTimezone: true, precision: 3 }),
    /** What is kept of it, events included, before PostgreSQL compresses it. Written with the ending. */
    bytes: bigint('bytes', { mode: 'number' }),
  },
  (table) => [
    // Ascending, and read backwards for "newest first": a DESC index of Drizzle's is NULLS LAST, which no plain ORDER BY … DESC can use.
    index('runs_of_actor').on(table.actorId, table.createdAt, table.runId),
    // Oldest first, and what they hold, for the retention: those it may remove, and those that only a setting gives it.
    index('runs_disposable').on(table.createdAt, table.runId, table.bytes).where(disposable(table)),
    index('runs_to_keep').on(table.createdAt, table.runId, table.bytes).where(toKeep(table)),
    index('runs_unfinished').on(table.instance).where(sql`${table.ending} is null`),
  ],
)

/** Runs that were: nothing of them but that, and why. */
export const deletedRuns = pgTable('deleted_runs', {
  runId: text('run_id').primaryKey(),
  deletedAt: timestamp('deleted_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  removedBy: text('removed_by', { enum: ['owner', 'age', 'room'] })
    .notNull()
    .default('owner'),
  /** How long it had been kept; null when its owner deleted it. */
  keptDays: integer('kept_days'),
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
