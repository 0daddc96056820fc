/** At most `limit` within any `windowSec`. */
export type Policy = { name: string; limit: number; windowSec: number }

/**
 * What is remembered of one key: how often it was counted in the fixed window that is going on, and in the one before. Two numbers stand for
 * every moment: the one before counts with the share of it that a window ending now still covers. So nobody gets twice the limit around
 * the turn of a fixed window, and what is remembered does not grow with the limit.
 */
export type Buckets = { current: number; previous: number; elapsedMs: number }

/** Whether one more is within the policy, and how it stands; before or after that one was counted, as the buckets are. */
export function standingIn({ current, previous, elapsedMs }: Buckets, { limit, windowSec }: Policy) {
  const windowMs = windowSec * 1000
  const used = current + previous * (1 - elapsedMs / windowMs)
  const allowed = used + 1 <= limit
  return {
    allowed,
    remaining: Math.max(0, Math.floor(limit - used)),
    /** Until one more is allowed; 0 when it is now. */
    retryAfterSec: allowed ? 0 : Math.max(1, Math.ceil(untilAllowedMs({ current, previous, elapsedMs }, limit, windowMs) / 1000)),
    /** Until nothing is remembered, if nothing more is counted. */
    resetSec: Math.ceil((current > 0 ? 2 * windowMs - elapsedMs : previous > 0 ? windowMs - elapsedMs : 0) / 1000),
  }
}

function untilAllowedMs({ current, previous, elapsedMs }: Buckets, limit: number, windowMs: number): number {
  // Within this window, once enough of the one before has slid out.
  if (current + 1 <= limit) return windowMs * (1 - (limit - 1 - current) / previous) - elapsedMs
  // Or in the next one, in which this one is the one before.
  return windowMs - elapsedMs + windowMs * Math.max(0, 1 - (limit - 1) / current)
}

/** What is left of buckets that were last counted in window number `of`, seen in window number `now`. */
export function slid({ current, previous }: Pick<Buckets, 'current' | 'previous'>, of: number, now: number) {
  if (of === now) return { current, previous }
  return { current: 0, previous: of === now - 1 ? current : 0 }
}
