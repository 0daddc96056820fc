import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { appliedUpTo } from '../migrate.ts'
import { endOfRows, formatVersion, lineOf } from './backup-format.ts'
import { columnList, quoted, readPlainly, type Table, tablesOf } from './tables.ts'
import { createTally, type Tally } from './tally.ts'

export type TableTally = Tally & { table: string }

/**
 * Everything that is kept, as of one moment, while whoever writes goes on: a backup, piece by piece as it is asked for.
 * `onTable` hears of each table when it is through.
 */
export async function* dump(
  client: pg.Client,
  { secret, madeAt, onTable }: { secret: string | null; madeAt: Date; onTable: (tally: TableTally) => void },
): AsyncGenerator<Buffer> {
  await readPlainly(client)
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const schema = await appliedUpTo(client)
  if (schema === null) throw new Error('There is nothing of Bug Ghost in this database.')
  yield lineOf({ format: 'bugghost-backup', version: formatVersion, schema, made_at: madeAt.toISOString() })
  if (secret !== null) yield lineOf({ secret })
  for (const table of await tablesOf(client)) {
    yield lineOf({ table: table.name, columns: table.columns })
    const tally = createTally()
    for await (const chunk of rowsOf(client, table)) {
      tally.add(chunk)
      yield chunk
    }
    yield endOfRows
    const found = tally.result()
    yield lineOf(found)
    onTable({ table: table.name, ...found })
  }
  yield lineOf({ end: true })
  await client.query('COMMIT')
}

/** Rows of a table in COPY's text format; the pieces end where they happen to. */
export function rowsOf(client: pg.Client, table: Table): AsyncIterable<Buffer> {
  return client.query(copyTo(`COPY (SELECT ${columnList(table)} FROM ${quoted(table.name)}) TO STDOUT`))
}
