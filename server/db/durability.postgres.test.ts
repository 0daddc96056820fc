import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RunId } from '../../protocol/ids.ts'
import { openDatabase } from './database.ts'
import { eventsOf } from './durability-events.ts'
import { createPostgresStore } from './postgres-store.ts'
import { findServing, processesIn } from './postmaster.ts'
import { makeTemporaryFolder, silent } from './test-postgres.ts'

let folder: string
let remove: () => Promise<void>
beforeEach(async () => {
  const made = await makeTemporaryFolder()
  folder = made.folder
  remove = made.remove
})
afterEach(() => remove())

const data = () => path.join(folder, 'pg')

/** Lets a server process write under load, and kills it (`everything`: PostgreSQL first) at a moment nobody chose. */
async function writeUntilKilled(acknowledged: Set<RunId>, everything: boolean): Promise<void> {
  const script = path.join(import.meta.dirname, 'durability-writer.ts')
  const writer = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: writer.stdout })
  const first = once(lines, 'line')
  lines.on('line', (line) => acknowledged.add(RunId.parse(line)))
  const ended = Promise.all([once(writer, 'exit'), once(lines, 'close')])
  await Promise.race([first, ended.then(() => Promise.reject(new Error('The writer ended before it wrote anything.')))])
  await sleep(Math.random() * 500)
  if (everything) await killPostgres(writer)
  else writer.kill('SIGKILL')
  await ended
}

async function killPostgres(writer: ChildProcess): Promise<void> {
  const serving = await findServing(data())
  if (serving.state !== 'serving') throw new Error('Nobody serves the data.')
  const all = await processesIn(data())
  writer.kill('SIGKILL')
  for (const pid of [serving.postmaster.pid, ...all]) killIfThere(pid)
  await vi.waitFor(async () => expect(await processesIn(data())).toEqual([]), { timeout: 10_000 })
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Every acknowledged run whole; and whatever else is there is a run whose events are a beginning of what was written. */
async function checkEverything(acknowledged: ReadonlySet<RunId>): Promise<number> {
  const database = await openDatabase({ dataDir: folder, log: silent })
  try {
    const store = createPostgresStore(database)
    for (const runId of acknowledged) {
      expect(await store.readEvents(runId, -1)).toEqual(eventsOf(runId))
      const run = await store.findRun(runId)
      expect(run?.ending).not.toBeNull()
      expect(run?.completedAt).not.toBeNull()
    }
    // The writer is dead, and that can be told by its lock.
    expect(await database.isAlive('writer')).toBe(false)
    const interrupted = await store.findInterrupted(database.isAlive)
    for (const { runId } of interrupted) {
      expect(acknowledged.has(runId)).toBe(false)
      const events = await store.readEvents(runId, -1)
      expect(events).toEqual(eventsOf(runId).slice(0, events.length))
    }
    return interrupted.length
  } finally {
    await database.close()
  }
}

test('twenty times everything is killed under load, and every acknowledged run is there, whole', async () => {
  const acknowledged = new Set<RunId>()
  for (let round = 1; round <= 20; round++) await writeUntilKilled(acknowledged, true)
  await checkEverything(acknowledged)
  console.log(`kill -9 of server and PostgreSQL, 20 times: ${acknowledged.size} acknowledged runs, all there`)
}, 240_000)

test('five times the server is killed alone, and the next one takes over with nothing lost', async () => {
  const acknowledged = new Set<RunId>()
  let pid: number | undefined
  for (let round = 1; round <= 5; round++) {
    await writeUntilKilled(acknowledged, false)
    const serving = await findServing(data())
    if (serving.state !== 'serving') throw new Error('PostgreSQL ended with the server.')
    pid ??= serving.postmaster.pid
    expect(serving.postmaster.pid).toBe(pid)
  }
  await checkEverything(acknowledged)
}, 120_000)
