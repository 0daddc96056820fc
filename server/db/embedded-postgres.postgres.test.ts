import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { findServing, processesIn } from './postmaster.ts'
import { makeTemporaryFolder, silent } from './test-postgres.ts'

// The temporary folder is private to whoever runs the tests, as /root is: for root this is the case of a data folder that the
// account PostgreSQL runs as cannot walk to.
let folder: string
let remove: () => Promise<void>
const opened: { close(): Promise<void> }[] = []
beforeEach(async () => {
  const made = await makeTemporaryFolder()
  folder = made.folder
  remove = made.remove
})
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
  await remove()
})

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: folder, log: silent })
  opened.push(server)
  return server
}
async function ask<T extends pg.QueryResultRow>(server: EmbeddedPostgres, sql: string): Promise<T[]> {
  const client = new pg.Client(server.config)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<T>(sql)).rows
  } finally {
    await client.end()
  }
}
async function postmasterPid(): Promise<number> {
  const serving = await findServing(data())
  if (serving.state !== 'serving') throw new Error(`nobody serves: ${serving.state}`)
  return serving.postmaster.pid
}
const data = () => path.join(folder, 'pg')
const script = path.join(import.meta.dirname, 'durability-writer.ts')

/** A server process of its own that has the database open and writes to it. */
async function startElsewhere(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  return child
}
async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

