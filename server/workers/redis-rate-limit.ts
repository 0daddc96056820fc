import type { Redis } from 'ioredis'
import type { RateLimit } from '../rate-limit.ts'
import { standingIn } from '../sliding-window.ts'
import { keys } from './keys.ts'
import { redisError } from './redis.ts'
import { callScript } from './shared-runs.ts'

/** Counts in the Redis that all servers share, by its clock. Rejects with AppError `unavailable` while that is away, as runs do. */
export function createRedisRateLimit(redis: Redis): RateLimit {
  const call = callScript(redis)
  return {
    async take(counted) {
      const names = counted.map(({ key, policy }) => keys.rate(policy.name, key))
      const bounds = counted.flatMap(({ policy }) => [policy.limit, policy.windowSec * 1000])
      const [taken, ...buckets] = await call('take', names, ...bounds).then(
        (answer) => answer as number[],
        (cause: unknown) => {
          throw redisError(cause)
        },
      )
      return {
        allowed: taken === 1,
        standings: counted.map(({ policy }, n) => {
          const [current = 0, previous = 0, elapsedMs = 0] = buckets.slice(3 * n, 3 * n + 3)
          return standingIn({ current, previous, elapsedMs }, policy)
        }),
      }
    },
  }
}
