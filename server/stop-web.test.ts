import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { stopWebInOrder } from './stop-web.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What a server does when it stops, in order. */
async function stepsOf(shared: boolean): Promise<string[]> {
  const steps: string[] = []
  const opened: (() => unknown)[] = []
  const step = (name: string) => async (ms?: number) => void steps.push(ms === undefined ? name : `${name} within ${ms}`)
  const life = { opened: (_: string, close: () => unknown) => void opened.unshift(close), msForRuns: () => 6_000 }
  const http = { stopListening: step('port closed'), sendViewersAway: step('viewers sent away'), answered: step('answers given') }
  stopWebInOrder({ life, http, runs: { close: step('runs ended') }, shared })
  const stopping = (async () => {
    for (const close of opened) await close()
  })()
  await vi.runAllTimersAsync()
  await stopping
  return steps
}

test('among others, it sends its viewers there before it gives the answers it owes', async () => {
  expect(await stepsOf(true)).toEqual([
    'port closed',
    'viewers sent away',
    'answers given within 6000',
    'runs ended within 6000',
    'port closed',
  ])
})

test('alone, it can be reached until its runs have ended', async () => {
  expect(await stepsOf(false)).toEqual(['answers given within 6000', 'runs ended within 6000', 'port closed'])
})
