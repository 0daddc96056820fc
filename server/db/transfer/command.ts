/** `npm run db:move`, `db:backup` and `db:restore`; in an image, `node dist/database.mjs move`, `backup` and `restore`. */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { readEnv } from '../../env.ts'
import type { TableTally } from './dump.ts'
import { nameOf, type Place, placeOf } from './place.ts'
import { backUp, move, restore } from './transfer.ts'

const usage = `Usage: npm run db:backup -- <file>
       npm run db:restore -- <file>
       npm run db:move -- [--from <place>] [--to <place>]

  db:backup   writes everything, and the key that signs cookies, into a new file; servers may go on working
  db:restore  fills an empty database from such a file, and the data folder with the key
  db:move     carries everything to another, empty database and compares; no server may work on either

A place is a URL (postgres://user:password@host:5432/database) or a data folder with a database of Bug Ghost's own.
Backup and restore take the one that DATABASE_URL and BUGGHOST_DATA_DIR name; move goes from the data folder to DATABASE_URL.`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { from: { type: 'string' }, to: { type: 'string' }, help: { type: 'boolean', default: false } },
  })
  const [verb, file, ...more] = positionals
  const { databaseUrl, dataDir: named } = readEnv()
  const dataDir = path.resolve(named)
  const served: Place = databaseUrl ? placeOf(databaseUrl) : placeOf(dataDir)
  const report = { log: pino({ level: 'warn' }, pino.destination(2)), onTable: print }

  if (verb === 'move' && file === undefined && !values.help) {
    const from = placeOf(values.from ?? dataDir)
    if (!values.to && !databaseUrl) throw new Error('Say where to: set DATABASE_URL, or give --to.')
    const to = placeOf(values.to ?? databaseUrl ?? '')
    await move(from, to, report)
    console.log(
      `All of ${nameOf(from)} is in ${nameOf(to)}, compared row for row. The old one is as it was: remove it when you like.`,
    )
    return 0
  }
  if (
    values.help ||
    file === undefined ||
    more.length > 0 ||
    values.from ||
    values.to ||
    (verb !== 'backup' && verb !== 'restore')
  ) {
    console.log(usage)
    return values.help ? 0 : 2
  }
  if (verb === 'backup') {
    const { withKey } = await backUp(served, dataDir, path.resolve(file), report)
    console.log(
      `${nameOf(served)} is in ${file}${withKey ? ', with the key that signs cookies: keep it where nobody else can read it' : ''}.`,
    )
    if (!withKey)
      console.log(`There is no key in ${dataDir}, so none is in the backup. Without it visitors do not find their runs again.`)
    return 0
  }
  const { key } = await restore(path.resolve(file), served, dataDir, report)
  console.log(`${file} is in ${nameOf(served)}, compared row for row.`)
  if (key === 'written') console.log(`The key that signs cookies is in ${dataDir}.`)
  if (key === 'none') console.log('The backup held no key that signs cookies: visitors do not find their runs again.')
  return 0
}

function print({ table, rows, checksum }: TableTally): void {
  console.log(`${table.padEnd(14)} ${String(rows).padStart(10)} rows  ${checksum}`)
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: Error) => {
    console.error(`! ${error.message}`)
    process.exitCode = 1
  },
)
