import { createReadStream, createWriteStream } from 'node:fs'
import { link, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import pg from 'pg'
import type { Logger } from 'pino'
import { endConnections } from '../end-connections.ts'
import { refuseOld } from '../server-version.ts'
import { dump, type TableTally } from './dump.ts'
import { load, refuseServed } from './load.ts'
import { type OpenPlace, openPlace, type Place } from './place.ts'

// What an operator does with a whole database. Each streams, and needs no more memory for ten million events than for ten.

export type Report = { log: Logger; onTable: (tally: TableTally) => void }

/** Carries everything from one database to another, whose own is empty. The source stays as it is. */
export async function move(from: Place, to: Place, report: Report): Promise<void> {
  await using source = closing(await openPlace(from, 'alone', report.log))
  await using target = closing(await openPlace(to, 'new', report.log))
  await using client = await connect(source)
  // What it writes from now on would be left behind.
  await refuseServed(client.pg, 'is to be moved')
  // The key is a file and stays where it is: `to` is served with the same data folder.
  await load(target.config, dump(client.pg, { secret: null, madeAt: new Date(), onTable: () => {} }), report)
}

/** Writes everything, and the key of the data folder, into a file that is whole or not there. Servers may go on working. */
export async function backUp(from: Place, dataDir: string, file: string, report: Report): Promise<{ withKey: boolean }> {
  await using source = closing(await openPlace(from, 'beside', report.log))
  await using client = await connect(source)
  const secret = await readKeyFile(dataDir)
  const unfinished = `${file}.part-${process.pid}`
  try {
    // People's code and a key: nobody else may read it.
    const into = createWriteStream(unfinished, { mode: 0o600, flags: 'wx', flush: true })
    await pipeline(
      Readable.from(dump(client.pg, { secret, madeAt: new Date(), onTable: report.onTable }), { objectMode: false }),
      createGzip(),
      into,
    )
    await link(unfinished, file).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? new Error(`${file} is there already. Give another name, or remove it.`) : error
    })
  } finally {
    await rm(unfinished, { force: true })
  }
  await syncFolder(path.dirname(file))
  return { withKey: secret !== null }
}

/** Fills an empty database from a backup, and the data folder with the key that was in it. */
export async function restore(
  file: string,
  to: Place,
  dataDir: string,
  report: Report,
): Promise<{ key: 'none' | 'same' | 'written' }> {
  // Before anything is started: most mistakes are in the name.
  await (await open(file)).close()
  await using target = closing(await openPlace(to, 'new', report.log))
  const bytes = createReadStream(file).pipe(createGunzip())
  const { secret } = await load(target.config, bytes, report).catch((error: { code?: string }) => {
    if (error.code?.startsWith('Z_')) throw new Error(`${file} is cut off, damaged, or no backup of Bug Ghost.`, { cause: error })
    throw error
  })
  if (secret === null) return { key: 'none' }
  return { key: await writeKeyFile(dataDir, secret) }
}

async function connect(source: OpenPlace) {
  const client = new pg.Client({ ...source.config, application_name: 'bugghost transfer', keepAlive: true })
  // Whatever is under way rejects with the same reason.
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query<{ version: number }>(`SELECT current_setting('server_version_num')::int AS version`)
  refuseOld(rows[0]?.version ?? 0)
  return { pg: client, [Symbol.asyncDispose]: () => endConnections(client) }
}

const closing = (place: OpenPlace) => ({ ...place, [Symbol.asyncDispose]: () => place.close() })

const keyFile = (dataDir: string): string => path.join(dataDir, 'secret')

async function readKeyFile(dataDir: string): Promise<string | null> {
  return readFile(keyFile(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/** Another key that is there is kept aside: it signed the cookies of whoever came before the backup was restored. */
async function writeKeyFile(dataDir: string, secret: string): Promise<'same' | 'written'> {
  const there = await readKeyFile(dataDir)
  if (there === secret) return 'same'
  if (there !== null) await rename(keyFile(dataDir), `${keyFile(dataDir)}.before-restore-${Date.now()}`)
  await mkdir(dataDir, { recursive: true })
  await writeFile(keyFile(dataDir), secret, { mode: 0o600, flag: 'wx', flush: true })
  return 'written'
}

/** A name is kept for good when the folder that holds it is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
