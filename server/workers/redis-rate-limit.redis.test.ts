import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeRateLimit } from '../rate-limit.contract.ts'
import { createRedisRateLimit } from './redis-rate-limit.ts'
import { startTestRedis, type TestRedis } from './testing/test-redis.ts'

describeRateLimit('Redis', async () => {
  const redis = await startTestRedis()
  const [one, other] = [redis.look(), redis.look()]
  return {
    limits: [createRedisRateLimit(one), createRedisRateLimit(other)],
    // Its own clock, which nobody can turn.
    pass: (ms) => sleep(ms),
    async close() {
      one.disconnect()
      other.disconnect()
      await redis[Symbol.asyncDispose]()
    },
  }
})

let redis: TestRedis
beforeAll(async () => {
  redis = await startTestRedis()
})
afterAll(() => redis?.[Symbol.asyncDispose]())

test('what is counted expires by itself, two windows after it began', async () => {
  const look = redis.look()
  const policy = { name: 'address-day', limit: 3, windowSec: 60 }
  await createRedisRateLimit(look).take([{ key: '203.0.113.7', policy }])
  const expiresInMs = await look.pttl('bugghost:rate:address-day:203.0.113.7')
  expect(expiresInMs).toBeGreaterThan(59_000)
  expect(expiresInMs).toBeLessThanOrEqual(120_000)
  look.disconnect()
})

test('while Redis is away it refuses as everything else does', async () => {
  const look = redis.look()
  look.options.maxRetriesPerRequest = 0
  look.on('error', () => {})
  await redis.end('SIGKILL')
  await expect(
    createRedisRateLimit(look).take([{ key: 'x', policy: { name: 'p', limit: 1, windowSec: 1 } }]),
  ).rejects.toMatchObject({
    code: 'unavailable',
    retryAfterSec: 5,
  })
  look.disconnect()
  await redis.start()
})
