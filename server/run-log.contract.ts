import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunId } from '../protocol/ids.ts'
import type { RunEvent } from '../protocol/run.ts'
import type { RunLog } from './run-log.ts'
import { sampleEvents, sampleRun, sampleRunId, unnumbered } from './sample-run.ts'
import type { Store } from './store.ts'

/**
 * What every run log must do. `open` gives the store that the logs of this suite keep their runs in; `openLog` gives one,
 * as a server process has it, with nothing in memory.
 */
export function describeRunLog(
  name: string,
  open: () => Promise<{ store: Store; openLog(store: Store): RunLog; close(): Promise<void> }>,
): void {
  describe(`a run log (${name})`, () => {
    let store: Store
    let openLog: (store: Store) => RunLog
    let close: () => Promise<void>
    const logs: RunLog[] = []
    beforeAll(async () => {
      const opened = await open()
      store = opened.store
      openLog = opened.openLog
      close = opened.close
    })
    afterEach(async () => {
      for (const log of logs.splice(0)) await log.close()
    })
    afterAll(() => close?.())

    function newLog(): RunLog {
      const log = openLog(store)
      logs.push(log)
      return log
    }
    async function newRun(): Promise<RunId> {
      const run = sampleRun()
      await store.createRun(run)
      return run.runId
    }
    const appendAll = (log: RunLog, runId: RunId, events: readonly RunEvent[]) =>
      events.map((event) => log.append(runId, unnumbered(event)))

    test('numbers what happens in the order it is told', async () => {
      const log = newLog()
      const runId = await newRun()
      expect(appendAll(log, runId, sampleEvents(['a', 'b']))).toEqual(sampleEvents(['a', 'b']))
    })

    test('keeps two runs apart', async () => {
      const log = newLog()
      const [one, other] = [await newRun(), await newRun()]
      const [a, b] = [sampleEvents(['a']), sampleEvents(['b'])]
      for (let n = 0; n < a.length; n++) {
        log.append(one, unnumbered(a[n]!))
        log.append(other, unnumbered(b[n]!))
      }
      expect(await readAll(log, one)).toEqual(a)
      expect(await readAll(log, other)).toEqual(b)
    })

    test('takes nothing after the end', async () => {
      const log = newLog()
      const runId = await newRun()
      appendAll(log, runId, sampleEvents())
      expect(() => log.append(runId, { at: 99, type: 'input', text: 'late' })).toThrow('finished')
    })

    describe('keeps', () => {
      test('everything before the end for good once it is flushed', async () => {
        const log = newLog()
        const runId = await newRun()
        const events = sampleEvents(['a', 'b'])
        appendAll(log, runId, events.slice(0, 2))
        await log.flushed(runId)
        expect(await store.readEvents(runId, -1)).toEqual(events.slice(0, 2))
        expect((await store.findRun(runId))?.ending).toBeNull()
      })

      test('the end, without being asked to hurry', async () => {
        const log = newLog()
        const runId = await newRun()
        const events = sampleEvents(['a', 'b'])
        appendAll(log, runId, events)
        await log.flushed(runId)
        expect(await store.readEvents(runId, -1)).toEqual(events)
        expect((await store.findRun(runId))?.ending).not.toBeNull()
      })

      test('what nobody flushes, when it closes', async () => {
        const log = newLog()
        const runId = await newRun()
        appendAll(log, runId, sampleEvents().slice(0, 2))
        await log.close()
        expect(await store.readEvents(runId, -1)).toHaveLength(2)
      })

      test('nothing of a run it has not heard of, which is at once', async () => {
        await newLog().flushed(sampleRunId())
      })
    })

    describe('a reader', () => {
      test('that comes before the run gets everything', async () => {
        const log = newLog()
        const run = sampleRun()
        const reading = readAll(log, run.runId)
        await store.createRun(run)
        appendAll(log, run.runId, sampleEvents(['a', 'b']))
        expect(await reading).toEqual(sampleEvents(['a', 'b']))
      })

      test('that comes before the run has a row gets everything, and the run is kept once it has one', async () => {
        const log = newLog()
        const run = sampleRun()
        const reading = readAll(log, run.runId)
        appendAll(log, run.runId, sampleEvents(['early']))
        expect(await reading).toEqual(sampleEvents(['early']))
        await store.createRun(run)
        await log.flushed(run.runId)
        expect(await store.readEvents(run.runId, -1)).toEqual(sampleEvents(['early']))
      })

      test('that comes during the run gets what was, then what comes, each as it comes', async () => {
        const log = newLog()
        const runId = await newRun()
        const events = sampleEvents(['a', 'b', 'c'])
        appendAll(log, runId, events.slice(0, 2))
        const reader = log.read(runId, { after: -1 })[Symbol.asyncIterator]()
        expect((await reader.next()).value).toEqual(events.slice(0, 2))
        for (const event of events.slice(2)) {
          const next = reader.next()
          log.append(runId, unnumbered(event))
          expect((await next).value).toEqual([event])
        }
        expect((await reader.next()).done).toBe(true)
      })

      test('that comes after the run gets everything, also from another process', async () => {
        const runId = await newRun()
        const first = newLog()
        appendAll(first, runId, sampleEvents(['a', 'b']))
        await first.flushed(runId)
        for (const log of [first, newLog()]) {
          expect(await readAll(log, runId)).toEqual(sampleEvents(['a', 'b']))
          expect(await readAll(log, runId, 1)).toEqual(sampleEvents(['a', 'b']).slice(2))
        }
      })

      test.each([3, 4, 1000])('of a finished run that has seen %i, the last event or more, is done at once', async (after) => {
        const runId = await newRun()
        const first = newLog()
        appendAll(first, runId, sampleEvents(['a', 'b']))
        await first.flushed(runId)
        for (const log of [first, newLog()]) expect(await readAll(log, runId, after)).toEqual([])
      })

      test('of a run of another process gets its end when that is kept', async () => {
        const runId = await newRun()
        const events = sampleEvents(['a', 'b'])
        await store.appendEvents(runId, events.slice(0, 1))
        const reader = newLog().read(runId, { after: -1 })[Symbol.asyncIterator]()
        expect((await reader.next()).value).toEqual(events.slice(0, 1))
        const next = reader.next()
        await store.appendEvents(runId, events.slice(1))
        expect((await next).value).toEqual(events.slice(1))
        expect((await reader.next()).done).toBe(true)
      })

      test('that takes its time is given what it missed in one piece, and slows nobody down', async () => {
        const log = newLog()
        const runId = await newRun()
        const slow = log.read(runId, { after: -1 })[Symbol.asyncIterator]()
        const first = slow.next()
        const events = sampleEvents(Array.from({ length: 500 }, (_, n) => `${n}\n`))
        log.append(runId, unnumbered(events[0]!))
        expect((await first).value).toEqual(events.slice(0, 1))
        const quick = readAll(log, runId)
        appendAll(log, runId, events.slice(1))
        expect(await quick).toEqual(events)
        expect((await slow.next()).value).toEqual(events.slice(1))
        expect((await slow.next()).done).toBe(true)
      })

      test('is one of hundreds, and each gets every event once, wherever it starts', async () => {
        const log = newLog()
        const runId = await newRun()
        const events = sampleEvents(Array.from({ length: 50 }, (_, n) => `${n}`))
        const reading = Array.from({ length: 300 }, (_, n) => readAll(log, runId, (n % 20) - 1))
        for (const event of events) {
          log.append(runId, unnumbered(event))
          // Now and then the readers get a turn, so that some sleep and some are awake when the next event comes.
          if (event.seq % 3 === 0) await Promise.resolve()
          if (event.seq % 7 === 0) await new Promise(setImmediate)
        }
        for (const [n, read] of (await Promise.all(reading)).entries()) expect(read).toEqual(events.slice(n % 20))
      })

      test.each([
        ['before the run', 0],
        ['while it waits for more', 2],
      ])('that goes away %s is done', async (_, told) => {
        const log = newLog()
        const runId = await newRun()
        const gone = new AbortController()
        appendAll(log, runId, sampleEvents().slice(0, told))
        const seen: RunEvent[] = []
        const reading = (async () => {
          for await (const events of log.read(runId, { after: -1, signal: gone.signal })) seen.push(...events)
        })()
        await new Promise(setImmediate)
        gone.abort()
        await reading
        expect(seen).toHaveLength(told)
      })

      test('that is gone before it came is done', async () => {
        const log = newLog()
        const runId = await newRun()
        const seen = []
        for await (const events of log.read(runId, { after: -1, signal: AbortSignal.abort() })) seen.push(events)
        expect(seen).toEqual([])
      })

      test('is let go when the log closes', async () => {
        const log = newLog()
        const runId = await newRun()
        log.append(runId, { at: 0, type: 'started', stage: 'run' })
        const reading = Promise.all([readAll(log, runId), readAll(log, sampleRunId())])
        await new Promise(setImmediate)
        await log.close()
        expect(await reading).toEqual([[{ seq: 0, at: 0, type: 'started', stage: 'run' }], []])
      })
    })
  })
}

export async function readAll(log: RunLog, runId: RunId, after = -1): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const events of log.read(runId, { after })) all.push(...events)
  return all
}
