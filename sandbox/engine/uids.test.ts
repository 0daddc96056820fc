import { expect, test } from 'vitest'
import { createUids } from './uids.ts'

test('live sandboxes never share a uid, and every uid is one kept for them', () => {
  const uids = createUids(() => 0.9999)
  const taken = Array.from({ length: 10_000 }, () => uids.take())
  expect(new Set(taken).size).toBe(10_000)
  expect(Math.min(...taken)).toBe(20_000)
  expect(Math.max(...taken)).toBe(29_999)
})

test('with every uid taken there is no further sandbox, until one is given back', () => {
  const uids = createUids(() => 0)
  const taken = Array.from({ length: 10_000 }, () => uids.take())
  expect(() => uids.take()).toThrow('more than 10000 sandboxes')
  uids.giveBack(taken[4_321] as number)
  expect(uids.take()).toBe(taken[4_321])
})

test('a uid rests before it is used again', () => {
  const uids = createUids(() => 0)
  const first = uids.take()
  uids.giveBack(first)
  for (let others = 1; others < 10_000; others++) {
    const uid = uids.take()
    expect(uid).not.toBe(first)
    uids.giveBack(uid)
  }
  expect(uids.take()).toBe(first)
})

test('servers on one engine begin in different places', () => {
  expect(createUids(() => 0.25).take()).not.toBe(createUids(() => 0.75).take())
})

test('a uid given back twice is taken once', () => {
  const uids = createUids(() => 0)
  const first = uids.take()
  uids.giveBack(first)
  uids.giveBack(first)
  expect(new Set(Array.from({ length: 10_000 }, () => uids.take())).size).toBe(10_000)
})
