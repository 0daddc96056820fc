import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

export const silent = pino({ level: 'silent' })

export async function makeTemporaryFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bugghost-test-'))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** For tests: a PostgreSQL of its own in a temporary folder, with as many empty databases as asked for. */
export async function startTestPostgres() {
  const { folder, remove } = await makeTemporaryFolder()
  const server = await startEmbeddedPostgres({ dataDir: folder, log: silent })
  const admin = new pg.Pool({ ...server.config, max: 1 })
  admin.on('connect', (client) => client.on('error', () => {}))
  return {
    /** The URL of a new, empty database: what DATABASE_URL would be. */
    async createDatabase(): Promise<string> {
      const name = `test_${randomBytes(6).toString('hex')}`
      await admin.query(`CREATE DATABASE ${name}`)
      return `postgres://${server.config.user}@localhost:${server.config.port}/${name}?host=${server.config.host}`
    },
    /** Cuts every connection but this one, as a restart of an outside PostgreSQL does. */
    async cutConnections(): Promise<void> {
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL',
      )
    },
    async stop(): Promise<void> {
      await admin.end()
      await server.close()
      await remove()
    },
  }
}
