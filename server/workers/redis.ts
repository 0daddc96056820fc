import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { AppError } from '../../protocol/errors.ts'

/** A Redis that says nothing for this long is as good as gone. */
const silentMs = 5_000

/**
 * A connection to Redis that comes back by itself for as long as it is open. While it is away every command fails at once: whoever asks
 * knows best whether to wait. `what` stands in Redis' list of clients.
 */
export function connectRedis(url: string, what: string, log: Logger): Redis {
  const redis = new Redis(url, {
    connectionName: `bugghost-${what}`,
    // Of BullMQ's wishes: commands are retried by those who sent them.
    maxRetriesPerRequest: null,
    enableOfflineQueue: false,
    commandTimeout: silentMs,
    connectTimeout: silentMs,
    keepAlive: 5_000,
    retryStrategy: (tries) => Math.min(2_000, 50 * 2 ** Math.min(tries, 6)),
    lazyConnect: true,
  })
  let told = false
  redis.on('error', (error: Error) => {
    if (!told) log.warn({ reason: error.message }, `Redis does not answer (${what}): trying again`)
    told = true
  })
  redis.on('ready', () => {
    if (told) log.info(`Redis answers again (${what})`)
    told = false
  })
  return redis
}

/** How long a server that starts waits for Redis: in compose they start together. */
const firstAnswerMs = 30_000

/** Resolves once it answers; rejects with what to do after half a minute. */
export async function firstAnswer(redis: Redis): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let reason = 'it gives no answer'
    const onError = (error: Error) => {
      reason = error.message
    }
    const stop = () => {
      clearTimeout(timer)
      redis.off('error', onError)
    }
    const timer = setTimeout(() => {
      stop()
      reject(
        new Error(
          `Redis does not answer: ${reason}. Start it, correct REDIS_URL, or leave REDIS_URL out to run everything here.`,
        ),
      )
    }, firstAnswerMs)
    redis.on('error', onError)
    redis.once('ready', () => {
      stop()
      resolve()
    })
    redis.connect().catch(onError)
  })
}

/** Makes a failure of Redis a refusal for people. */
export const redisError = (cause: unknown): AppError =>
  new AppError(
    'unavailable',
    'The queue of the workers does not answer, so no run can be started or reached. Try again in a moment.',
    {
      cause,
      retryAfterSec: 5,
    },
  )
