/**
 * For tests that kill: opens the database under the folder it is given and keeps run after run, eight at a time, through the
 * same log and store as the server. Prints the id of each run once it is acknowledged, a line each, until it is killed.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { createLocalRunLog } from '../local-run-log.ts'
import { sampleRun, unnumbered } from '../sample-run.ts'
import { openDatabase } from './database.ts'
import { eventsOf } from './durability-events.ts'
import { createPostgresStore } from './postgres-store.ts'

const dataDir = process.argv[2]
if (!dataDir) throw new Error('usage: node durability-writer.ts <data folder>')

const log = pino({ level: 'warn' }, pino.destination(2))
const database = await openDatabase({ dataDir, log })
const store = createPostgresStore(database)
const runLog = createLocalRunLog({ store, log })
await database.holdInstance('writer')

async function keepRuns(): Promise<never> {
  for (;;) {
    const run = sampleRun({ instance: 'writer' })
    await store.createRun(run)
    for (const event of eventsOf(run.runId)) {
      runLog.append(run.runId, unnumbered(event))
      // Some runs are written in one batch, some in several.
      if (event.seq % 5 === 4) await sleep(event.seq % 3 ? 0 : 120)
    }
    await runLog.flushed(run.runId)
    // At once and whole, so that nothing is acknowledged that is still in a buffer of ours.
    writeSync(1, `${run.runId}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, keepRuns))
