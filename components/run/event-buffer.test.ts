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

test('a start, an output and an end that come in one frame are handed on at once', () => {
  const { buffer, log, scheduled } = setUp()
  for (const seq of [0, 1, 2]) buffer.add([event(seq)], () => log.push(`received ${seq}`))
  expect(log).toEqual(['handed 0', 'received 0', 'handed 1', 'received 1', 'handed 2', 'received 2'])
  expect(scheduled()).toBe(1)
})

test('those that follow them in the same frame are handed on together, and acknowledged after that', () => {
  const { buffer, log, frame, scheduled } = setUp()
  for (const seq of [0, 1, 2]) buffer.add([event(seq)])
  buffer.add([event(3)], () => log.push('received 3'))
  buffer.add([event(4), event(5)], () => log.push('received 4'))
  expect(scheduled()).toBe(1)
  expect(log).toEqual(['handed 0', 'handed 1', 'handed 2'])
  frame()
  expect(log.slice(3)).toEqual(['handed 3,4,5', 'received 3', 'received 4'])
})

test('a flood is handed on once per frame, and frames are asked for only while something comes', () => {
  const { buffer, log, frame, scheduled } = setUp()
  for (const seq of [0, 1, 2]) buffer.add([event(seq)])
  for (const seq of [3, 5]) {
    buffer.add([event(seq)])
    buffer.add([event(seq + 1)])
    frame()
  }
  expect(log.slice(3)).toEqual(['handed 3,4', 'handed 5,6'])
  expect(scheduled()).toBe(1)
  frame()
  expect(scheduled()).toBe(0)
})

test('nothing is handed on after closing', () => {
  const { buffer, log, frame } = setUp()
  for (const seq of [0, 1, 2]) buffer.add([event(seq)])
  buffer.add([event(3)], () => log.push('received'))
  buffer.close()
  frame()
  buffer.add([event(4)])
  expect(log).toEqual(['handed 0', 'handed 1', 'handed 2'])
})
