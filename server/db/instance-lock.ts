import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import { endConnections } from './end-connections.ts'

/**
 * How others know that a server process lives: it holds a PostgreSQL session lock on its instance id. The lock goes with the
 * connection, the connection with the process, so nothing has to be renewed and no clock decides who is dead.
 * (It needs a session of its own: a connection pooler that shares sessions between clients cannot carry it.)
 */
export type InstanceLock = { release(): Promise<void> }

/** Two 32-bit keys make the 64-bit one; instances are random, so two that collide are not to be expected in any lifetime. */
export function lockKeyOf(instance: string): string {
  return createHash('sha256').update(`instance ${instance}`).digest().readBigInt64BE(0).toString()
}

/**
 * Takes the lock, and takes it again whenever the connection is lost, until released. Between the two the process looks dead to
 * others: after a restart of an outside PostgreSQL, that is for as long as reconnecting takes.
 */
export async function holdInstance(config: pg.ClientConfig, instance: string, log: Logger): Promise<InstanceLock> {
  const releasing = new AbortController()
  let held = await take(config, instance)

  async function keep(): Promise<void> {
    for (let failures = 0; ; ) {
      await held.lost
      if (releasing.signal.aborted) return
      log.warn('The connection that shows this server to be alive was lost: connecting again')
      for (;;) {
        try {
          if (failures > 0) await sleep(Math.min(5_000, 100 * 2 ** failures), undefined, { signal: releasing.signal })
          failures++
          held = await take(config, instance)
          failures = 0
          break
        } catch (error) {
          if (releasing.signal.aborted) return
          log.warn({ reason: (error as Error).message }, 'No connection yet')
        }
      }
      if (releasing.signal.aborted) await held.close()
    }
  }
  const keeping = keep()

  return {
    async release() {
      releasing.abort()
      await held.close()
      await keeping
    },
  }
}

async function take(config: pg.ClientConfig, instance: string) {
  const client = new pg.Client({ ...config, application_name: 'bugghost instance', keepAlive: true })
  const lost = new Promise<void>((resolve) => client.once('end', () => resolve()))
  // `end` follows, and whoever waits for it takes the lock again.
  client.on('error', () => {})
  const close = () => endConnections(client)
  try {
    await client.connect()
    // Whoever asks about us holds it for a moment only, so this waits for no more than that.
    await client.query('SELECT pg_advisory_lock($1)', [lockKeyOf(instance)])
  } catch (error) {
    await close()
    throw error
  }
  return { lost, close }
}

/** Whether somebody holds the lock of this instance. Shared and for one statement, so those who ask do not see each other. */
export async function isHeld(pool: pg.Pool, instance: string): Promise<boolean> {
  const { rows } = await pool.query<{ free: boolean }>('SELECT pg_try_advisory_xact_lock_shared($1) AS free', [
    lockKeyOf(instance),
  ])
  return rows[0]?.free === false
}