describe('a database of our own', () => {
  test('is made at the first start, kept at the second, and gone from the machine after each', async () => {
    const first = await start()
    await ask(first, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.close()
    expect(await processesIn(data())).toEqual([])
    await expect(stat(first.config.host!)).rejects.toThrow('ENOENT')
    const second = await start()
    expect(await ask(second, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  test('is durable, not on the network, in UTF-8, UTC and an order that does not depend on the machine', async () => {
    const rows = await ask<{ name: string; setting: string }>(
      await start(),
      `SELECT name, setting FROM pg_settings WHERE name IN
        ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'server_encoding', 'TimeZone', 'data_checksums')
       UNION SELECT 'locale', datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = current_database()`,
    )
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      listen_addresses: '',
      server_encoding: 'UTF8',
      TimeZone: 'UTC',
      data_checksums: 'on',
      locale: 'b C.UTF-8',
    })
  })

  test('never runs as root, and lets nobody else at its data and its socket', async () => {
    const server = await start()
    for (const private_ of [data(), server.config.host!]) {
      const { uid, mode } = await stat(private_)
      expect(uid).not.toBe(0)
      expect(mode & 0o077).toBe(0)
    }
  })

  test('whose making was broken off is made anew', async () => {
    const unfinished = path.join(folder, 'pg.new-2147483646-x')
    await mkdir(path.join(unfinished, 'base'), { recursive: true })
    await ask(await start(), 'SELECT 1')
    expect(await readdir(folder)).toEqual(['pg'])
  })

  test('survives the server being killed while it is made', async () => {
    const child = spawn(process.execPath, [script, folder], { stdio: 'ignore' })
    await vi.waitFor(async () => expect((await readdir(folder)).some((name) => name.startsWith('pg.new-'))).toBe(true), {
      timeout: 20_000,
      interval: 10,
    })
    await kill(child)
    await ask(await start(), 'SELECT 1')
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual(['pg']))
  })
})

describe('is refused, with what to do', () => {
  test('a folder that holds something else', async () => {
    await mkdir(data())
    await writeFile(path.join(data(), 'thesis.txt'), 'precious')
    await expect(start()).rejects.toThrow('is not a PostgreSQL data folder')
    expect(await readdir(data())).toEqual(['thesis.txt'])
  })

  test('data of another version', async () => {
    await mkdir(data())
    await writeFile(path.join(data(), 'PG_VERSION'), '12\n')
    await expect(start()).rejects.toThrow('was written by PostgreSQL 12')
  })

  test('data that a PostgreSQL has open which nobody can reach any more', async () => {
    const child = await startElsewhere()
    const pid = await postmasterPid()
    await kill(child)
    const serving = await findServing(data())
    if (serving.state === 'serving') await rm(serving.postmaster.socketFolder, { recursive: true })
    await expect(start()).rejects.toThrow(`kill -INT ${pid}`)
    process.kill(pid, 'SIGINT')
    await vi.waitFor(async () => expect(await processesIn(data())).toEqual([]), { timeout: 10_000 })
    await ask(await start(), 'SELECT 1')
  })

  test('a second server on the same data, and the first goes on', async () => {
    const first = await start()
    await expect(startEmbeddedPostgres({ dataDir: folder, log: silent })).rejects.toThrow(
      `Another Bug Ghost server (pid ${process.pid}) uses ${data()}. Stop it first`,
    )
    expect(await ask(first, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(first.trouble()).toBeNull()
  })

  test.each(['nothing', 'data'])(
    'all but one of several that start at once on %s, and the one goes on',
    async (what) => {
      if (what === 'data') await (await start()).close()
      const all = await Promise.allSettled(Array.from({ length: 3 }, start))
      const [won] = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const refused = all.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
      expect(refused).toHaveLength(2)
      for (const reason of refused) expect(reason).toContain('Another Bug Ghost server')
      expect(await ask(won!, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      expect(won!.trouble()).toBeNull()
      // Each of them makes a database, which is a thousand small files to sync.
    },
    120_000,
  )
})

describe('a killed server', () => {
  test('leaves PostgreSQL running, and the next one takes it over and shuts it down', async () => {
    const child = await startElsewhere()
    const pid = await postmasterPid()
    await kill(child)
    const server = await start()
    expect(await postmasterPid()).toBe(pid)
    const [row] = await ask<{ runs: number }>(server, 'SELECT count(*)::int AS runs FROM runs')
    expect(row?.runs).toBeGreaterThan(0)
    await server.close()
    expect(await processesIn(data())).toEqual([])
  })

  test('and a killed PostgreSQL leave a pid file that is in nobody’s way, even when the pid is taken by now', async () => {
    const child = await startElsewhere()
    const pid = await postmasterPid()
    await kill(child)
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(async () => expect(await processesIn(data())).toEqual([]))
    const leftSocket = (await readFile(path.join(data(), 'postmaster.pid'), 'utf8')).split('\n')[4]!
    // A process of the same user, as after a restart of the machine: PostgreSQL itself takes it for a server.
    const owner = await stat(data())
    const taken = spawn('sleep', ['1000'], { cwd: '/', uid: owner.uid, gid: owner.gid, stdio: 'ignore' })
    try {
      await once(taken, 'spawn')
      const pidFile = path.join(data(), 'postmaster.pid')
      await writeFile(pidFile, (await readFile(pidFile, 'utf8')).replace(/^\d+/, String(taken.pid)))
      const [row] = await ask<{ runs: number }>(await start(), 'SELECT count(*)::int AS runs FROM runs')
      expect(row?.runs).toBeGreaterThan(0)
      await expect(stat(leftSocket)).rejects.toThrow('ENOENT')
    } finally {
      taken.kill('SIGKILL')
    }
  })
})

describe('a PostgreSQL that dies', () => {
  test('is started again at the same address, as often as it takes, and says so meanwhile', async () => {
    const server = await start()
    await ask(server, 'CREATE TABLE kept AS SELECT 42 AS answer')
    for (let times = 0; times < 3; times++) {
      expect(server.trouble()).toBeNull()
      const pid = await postmasterPid()
      process.kill(pid, 'SIGKILL')
      await vi.waitFor(() => expect(server.trouble()).toContain('PostgreSQL'), { interval: 1 })
      await vi.waitFor(() => expect(server.trouble()).toBeNull(), { timeout: 20_000 })
      expect(await ask(server, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
      expect(await postmasterPid()).not.toBe(pid)
    }
  })

  // A server that closed just as its PostgreSQL was there again waited for ever.
  test('does not keep us from closing, whenever we do', async () => {
    for (let afterMs = 0; afterMs <= 400; afterMs += 50) {
      const server = await start()
      process.kill(await postmasterPid(), 'SIGKILL')
      await sleep(afterMs)
      await server.close()
      expect(server.trouble()).toBe('PostgreSQL is shut down.')
      await vi.waitFor(async () => expect(await processesIn(data())).toEqual([]), { timeout: 10_000 })
    }
  }, 120_000)

  test('is killed on closing when it only stands still', async () => {
    const server = await start()
    const standing = await processesIn(data())
    for (const pid of standing) process.kill(pid, 'SIGSTOP')
    await server.close()
    // Its children end when they see it gone, which those that stand still do not.
    for (const pid of await processesIn(data())) process.kill(pid, 'SIGCONT')
    await vi.waitFor(async () => expect(await processesIn(data())).toEqual([]), { timeout: 10_000 })
  }, 60_000)

  test('is not the same as one that cuts its connections', async () => {
    const server = await start()
    const pid = await postmasterPid()
    await ask(
      server,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL',
    )
    const owners = `SELECT count(*)::int AS owners FROM pg_stat_activity WHERE application_name LIKE 'bugghost owner%'`
    await vi.waitFor(async () => expect(await ask(server, owners)).toEqual([{ owners: 1 }]), { timeout: 10_000 })
    expect(await postmasterPid()).toBe(pid)
    await expect(startEmbeddedPostgres({ dataDir: folder, log: silent })).rejects.toThrow('Another Bug Ghost server')
  })
})

test('a folder that is gone after it was closed is a new one', async () => {
  const server = await start()
  await server.close()
  await rm(data(), { recursive: true })
  await ask(await start(), 'SELECT 1')
})
