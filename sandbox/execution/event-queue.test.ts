import { expect, test, vi } from 'vitest'
import { createEventQueue } from './event-queue.ts'

async function readAll<T>(from: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = []
  for await (const event of from) events.push(event)
  return events
}

test('what was pushed before anybody read is read in order', async () => {
  const queue = createEventQueue<number>(() => {})
  for (const event of [1, 2, 3]) queue.push(event)
  queue.end()
  expect(await readAll(queue)).toEqual([1, 2, 3])
})

test('a reader gets what comes while it waits', async () => {
  const queue = createEventQueue<number>(() => {})
  const reading = readAll(queue)
  for (const event of [1, 2, 3]) {
    queue.push(event)
    await Promise.resolve()
  }
  queue.end()
  expect(await reading).toEqual([1, 2, 3])
})

test('the end reaches a reader that waits', async () => {
  const queue = createEventQueue<number>(() => {})
  const reading = readAll(queue)
  await Promise.resolve()
  queue.end()
  expect(await reading).toEqual([])
})

test('what is pushed after the end is not told', async () => {
  const queue = createEventQueue<number>(() => {})
  queue.end()
  queue.push(1)
  expect(await readAll(queue)).toEqual([])
})

test('a reader that stays to the end has abandoned nothing', async () => {
  const abandoned = vi.fn()
  const queue = createEventQueue<number>(abandoned)
  queue.push(1)
  queue.end()
  await readAll(queue)
  expect(abandoned).not.toHaveBeenCalled()
})

test('a reader that leaves the loop has abandoned it, once', async () => {
  const abandoned = vi.fn()
  const queue = createEventQueue<number>(abandoned)
  queue.push(1)
  queue.push(2)
  for await (const event of queue) if (event === 1) break
  expect(abandoned).toHaveBeenCalledTimes(1)
})

test('a reader that fails has abandoned it', async () => {
  const abandoned = vi.fn()
  const queue = createEventQueue<number>(abandoned)
  queue.push(1)
  const failing = async () => {
    for await (const event of queue) throw new Error(`cannot take ${event}`)
  }
  await expect(failing()).rejects.toThrow('cannot take 1')
  expect(abandoned).toHaveBeenCalledTimes(1)
})
