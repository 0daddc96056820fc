import { pino } from 'pino'
import { describe, expect, test, vi } from 'vitest'
import { AppError } from '../protocol/errors.ts'
import type { RunId } from '../protocol/ids.ts'
import { createLocalRunLog, isHopeless, type LocalRunLogOptions, retryDelayMs } from './local-run-log.ts'
import { createMemoryStore } from './memory-store.ts'
import { describeRunLog, readAll } from './run-log.contract.ts'
import { sampleEvents, sampleRun, sampleRunId, unnumbered } from './sample-run.ts'
import type { Store } from './store.ts'

const silent = pino({ level: 'silent' })

describeRunLog('one process, memory', async () => ({
  store: createMemoryStore(),
  openLog: (store) => createLocalRunLog({ store, log: silent, timing: { lookMs: 5 } }),
  close: async () => {},
}))

const away = () => new AppError('unavailable', 'The database is away.')

/** A memory store that can be away, that says how often and how much it was asked to keep, and that can be held up. */
function troubledStore() {
  const store = createMemoryStore()
  const batches: number[] = []
  const state: { failure: unknown; gate: Promise<void> | undefined } = { failure: undefined, gate: undefined }
  const troubled: Store = {
    ...store,
    async appendEvents(runId, events) {
      batches.push(events.length)
      await state.gate
      if (state.failure) throw state.failure
      await store.appendEvents(runId, events)
    },
    async readEvents(runId, after) {
      if (state.failure) throw state.failure
      return store.readEvents(runId, after)
    },
  }
  return { store: troubled, batches, state }
}

async function started(timing: LocalRunLogOptions['timing'] = {}) {
  const trouble = troubledStore()
  const warnings: unknown[] = []
  const log = { warn: (...what: unknown[]) => warnings.push(what), error: (...what: unknown[]) => warnings.push(what) }
  const runLog = createLocalRunLog({ store: trouble.store, log: log as never, timing })
  const run = sampleRun()
  await trouble.store.createRun(run)
  const append = (texts?: string[], runId: RunId = run.runId) => {
    for (const event of sampleEvents(texts)) runLog.append(runId, unnumbered(event))
  }
  return { ...trouble, runLog, runId: run.runId, append, warnings }
}

