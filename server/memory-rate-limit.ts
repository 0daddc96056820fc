import type { RateLimit } from './rate-limit.ts'
import { slid, standingIn } from './sliding-window.ts'

/** A key is counted only for what was let in, so this many at a time are more than a server can run; beyond it the one used longest ago goes. */
const mostKeys = 50_000

/** Counts in this process. `now` is milliseconds since 1970. */
export function createMemoryRateLimit(now: () => number, most = mostKeys): RateLimit & { readonly size: number } {
  /** In the order of their last use. */
  const kept = new Map<string, { window: number; windowMs: number; current: number; previous: number }>()

  /** Those that say nothing any more, oldest first. A long window behind a short one waits for its turn, within the bound. */
  function forgetOld(at: number): void {
    for (const [id, { window, windowMs }] of kept) {
      if (kept.size <= most && Math.floor(at / windowMs) <= window + 1) return
      kept.delete(id)
    }
  }

  return {
    get size() {
      return kept.size
    },
    async take(counted) {
      const at = now()
      const found = counted.map(({ key, policy }) => {
        const id = `${policy.name}:${key}`
        const windowMs = policy.windowSec * 1000
        const window = Math.floor(at / windowMs)
        const known = kept.get(id)
        const buckets = known ? slid(known, known.window, window) : { current: 0, previous: 0 }
        return { id, policy, window, windowMs, buckets, elapsedMs: at - window * windowMs }
      })
      const allowed = found.every(({ buckets, elapsedMs, policy }) => standingIn({ ...buckets, elapsedMs }, policy).allowed)
      if (allowed) {
        for (const { id, window, windowMs, buckets } of found) {
          buckets.current += 1
          kept.delete(id)
          kept.set(id, { window, windowMs, ...buckets })
        }
        forgetOld(at)
      }
      return { allowed, standings: found.map(({ buckets, elapsedMs, policy }) => standingIn({ ...buckets, elapsedMs }, policy)) }
    },
  }
}
