import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { endConnections } from '../end-connections.ts'
import { appliedUpTo, knownMigrations, migrate } from '../migrate.ts'
import { createLineReader, formatVersion, HeaderLine, Line } from './backup-format.ts'
import { rowsOf, type TableTally } from './dump.ts'
import { columnList, isOurs, quoted, readPlainly, type Table } from './tables.ts'
import { createTally, type Tally } from './tally.ts'

/**
 * Puts a backup into an empty database: all of it, or nothing. What arrived is read back and compared with what was sent before
 * it counts; `onTable` hears of each table then. Brings the schema to today's afterwards. Gives the key, if there was one.
 */
export async function load(
  config: pg.ClientConfig,
  source: AsyncIterable<Buffer>,
  { onTable }: { onTable: (tally: TableTally) => void },
): Promise<{ secret: string | null }> {
  const lines = createLineReader(source)
  const header = HeaderLine.safeParse(await lines.line())
  if (!header.success) throw new Error('This is not a backup of Bug Ghost, or it is damaged.')
  const { version, schema } = header.data
  if (version > formatVersion || schema > Math.max(...knownMigrations()))
    throw new Error('This backup was made by a newer version of Bug Ghost. Restore it with that version.')

  const client = new pg.Client({ ...config, application_name: 'bugghost transfer', keepAlive: true })
  // Whatever is under way rejects with the same reason.
  client.on('error', () => {})
  await client.connect()
  try {
    // Looked at before anything is changed, and once more when nobody else can write.
    await refuseUsed(client)
    // Empty as it is, tables of a newer version are in the way: what came since must happen to the rows as well.
    if (((await appliedUpTo(client)) ?? 0) > schema)
      await client.query('DROP TABLE IF EXISTS run_events, runs, deleted_runs, meta; DROP TABLE drizzle.__drizzle_migrations')
    await migrate(config, { upTo: schema })
    await readPlainly(client)
    await client.query('BEGIN')
    await client.query('LOCK TABLE meta, runs, run_events IN ACCESS EXCLUSIVE MODE')
    await refuseUsed(client)
    // A server that was started on it once has left its id there.
    await client.query('DELETE FROM meta')
    const loaded: { table: Table; sent: Tally }[] = []
    let secret: string | null = null
    for (;;) {
      const line = Line.parse(await lines.line())
      if ('end' in line) break
      if ('secret' in line) secret = line.secret
      else if ('table' in line) loaded.push(await loadTable(client, { name: line.table, columns: line.columns }, lines))
      else throw new Error('The backup is damaged: a table lacks its name.')
    }
    for (const { table, sent } of loaded) {
      const tally = createTally()
      for await (const chunk of rowsOf(client, table)) tally.add(chunk)
      compare(table.name, sent, tally.result(), 'arrived')
      onTable({ table: table.name, ...sent })
    }
    await client.query('COMMIT')
    await migrate(config)
    // Until autovacuum comes by, the planner would take every table for an empty one.
    await client.query('ANALYZE')
    return { secret }
  } finally {
    await endConnections(client)
  }
}

async function loadTable(client: pg.Client, table: Table, lines: ReturnType<typeof createLineReader>) {
  if (!isOurs(table.name)) throw new Error(`The backup holds a table "${table.name}", which Bug Ghost does not have.`)
  const tally = createTally()
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const rows of lines.rows()) {
      tally.add(rows)
      yield rows
    }
  }
  const into = client.query(copyFrom(`COPY ${quoted(table.name)} (${columnList(table)}) FROM STDIN`))
  await pipeline(Readable.from(counted(), { objectMode: false }), into)
  const sent = Line.parse(await lines.line())
  if (!('rows' in sent)) throw new Error('The backup is damaged: a table lacks its sum.')
  compare(table.name, sent, tally.result(), 'is in it')
  return { table, sent }
}

function compare(name: string, sent: Tally, found: Tally, verb: string): void {
  if (sent.rows === found.rows && sent.checksum === found.checksum) return
  throw new Error(
    `Of ${name}, ${sent.rows} rows (${sent.checksum}) were written and ${found.rows} (${found.checksum}) ${verb}. Nothing was changed.`,
  )
}

/** Runs that are there would be mixed with those that come; a server that is there would go on under another's id. */
async function refuseUsed(client: pg.Client): Promise<void> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT name FROM unnest(ARRAY['runs', 'deleted_runs']) AS name WHERE to_regclass('public.' || name) IS NOT NULL`,
  )
  for (const { name } of tables) {
    const { rowCount } = await client.query(`SELECT FROM ${quoted(name)} LIMIT 1`)
    if (rowCount) throw new Error('The database that is to be filled holds runs already. Give it an empty one.')
  }
  await refuseServed(client, 'is to be filled')
}

/** Throws when a Bug Ghost server is connected to this database. */
export async function refuseServed(client: pg.Client, what: string): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name IN ('bugghost', 'bugghost instance') LIMIT 1`,
  )
  if (rowCount) throw new Error(`A Bug Ghost server works on the database that ${what}. Stop it first.`)
}
