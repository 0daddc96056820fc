import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ActorId, type RunId } from '../protocol/ids.ts'
import type { RunEvent } from '../protocol/run.ts'
import { sampleEnding, sampleEvents, sampleRun, sampleRunId } from './sample-run.ts'
import type { RunFilter, RunRecord, Store, StoredRun } from './store.ts'

/** How a run is while nothing has happened to it. */
const untouched = { ending: null, completedAt: null, name: null, pinned: false, shared: false }

/** What every store must do. `open` gives an empty one, once for the whole suite. */
export function describeStore(name: string, open: () => Promise<{ store: Store; close(): Promise<void> }>): void {
  describe(`a store (${name})`, () => {
    let store: Store
    let close: () => Promise<void>
    let actor: ActorId
    beforeAll(async () => {
      const opened = await open()
      store = opened.store
      close = opened.close
    })
    afterAll(() => close?.())
    beforeEach(() => {
      actor = ActorId.parse(`visitor-${sampleRunId()}`)
    })

    async function created(more: Partial<RunRecord> = {}): Promise<RunRecord> {
      const run = sampleRun({ actorId: actor, ...more })
      await store.createRun(run)
      return run
    }

    describe('keeps a run', () => {
      test('with everything that was said of it, unfinished', async () => {
        const run = await created({ args: ['a b', ''], env: { LANG: 'C', EMPTY: '' } })
        expect(await store.findRun(run.runId)).toEqual({ ...run, ...untouched })
      })

      test.each(hostileTexts)('whose text holds %s, as it was', async (_, text) => {
        const run = await created({
          files: [{ path: 'main.py', content: text }],
          stdin: text,
          args: [text],
          env: { TEXT: text },
        })
        expect(await store.findRun(run.runId)).toEqual({ ...run, ...untouched })
      })

      test('with several files, in their order, base64 ones included', async () => {
        const files = [
          { path: 'b.py', content: 'import a' },
          { path: 'a.bin', content: 'AAH/', encoding: 'base64' as const },
          { path: 'dir/ü.py', content: '', encoding: 'utf8' as const },
        ]
        const run = await created({ files, entry: 'b.py' })
        expect((await store.findRun(run.runId))?.files).toEqual(files)
      })

      test('once, when it is created twice', async () => {
        const run = await created()
        await store.appendEvents(run.runId, sampleEvents())
        await store.createRun(run)
        expect((await store.findRun(run.runId))?.ending).toEqual(sampleEnding)
        expect(await store.listRuns(actor, { limit: 10 })).toHaveLength(1)
      })

      test('of which nobody has heard: there is none, and it has no events', async () => {
        expect(await store.findRun(sampleRunId())).toBeNull()
        expect(await store.readEvents(sampleRunId(), -1)).toEqual([])
      })
    })

    describe('keeps events', () => {
      test('in order, over several batches, from any position', async () => {
        const { runId } = await created()
        const events = sampleEvents(['a', 'b', 'c'])
        await store.appendEvents(runId, events.slice(0, 1))
        await store.appendEvents(runId, events.slice(1, 3))
        await store.appendEvents(runId, events.slice(3))
        for (const after of [-1, 0, 1, 2, 3, 4, 1e12])
          expect(await store.readEvents(runId, after)).toEqual(events.slice(after + 1))
      })

      test.each(hostileTexts)('whose text holds %s, as it was', async (_, text) => {
        const { runId } = await created()
        const events = sampleEvents([text])
        await store.appendEvents(runId, events)
        expect(await store.readEvents(runId, -1)).toEqual(events)
      })

      test('of every kind', async () => {
        const { runId } = await created()
        const events: RunEvent[] = [
          { seq: 0, at: 0.25, type: 'started', stage: 'compile' },
          { seq: 1, at: 1, type: 'output', stage: 'compile', stream: 'stderr', text: 'warning' },
          { seq: 2, at: 2, type: 'started', stage: 'run' },
          { seq: 3, at: 3, type: 'input', text: 'hi\n' },
          { seq: 4, at: 4, type: 'signal', signal: 'SIGINT' },
          { seq: 5, at: 5, type: 'input-end' },
          { seq: 6, at: 6.5, type: 'finished', ...sampleEnding, verdict: { kind: 'time-limit', clock: 'wall' } },
        ]
        await store.appendEvents(runId, events)
        expect(await store.readEvents(runId, -1)).toEqual(events)
      })

      test('of a run that wrote 1 MiB, half of it NUL-like', async () => {
        const { runId } = await created({ files: [{ path: 'main.py', content: '\0'.repeat(1024 * 1024) }] })
        const events = sampleEvents(Array.from({ length: 16 }, (_, n) => (n % 2 ? '\u0000\ufffd' : 'xy').repeat(32 * 1024)))
        await store.appendEvents(runId, events)
        expect(await store.readEvents(runId, -1)).toEqual(events)
        expect((await store.findRun(runId))?.files[0]?.content).toHaveLength(1024 * 1024)
      })

      test('no batch that is empty', async () => {
        const { runId } = await created()
        await store.appendEvents(runId, [])
        expect(await store.readEvents(runId, -1)).toEqual([])
      })

      test('once, when they are stored twice', async () => {
        const { runId } = await created()
        const events = sampleEvents(['a', 'b'])
        await store.appendEvents(runId, events)
        await store.appendEvents(runId, events)
        await store.appendEvents(runId, events.slice(1, 2))
        expect(await store.readEvents(runId, -1)).toEqual(events)
      })

      test('once, when batches overlap because the answer to the first was lost', async () => {
        const { runId } = await created()
        const events = sampleEvents(['a', 'b', 'c'])
        await store.appendEvents(runId, events.slice(0, 2))
        await store.appendEvents(runId, events)
        expect(await store.readEvents(runId, -1)).toEqual(events)
        expect((await store.findRun(runId))?.ending).toEqual(sampleEnding)
      })

      test('once, when two write the same at the same time', async () => {
        const { runId } = await created()
        const events = sampleEvents(['a', 'b', 'c'])
        await Promise.all([2, 5, 3, 4, 5, 1].map((length) => store.appendEvents(runId, events.slice(0, length))))
        expect(await store.readEvents(runId, -1)).toEqual(events)
      })

      test('of a known run only', async () => {
        await expect(store.appendEvents(sampleRunId(), sampleEvents())).rejects.toMatchObject({ code: 'not-found' })
      })

      test('only where the ones before are there', async () => {
        const { runId } = await created()
        const events = sampleEvents(['a', 'b', 'c'])
        await store.appendEvents(runId, events.slice(0, 1))
        await expect(store.appendEvents(runId, events.slice(3))).rejects.toThrow('missing')
        expect(await store.readEvents(runId, -1)).toEqual(events.slice(0, 1))
        expect((await store.findRun(runId))?.ending).toBeNull()
      })

      test('no new ones after the end', async () => {
        const { runId } = await created()
        const events = sampleEvents(['a'])
        await store.appendEvents(runId, events)
        const late: RunEvent = { seq: events.length, at: 9, type: 'output', stage: 'run', stream: 'stdout', text: 'late' }
        await expect(store.appendEvents(runId, [late])).rejects.toMatchObject({ code: 'conflict' })
        expect(await store.readEvents(runId, -1)).toEqual(events)
      })
    })

    test('the ending is kept with the last event, and the time it came', async () => {
      const run = await created({ createdAt: new Date('2026-03-01T10:00:00.250Z') })
      const events = sampleEvents(['a'], 1234.4)
      await store.appendEvents(run.runId, events.slice(0, -1))
      expect(await store.findRun(run.runId)).toMatchObject({ ending: null, completedAt: null })
      await store.appendEvents(run.runId, events.slice(-1))
      expect(await store.findRun(run.runId)).toEqual({
        ...run,
        ...untouched,
        ending: sampleEnding,
        completedAt: new Date('2026-03-01T10:00:01.484Z'),
      })
    })

    describe('lists', () => {
      test('the runs of one visitor, newest first, and nobody else sees them', async () => {
        const runs: RunRecord[] = []
        for (const ms of [3, 1, 2]) runs.push(await created({ createdAt: new Date(1_700_000_000_000 + ms) }))
        await store.createRun(sampleRun({ actorId: ActorId.parse(`other-${sampleRunId()}`) }))
        const listed = await store.listRuns(actor, { limit: 10 })
        expect(listed.map(({ runId }) => runId)).toEqual([runs[0]!.runId, runs[2]!.runId, runs[1]!.runId])
        expect(await store.listRuns(ActorId.parse('nobody'), { limit: 10 })).toEqual([])
      })

      test('what a line of history shows: its first line of code and how it ended', async () => {
        const files = [{ path: 'main.py', content: '\ufeff\r\n\t \n  print("\u0000\ud800")  \nprint(2)' }]
        const { runId, language, version, limits, createdAt } = await created({ files })
        const line = { runId, language, version, limits, createdAt, name: null, pinned: false, excerpt: 'print("\u0000\ud800")' }
        expect(await store.listRuns(actor, { limit: 10 })).toEqual([{ ...line, ending: null }])
        await store.appendEvents(runId, sampleEvents())
        expect(await store.listRuns(actor, { limit: 10 })).toEqual([{ ...line, ending: sampleEnding }])
      })

      test.each([1, 2, 3, 7])('every run once over pages of %i, also those of the same millisecond', async (limit) => {
        const all: RunRecord[] = []
        for (let n = 0; n < 7; n++) all.push(await created({ createdAt: new Date(1_700_000_000_000 + Math.floor(n / 3)) }))
        const seen: { runId: RunId; createdAt: Date }[] = []
        for (;;) {
          const before = seen.at(-1)
          const page = await store.listRuns(actor, { limit, ...(before ? { before } : {}) })
          if (page.length === 0) break
          expect(page.length).toBeLessThanOrEqual(limit)
          seen.push(...page)
        }
        expect(seen.map(({ runId }) => runId).sort()).toEqual(all.map(({ runId }) => runId).sort())
        const times = seen.map(({ createdAt }) => createdAt.getTime())
        expect(times).toEqual([...times].sort((a, b) => b - a))
      })
    })

    describe('looks for', () => {
      const ids = async (filter: RunFilter) => (await store.listRuns(actor, { limit: 10, filter })).map(({ runId }) => runId)

      test.each(['NEEDLE', 'needle', 'src/Needle.py', '50%_\\', 'größe', 'x")\nprint'])(
        'text in the code or in a file’s name: %j',
        async (text) => {
          await created({ files: [{ path: 'main.py', content: 'print(50)' }] })
          const files = [
            { path: 'main.py', content: 'a = "needle 50%_\\ GRÖSSE größe"\nprint("x")\nprint(1)' },
            { path: 'src/needle.py', content: 'AAEC', encoding: 'base64' as const },
          ]
          const { runId } = await created({ files })
          expect(await ids({ text })).toEqual([runId])
        },
      )
      test('no text that is only how files are kept', async () => {
        await created({ files: [{ path: 'main.py', content: '1' }] })
        expect(await ids({ text: 'content' })).toEqual([])
      })
      test('a name', async () => {
        const { runId } = await created()
        await created()
        await store.updateRun(runId, { name: 'The "one" that hangs \0' })
        expect(await ids({ text: 'the "ONE"' })).toEqual([runId])
      })
      test('a language, an ending, what is pinned, and all of them together', async () => {
        const good = await created()
        await store.appendEvents(good.runId, sampleEvents())
        const slow = await created({ language: 'ruby' })
        const verdict = { kind: 'time-limit' as const, clock: 'wall' as const }
        await store.appendEvents(slow.runId, [{ seq: 0, at: 1, type: 'finished', ...sampleEnding, verdict }])
        await created()
        await store.updateRun(slow.runId, { pinned: true })
        expect(await ids({ language: 'ruby' })).toEqual([slow.runId])
        expect(await ids({ status: 'completed' })).toEqual([good.runId])
        expect(await ids({ status: 'timeout' })).toEqual([slow.runId])
        expect(await ids({ pinned: true })).toEqual([slow.runId])
        expect(await ids({ pinned: true, language: 'python' })).toEqual([])
        expect(await ids({ pinned: true, language: 'ruby', status: 'timeout', text: 'hello' })).toEqual([slow.runId])
      })
    })

    describe('changes', () => {
      test('a name and a pin, each without the other, and takes them back', async () => {
        const run = await created()
        await store.updateRun(run.runId, { name: 'mine ü' })
        expect(await store.findRun(run.runId)).toMatchObject({ name: 'mine ü', pinned: false })
        await store.updateRun(run.runId, { pinned: true })
        expect((await store.listRuns(actor, { limit: 1 }))[0]).toMatchObject({ name: 'mine ü', pinned: true })
        await store.updateRun(run.runId, { name: null, pinned: false })
        expect(await store.findRun(run.runId)).toEqual({ ...run, ...untouched })
      })
      test('nothing of a run that is not there', async () => {
        await store.updateRun(sampleRunId(), { name: 'x' })
      })
    })

    test('marks a run as shared, for good', async () => {
      const run = await created()
      await store.updateRun(run.runId, { shared: true })
      await store.updateRun(run.runId, { pinned: true })
      expect(await store.findRun(run.runId)).toEqual({ ...run, ...untouched, pinned: true, shared: true })
    })

    describe('deletes', () => {
      test('all there is of a run, and knows that it did', async () => {
        const run = await created()
        await store.appendEvents(run.runId, sampleEvents())
        expect(await store.removalOf(run.runId)).toBeNull()
        await store.deleteRun(run.runId)
        expect(await store.findRun(run.runId)).toBeNull()
        expect(await store.readEvents(run.runId, -1)).toEqual([])
        expect(await store.listRuns(actor, { limit: 10 })).toEqual([])
        expect(await store.removalOf(run.runId)).toEqual({ by: 'owner' })
      })
      test('no other run', async () => {
        const [one, other] = [await created(), await created()]
        await store.deleteRun(one.runId)
        await store.deleteRun(one.runId)
        expect((await store.listRuns(actor, { limit: 10 })).map(({ runId }) => runId)).toEqual([other.runId])
      })
      test('nothing where there is nothing: it was not deleted, it never was', async () => {
        const runId = sampleRunId()
        await store.deleteRun(runId)
        expect(await store.removalOf(runId)).toBeNull()
      })
    })

    describe('finds as interrupted', () => {
      test('the unfinished runs of servers that no longer live, and asks once for each server', async () => {
        const [dead, alive, other] = [sampleRunId(), sampleRunId(), sampleRunId()]
        const open = await created({ instance: dead })
        const second = await created({ instance: dead })
        const done = await created({ instance: dead })
        await store.appendEvents(done.runId, sampleEvents())
        await created({ instance: alive })
        await created({ instance: other })
        const asked: string[] = []
        const found = await store.findInterrupted(async (instance) => {
          asked.push(instance)
          return instance !== dead
        })
        const byId = (a: StoredRun, b: StoredRun) => (a.runId < b.runId ? -1 : 1)
        const expected = [open, second].map((run) => ({ ...run, ...untouched }))
        expect(found.sort(byId)).toEqual(expected.sort(byId))
        expect(asked).toContain(alive)
        expect(asked.filter((instance) => instance === alive)).toHaveLength(1)
      })

      test('nothing once the run was given its ending', async () => {
        const dead = sampleRunId()
        const run = await created({ instance: dead })
        const isAlive = async (instance: string) => instance !== dead
        expect(await store.findInterrupted(isAlive)).toHaveLength(1)
        await store.appendEvents(run.runId, [
          { seq: 0, at: 1, type: 'finished', ...sampleEnding, verdict: { kind: 'interrupted' } },
        ])
        expect(await store.findInterrupted(isAlive)).toEqual([])
      })

      test('nothing when it cannot be known who lives', async () => {
        await created()
        await expect(store.findInterrupted(() => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer')
      })
    })
  })
}

const hostileTexts: [string, string][] = [
  ['NUL', 'a\0b'],
  ['a byte order mark', '\ufeffprint(1)'],
  ['every kind of line end', 'a\r\nb\rc\nd\u2028e\u2029f\u0085g'],
  ['half surrogates', '\ud800 \udfff \udc00\ud800'],
  ['characters beyond the first plane', '👻🐛\u{10ffff}'],
  ['backslashes that look like escapes', String.raw`\u0000 \x00 \\ \' " $1 %s`],
  ['markup and control sequences', '</script>\u001b[2J\u0007\u009b31m'],
]
