import { expect, test } from 'vitest'
import type { RunEvent } from '../../protocol/run.ts'
import { createEventBuffer } from './event-buffer.ts'

const event = (seq: number): RunEvent => ({ seq, at: seq, type: 'input-end' })
function setUp() {
  const tasks: (() => void)[] = []
  const log: string[] = []
  const buffer = createEventBuffer(
    (events) => log.push(`handed ${events.map((e) => e.seq)}`),
    (task) => tasks.push(task),
  )
  return { log, buffer, frame: () => tasks.splice(0).map((task) => task()), scheduled: () => tasks.length }
}

test('the first delivery after a pause is handed on and acknowledged at once', () => {
  const { buffer, log, frame } = setUp()
  buffer.add([event(0)], () => log.push('received 0'))
  expect(log).toEqual(['handed 0', 'received 0'])
  frame()
  buffer.add([event(1)])
  expect(log).toEqual(['handed 0', 'received 0', 'handed 1'])
})

test('those that follow it in the same frame are handed on together, and acknowledged after that', () => {
  const { buffer, log, frame, scheduled } = setUp()
  buffer.add([event(0)])
  buffer.add([event(1)], () => log.push('received 1'))
  buffer.add([event(2), event(3)], () => log.push('received 2'))
  expect(scheduled()).toBe(1)
  expect(log).toEqual(['handed 0'])
  frame()
  expect(log).toEqual(['handed 0', 'handed 1,2,3', 'received 1', 'received 2'])
})

test('a flood is handed on once per frame, and frames are asked for only while something comes', () => {
  const { buffer, log, frame, scheduled } = setUp()
  buffer.add([event(0)])
  for (const seq of [1, 2]) {
    buffer.add([event(seq)])
    frame()
  }
  expect(log).toEqual(['handed 0', 'handed 1', 'handed 2'])
  expect(scheduled()).toBe(1)
  frame()
  expect(scheduled()).toBe(0)
})

test('nothing is handed on after closing', () => {
  const { buffer, log, frame } = setUp()
  buffer.add([event(0)])
  buffer.add([event(1)], () => log.push('received'))
  buffer.close()
  frame()
  buffer.add([event(2)])
  expect(log).toEqual(['handed 0'])
})