describe('what happens quickly', () => {
  test('is written in one batch', async () => {
    const { runLog, runId, append, batches } = await started()
    append(['a', 'b', 'c'])
    await runLog.flushed(runId)
    expect(batches).toEqual([5])
  })

  test('while a batch is being written goes with the next, in order, and never two at a time', async () => {
    const { runLog, runId, batches, state } = await started({ gatherMs: 1 })
    const events = sampleEvents(['a', 'b', 'c'])
    const gate = Promise.withResolvers<void>()
    state.gate = gate.promise
    runLog.append(runId, unnumbered(events[0]!))
    const first = runLog.flushed(runId)
    for (const event of events.slice(1)) runLog.append(runId, unnumbered(event))
    expect(batches).toEqual([1])
    gate.resolve()
    await first
    await runLog.flushed(runId)
    expect(batches).toEqual([1, 4])
  })

  test('is written a tenth of a second later when it is not the end', async () => {
    vi.useFakeTimers()
    try {
      const { runLog, runId, batches } = await started()
      const events = sampleEvents(['a', 'b'])
      for (const event of events.slice(0, 2)) runLog.append(runId, unnumbered(event))
      expect(batches).toEqual([])
      await vi.advanceTimersByTimeAsync(100)
      expect(batches).toEqual([2])
      runLog.append(runId, unnumbered(events[2]!))
      await vi.advanceTimersByTimeAsync(99)
      expect(batches).toEqual([2])
      await vi.advanceTimersByTimeAsync(1)
      expect(batches).toEqual([2, 1])
      await runLog.close()
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('while the database is away', () => {
  test('readers go on, and everything is kept when it returns', async () => {
    vi.useFakeTimers()
    try {
      const { runLog, runId, append, state, store } = await started()
      state.failure = away()
      const reading = readAll(runLog, runId).catch((error) => error)
      // A reader that looked into the store is told; one of a run that is in memory notices nothing.
      expect(await reading).toMatchObject({ code: 'unavailable' })
      append(['a', 'b'])
      expect(await readAll(runLog, runId)).toEqual(sampleEvents(['a', 'b']))
      await vi.advanceTimersByTimeAsync(20 * 60_000)
      expect(await readAll(runLog, runId)).toEqual(sampleEvents(['a', 'b']))
      state.failure = undefined
      await vi.advanceTimersByTimeAsync(5_000)
      expect(await store.readEvents(runId, -1)).toEqual(sampleEvents(['a', 'b']))
      await runLog.close()
    } finally {
      vi.useRealTimers()
    }
  })

  test('nobody waits longer than ten seconds to hear that something is not kept', async () => {
    vi.useFakeTimers()
    try {
      const { runLog, runId, append, state, store } = await started()
      state.failure = away()
      append()
      const flushed = runLog.flushed(runId).catch((error) => error)
      await vi.advanceTimersByTimeAsync(10_000)
      expect(await flushed).toMatchObject({ code: 'unavailable' })
      state.failure = undefined
      await vi.advanceTimersByTimeAsync(5_000)
      expect((await store.findRun(runId))?.ending).not.toBeNull()
      await runLog.close()
    } finally {
      vi.useRealTimers()
    }
  })

  test('it is warned of once a run, not at every try', async () => {
    vi.useFakeTimers()
    try {
      const { runLog, append, state, warnings } = await started()
      state.failure = away()
      append()
      await vi.advanceTimersByTimeAsync(60_000)
      expect(warnings).toHaveLength(1)
      state.failure = undefined
      const closed = runLog.close()
      await vi.advanceTimersByTimeAsync(5_000)
      await closed
    } finally {
      vi.useRealTimers()
    }
  })

  test('closing gives up after its time, says what is lost, and lets nothing linger on', async () => {
    const { runLog, append, state, warnings, batches } = await started({ closeWithinMs: 5 })
    state.failure = away()
    append()
    await runLog.close()
    expect(warnings.at(-1)).toEqual([expect.objectContaining({ lost: 3 }), expect.stringContaining('ends before')])
    const tries = batches.length
    vi.useFakeTimers()
    try {
      await vi.advanceTimersByTimeAsync(60_000)
    } finally {
      vi.useRealTimers()
    }
    expect(batches).toHaveLength(tries)
  })
})

describe('a run that cannot be kept', () => {
  test('because somebody else ended it is given up at once, and whoever waits is told', async () => {
    const { runLog, runId, append, state, batches } = await started()
    state.failure = new AppError('conflict', 'already ended')
    append()
    await expect(runLog.flushed(runId)).rejects.toMatchObject({ code: 'conflict' })
    await expect(runLog.flushed(runId)).rejects.toMatchObject({ code: 'conflict' })
    expect(batches).toHaveLength(1)
    expect(await readAll(runLog, runId)).toEqual(sampleEvents())
    await runLog.close()
  })

  test('because its row never comes is given up after a while', async () => {
    vi.useFakeTimers()
    try {
      const { runLog, append, batches, warnings } = await started()
      append(['x'], sampleRunId())
      await vi.advanceTimersByTimeAsync(10 * 60_000)
      expect(batches).toHaveLength(24)
      expect(warnings.at(-1)).toEqual([expect.objectContaining({ lost: 3 }), expect.stringContaining('cannot be kept')])
      await runLog.close()
    } finally {
      vi.useRealTimers()
    }
  })
})

test('a finished run leaves memory some time after it is kept, and is then read from the store', async () => {
  const { runLog, runId, append, store } = await started({ lingerMs: 1 })
  append(['a'])
  await runLog.flushed(runId)
  const read = vi.spyOn(store, 'readEvents')
  await vi.waitFor(async () => {
    expect(await readAll(runLog, runId)).toEqual(sampleEvents(['a']))
    expect(read).toHaveBeenCalled()
  })
  await runLog.close()
})

test('finished runs are dropped early when together they are large', async () => {
  const { runLog, runId, append, store } = await started()
  append(['x'.repeat(1024 * 1024)])
  await runLog.flushed(runId)
  const read = vi.spyOn(store, 'readEvents')
  await readAll(runLog, runId)
  expect(read).not.toHaveBeenCalled()
  for (let n = 0; n < 16; n++) {
    const run = sampleRun()
    await store.createRun(run)
    append(['x'.repeat(1024 * 1024)], run.runId)
    await runLog.flushed(run.runId)
  }
  await readAll(runLog, runId)
  expect(read).toHaveBeenCalled()
  await runLog.close()
})

test('an end that comes between the two looks into the store is not missed', async () => {
  const { store, runId } = await started()
  const events = sampleEvents()
  await store.appendEvents(runId, events.slice(0, 1))
  const racing: Store = {
    ...store,
    async findRun(id) {
      await store.appendEvents(runId, events)
      return store.findRun(id)
    },
  }
  const runLog = createLocalRunLog({ store: racing, log: silent })
  expect(await readAll(runLog, runId)).toEqual(events)
  await runLog.close()
})

test('nothing is appended to a log that is closed', async () => {
  const { runLog, append } = await started()
  await runLog.close()
  expect(() => append()).toThrow('closed')
})

test('tries again after 0.1 s, then less and less often, every 5 s at the least', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 50].map(retryDelayMs)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
})

test.each([
  ['a database that is away', away(), 10_000, false],
  ['a row that may still come', new AppError('not-found', ''), 3, false],
  ['a row that has not come in a minute and a half', new AppError('not-found', ''), 24, true],
  ['a run that somebody else has ended', new AppError('conflict', ''), 1, true],
  ['something unforeseen, at first', new Error('?'), 1, false],
  ['something unforeseen that stays', new Error('?'), 24, true],
])('%s: hopeless or not', (_, error, refusals, hopeless) => expect(isHopeless(error, refusals)).toBe(hopeless))
