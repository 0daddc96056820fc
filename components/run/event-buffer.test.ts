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

test('deliveries of one frame are handed on together, and acknowledged after that', () => {
  const { buffer, log, frame, scheduled } = setUp()
  buffer.add([event(0)], () => log.push('received 0'))
  buffer.add([event(1), event(2)], () => log.push('received 1'))
  expect(scheduled()).toBe(1)
  expect(log).toEqual([])
  frame()
  expect(log).toEqual(['handed 0,1,2', 'received 0', 'received 1'])
})

test('the next delivery waits for the next frame', () => {
  const { buffer, log, frame } = setUp()
  buffer.add([event(0)])
  frame()
  buffer.add([event(1)])
  expect(log).toEqual(['handed 0'])
  frame()
  expect(log).toEqual(['handed 0', 'handed 1'])
})

test('nothing is handed on after closing', () => {
  const { buffer, log, frame } = setUp()
  buffer.add([event(0)], () => log.push('received'))
  buffer.close()
  frame()
  buffer.add([event(1)])
  expect(log).toEqual([])
})
