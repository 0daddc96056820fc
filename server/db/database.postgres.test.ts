import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { sampleEvents, sampleRun } from '../sample-run.ts'
import { type Database, openDatabase } from './database.ts'
import { createPostgresStore } from './postgres-store.ts'
import { findServing } from './postmaster.ts'
import { startOutsidePostgres } from './test-outside-postgres.ts'
import { everyPostgres, makeTemporaryFolder, silent, type TestPostgres } from './test-postgres.ts'

const opened: Database[] = []
const left: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
  for (const remove of left.splice(0)) await remove()
})

async function open(url: string): Promise<Database> {
  const database = await openDatabase({ url, dataDir: '', log: silent })
  opened.push(database)
  return database
}

describe.each(everyPostgres)('%s', (_, start) => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await start()
  })
  afterAll(() => postgres?.stop())

  test('an installation has one id for good, and no two have the same', async () => {
    const [url, other] = [await postgres.createDatabase(), await postgres.createDatabase()]
    const [first, second] = await Promise.all([open(url), open(url)])
    expect(second.installationId).toBe(first.installationId)
    expect((await open(other)).installationId).not.toBe(first.installationId)
  })

  describe('a server process', () => {
    test('lives as long as it holds its instance, and for others no longer', async () => {
      const url = await postgres.createDatabase()
      const [one, other] = [await open(url), await open(url)]
      const instance = randomUUID()
      expect(await other.isAlive(instance)).toBe(false)
      await one.holdInstance(instance)
      await one.holdInstance(instance)
      expect(await one.isAlive(instance)).toBe(true)
      // However many ask at once: they do not take each other for it.
      const dead = randomUUID()
      const asked = Array.from({ length: 20 }, async () => [await other.isAlive(instance), await other.isAlive(dead)])
      expect(new Set((await Promise.all(asked)).flat().map(String))).toEqual(new Set(['true', 'false']))
      expect(await Promise.all(Array.from({ length: 20 }, () => other.isAlive(dead)))).not.toContain(true)
      await opened.splice(opened.indexOf(one), 1)[0]!.close()
      expect(await other.isAlive(instance)).toBe(false)
    })

    test('that lost its connection shows itself alive again', async () => {
      const url = await postgres.createDatabase()
      const [one, other] = [await open(url), await open(url)]
      const instance = randomUUID()
      await one.holdInstance(instance)
      await postgres.cutConnections()
      await vi.waitFor(async () => expect(await other.isAlive(instance)).toBe(true), { timeout: 10_000 })
      await one.check()
      await other.check()
    })
  })

  test('a database that is not there is refused at once, since no waiting brings it', async () => {
    const url = (await postgres.createDatabase()).replace(/test_\w+/, 'nowhere')
    await expect(openDatabase({ url, dataDir: '', log: silent })).rejects.toThrow('"nowhere" does not exist')
  })
})

test('an address that is none is refused without repeating its password', async () => {
  const opening = openDatabase({ url: 'postgres://me:hunter2@[bad/db', dataDir: '', log: silent })
  await expect(opening).rejects.toThrow('DATABASE_URL is not a URL')
  await expect(opening).rejects.not.toThrow('hunter2')
})

test('while our own PostgreSQL is dead every question gets its answer, and then all goes on', async () => {
  const { folder, remove } = await makeTemporaryFolder()
  left.push(remove)
  const database = await openDatabase({ dataDir: folder, log: silent })
  opened.push(database)
  const store = createPostgresStore(database)
  const run = sampleRun()
  await store.createRun(run)
  const servedBy = async () => {
    const serving = await findServing(`${folder}/pg`)
    return serving.state === 'serving' && serving.postmaster.ready ? serving.postmaster.pid : undefined
  }
  const killed = await servedBy()
  if (!killed) throw new Error('Nobody serves.')
  process.kill(killed, 'SIGKILL')
  await vi.waitFor(
    async () => {
      // Done or refused, whenever it is asked: and as often as one likes.
      await store.appendEvents(run.runId, sampleEvents()).catch((error) => expect(error).toMatchObject({ code: 'unavailable' }))
      const now = await servedBy()
      expect(now).toBeDefined()
      expect(now).not.toBe(killed)
    },
    { timeout: 20_000, interval: 5 },
  )
  await vi.waitFor(() => database.check(), { timeout: 20_000 })
  await store.appendEvents(run.runId, sampleEvents())
  expect(await store.readEvents(run.runId, -1)).toEqual(sampleEvents())
  await opened.pop()?.close()
  await expect(database.check()).rejects.toMatchObject({ code: 'unavailable', message: 'PostgreSQL is shut down.' })
})

test.each([
  ['is shut down', 'shutDown', 'start'],
  ['stands still, as when the network to it is cut,', 'freeze', 'thaw'],
] as const)(
  'while an outside PostgreSQL %s every question is refused, and then all goes on',
  { timeout: 90_000 },
  async (_, stop, goOn) => {
    const outside = await startOutsidePostgres()
    left.push(outside.remove)
    const database = await open(outside.url('postgres'))
    const instance = randomUUID()
    await database.holdInstance(instance)
    const store = createPostgresStore(database)
    const run = sampleRun()
    await store.createRun(run)

    await outside[stop]()
    // Each more than once: what the first one learns of its connection must not be all there is to it.
    const questions = [
      () => database.check(),
      () => store.findRun(run.runId),
      () => store.appendEvents(run.runId, sampleEvents()),
      () => database.isAlive('somebody'),
    ]
    const asked = [...questions, ...questions].map((ask) => expect(ask()).rejects.toMatchObject({ code: 'unavailable' }))
    await Promise.all(asked)

    await outside[goOn]()
    await vi.waitFor(() => database.check(), { timeout: 30_000, interval: 20 })
    await store.appendEvents(run.runId, sampleEvents())
    expect(await store.readEvents(run.runId, -1)).toEqual(sampleEvents())
    const other = await open(outside.url('postgres'))
    await vi.waitFor(async () => expect(await other.isAlive(instance)).toBe(true), { timeout: 30_000, interval: 20 })
  },
)
