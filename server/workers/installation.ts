import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { keys } from './keys.ts'

/** The web servers say it when they start; a worker may be there before them. */
const withinMs = 60_000

/** Which installation this is, as its web servers know it from their database. */
export async function installationOf(redis: Redis): Promise<string> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const known = await redis.get(keys.installation)
    if (known !== null) return known
    if (Date.now() > deadline) {
      throw new Error('No web server has used this Redis yet. Start one with the same REDIS_URL, then start the worker again.')
    }
    await sleep(500)
  }
}

export const sayInstallation = async (redis: Redis, installation: string): Promise<void> => {
  await redis.set(keys.installation, installation)
}
