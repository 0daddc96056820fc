import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { startOutsidePostgres } from './test-outside-postgres.ts'

export const silent = pino({ level: 'silent' })

export async function makeTemporaryFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bugghost-test-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

export type TestPostgres = {
  /** The URL of a new, empty database: what DATABASE_URL would be. */
  createDatabase(): Promise<string>
  /** Cuts every connection but this one, as a restart of an outside PostgreSQL does. */
  cutConnections(): Promise<void>
  stop(): Promise<void>
}

/** Every PostgreSQL that is promised to do, for `describe.each`: what is said of one has to hold for the other. */
export const everyPostgres: [name: string, start: () => Promise<TestPostgres>][] = [
  ['the embedded PostgreSQL', startTestPostgres],
  ["the system's PostgreSQL", startOutsideTestPostgres],
]

/** For tests: an embedded PostgreSQL of its own in a temporary folder, with as many empty databases as asked for. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const { folder, remove } = await makeTemporaryFolder()
  const server = await startEmbeddedPostgres({ dataDir: folder, log: silent })
  const { user, host, port } = server.config
  return around(`postgres://${user}@localhost:${port}/postgres?host=${host}`, async () => {
    await server.close()
    await remove()
  })
}

async function startOutsideTestPostgres(): Promise<TestPostgres> {
  const server = await startOutsidePostgres()
  return around(server.url('postgres'), server.remove)
}

function around(url: string, stopServer: () => Promise<void>): TestPostgres {
  const admin = new pg.Pool({ connectionString: url, max: 1 })
  admin.on('connect', (client) => client.on('error', () => {}))
  return {
    async createDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`
      await admin.query(`CREATE DATABASE ${name}`)
      return url.replace('/postgres?', `/${name}?`).replace(/\/postgres$/, `/${name}`)
    },
    async cutConnections() {
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL',
      )
    },
    async stop() {
      await admin.end()
      await stopServer()
    },
  }
}
