import { expect, test } from 'vitest'
import { createMemoryRateLimit } from './memory-rate-limit.ts'
import { describeRateLimit } from './rate-limit.contract.ts'

describeRateLimit('memory', async () => {
  let at = Date.UTC(2026, 10, 23, 12)
  const limit = createMemoryRateLimit(() => at)
  return {
    limits: [limit, limit],
    async pass(ms) {
      at += ms
    },
    async close() {},
  }
})

const minute = { name: 'minute', limit: 5, windowSec: 60 }

test('holds no more keys than it may, whoever comes', async () => {
  const limit = createMemoryRateLimit(() => 0, 100)
  for (let n = 0; n < 1_000; n++) await limit.take([{ key: `visitor ${n}`, policy: minute }])
  expect(limit.size).toBe(100)
})

test('forgets whoever has not been seen for two windows', async () => {
  let at = 0
  const limit = createMemoryRateLimit(() => at)
  for (let n = 0; n < 100; n++) await limit.take([{ key: `visitor ${n}`, policy: minute }])
  at = 120_000
  await limit.take([{ key: 'somebody else', policy: minute }])
  expect(limit.size).toBe(1)
})

test('lets go of who came longest ago first', async () => {
  const limit = createMemoryRateLimit(() => 0, 10)
  const come = async (key: string) => (await limit.take([{ key, policy: minute }])).standings[0]?.remaining
  await come('ann')
  await come('bob')
  for (let n = 0; n < 8; n++) await come(`${n}`)
  await come('ann')
  await come('one more')
  expect(await come('ann')).toBe(2)
  expect(await come('bob')).toBe(4)
})
