import { existsSync } from 'node:fs'
import path from 'node:path'
import type { ClientConfig } from 'pg'
import type { Logger } from 'pino'
import { startEmbeddedPostgres } from '../embedded-postgres.ts'
import { databaseName, databaseUser, socketPort } from '../postgres-settings.ts'
import { findServing } from '../postmaster.ts'

/** Where a database is: at a URL, or in a data folder of ours. */
export type Place = { kind: 'url'; url: string } | { kind: 'folder'; dataDir: string }

export type OpenPlace = { config: ClientConfig; close(): Promise<void> }

/** What a person gave for a place. Throws when it is neither. */
export function placeOf(text: string): Place {
  if (!/^postgres(ql)?:/.test(text)) return { kind: 'folder', dataDir: path.resolve(text) }
  // Without the text: it holds a password.
  if (!URL.canParse(text))
    throw new Error('This is not a URL of a database. It looks like postgres://user:password@host:5432/database.')
  return { kind: 'url', url: text }
}

/** For people: never with a password. */
export function nameOf(place: Place): string {
  if (place.kind === 'folder') return `the database in ${place.dataDir}`
  const { hostname, port, pathname } = new URL(place.url)
  return `the database ${pathname.slice(1) || 'of its user'} on ${hostname}${port && `:${port}`}`
}

/**
 * `beside`: also where a server of ours works, which goes on. `alone`: refused where one does. `new`: alone, and a folder that
 * holds nothing yet gets a database.
 */
export async function openPlace(place: Place, how: 'beside' | 'alone' | 'new', log: Logger): Promise<OpenPlace> {
  if (place.kind === 'url') return { config: { connectionString: place.url }, close: async () => {} }
  const { dataDir } = place
  const folder = path.join(dataDir, 'pg')
  if (how !== 'new' && !existsSync(folder)) throw new Error(`There is no database in ${dataDir}.`)
  const serving = how === 'beside' ? await findServing(folder) : null
  if (serving?.state === 'serving') {
    const host = serving.postmaster.socketFolder
    return {
      config: { host, port: socketPort, user: databaseUser, database: databaseName, ssl: false },
      close: async () => {},
    }
  }
  return startEmbeddedPostgres({ dataDir, log })
}
