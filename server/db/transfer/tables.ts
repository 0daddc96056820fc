import { getTableName } from 'drizzle-orm'
import type pg from 'pg'
import { deletedRuns, meta, runEvents, runs } from '../schema.ts'

/** All that is kept, in the order in which rows may arrive: events need their run. */
const names: string[] = [meta, runs, runEvents, deletedRuns].map(getTableName)

export type Table = { name: string; columns: string[] }

/** Those this database has, as it has them: one of an older version may lack some. */
export async function tablesOf(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT table_name AS name, array_agg(column_name::text ORDER BY ordinal_position) AS columns
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name = ANY($1)
     GROUP BY 1 ORDER BY array_position($1, table_name::text)`,
    [names],
  )
  return rows
}

/** What COPY and LOCK take. Our own names, but a backup is a file that somebody may have edited. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const columnList = ({ columns }: Table): string => columns.map(quoted).join(', ')
export const isOurs = (name: string): boolean => names.includes(name)

/** What a value looks like as text must not depend on the server or on who asks. */
export async function readPlainly(client: pg.Client): Promise<void> {
  await client.query(`SET client_encoding = 'UTF8'; SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'; SET search_path = public`)
}
