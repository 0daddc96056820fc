import { expect, test } from 'vitest'
import type { RunEvent } from '../protocol/run.ts'
import { unforeseenEnding } from './unforeseen-ending.ts'

const events: RunEvent[] = [
  { seq: 0, at: 5, type: 'started', stage: 'compile' },
  { seq: 1, at: 6, type: 'output', stage: 'compile', stream: 'stderr', text: 'warning' },
  { seq: 2, at: 40, type: 'started', stage: 'run' },
  { seq: 3, at: 50, type: 'output', stage: 'run', stream: 'stdout', text: 'é' },
  { seq: 4, at: 65, type: 'output', stage: 'run', stream: 'stderr', text: 'oh' },
]

test('says what the events prove: how long it ran until the last of them, and what the program wrote', () => {
  expect(unforeseenEnding(events, { kind: 'interrupted' })).toMatchObject({
    type: 'finished',
    at: 65,
    duration_ms: 60,
    stdout_bytes: 2,
    stderr_bytes: 2,
    exit_code: null,
  })
})

test('of a run that never started it says nothing', () => {
  expect(unforeseenEnding([], { kind: 'interrupted' })).toMatchObject({ at: 0, duration_ms: 0, stdout_bytes: 0 })
})
