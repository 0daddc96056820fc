import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { createMemoryStore } from './memory-store.ts'
import { closeInterrupted } from './recovery.ts'
import { newRunId } from './run-id.ts'
import { sampleEvents, sampleRun } from './sample-run.ts'

const log = pino({ level: 'silent' })
const nobody = async () => false

test('the runs of a server that died end as interrupted, after what they had written; those of one that lives go on', async () => {
  const store = createMemoryStore()
  const [dead, untouched, alive] = [newRunId(), newRunId(), newRunId()]
  await store.createRun(sampleRun({ runId: dead, instance: 'dead' }))
  await store.createRun(sampleRun({ runId: untouched, instance: 'dead' }))
  await store.createRun(sampleRun({ runId: alive, instance: 'alive' }))
  const kept = sampleEvents().filter((event) => event.type !== 'finished')
  await store.appendEvents(dead, kept)

  expect(await closeInterrupted(store, async (instance) => instance === 'alive', log)).toBe(2)
  const events = await store.readEvents(dead, -1)
  expect(events.slice(0, -1)).toEqual(kept)
  expect(events.at(-1)).toMatchObject({
    type: 'finished',
    seq: kept.length,
    at: kept.at(-1)?.at,
    verdict: { kind: 'interrupted' },
  })
  expect((await store.findRun(untouched))?.ending?.verdict).toEqual({ kind: 'interrupted' })
  expect((await store.findRun(alive))?.ending).toBeNull()
  expect(await closeInterrupted(store, nobody, log)).toBe(1)
})

test('one that cannot be closed is told of, and does not keep the others open', async () => {
  const store = createMemoryStore()
  const [broken, fine] = [newRunId(), newRunId()]
  await store.createRun(sampleRun({ runId: broken }))
  await store.createRun(sampleRun({ runId: fine }))
  const error = vi.fn()
  const troubled = {
    ...store,
    readEvents: async (...[runId, after]: Parameters<typeof store.readEvents>) => {
      if (runId === broken) throw new Error('A bad page.')
      return store.readEvents(runId, after)
    },
  }
  expect(await closeInterrupted(troubled, nobody, { error })).toBe(1)
  expect(error).toHaveBeenCalledOnce()
})
