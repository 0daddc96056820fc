import { expect, test } from 'vitest'
import type { RunEvent } from '../protocol/run.ts'
import { batchesOf } from './event-batches.ts'

const output = (seq: number, chars: number): RunEvent => ({
  seq,
  at: 0,
  type: 'output',
  stage: 'run',
  stream: 'stdout',
  text: 'x'.repeat(chars),
})

test('keeps every event in order, and no batch is larger than asked unless one event is', () => {
  const events = [output(0, 10), output(1, 400), output(2, 5000), output(3, 10), output(4, 10)]
  const batches = [...batchesOf(events, 1000)]
  expect(batches.flat()).toEqual(events)
  expect(batches.map((batch) => batch.length)).toEqual([2, 1, 2])
})

test('of nothing there is nothing to send', () => expect([...batchesOf([])]).toEqual([]))
