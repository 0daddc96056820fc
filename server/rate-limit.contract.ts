import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RateLimit } from './rate-limit.ts'

export type OpenRateLimit = {
  /** Several that count together: one process twice, or two servers at one Redis. */
  limits: readonly [RateLimit, RateLimit]
  /** Resolves when so much of its clock has gone by. */
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** What every rate limit must do. */
export function describeRateLimit(name: string, open: () => Promise<OpenRateLimit>): void {
  describe(`a rate limit (${name})`, () => {
    let opened: OpenRateLimit
    let names = 0
    const key = () => `somebody-${names++}`
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened?.close())

    const hour = { name: 'hour', limit: 3, windowSec: 3600 }
    const short = { name: 'short', limit: 2, windowSec: 1 }

    test('lets in as many as the policy says, wherever they are asked, and says how many are left', async () => {
      const somebody = key()
      const [one, other] = opened.limits
      const left = []
      for (const limit of [one, other, one]) {
        const { allowed, standings } = await limit.take([{ key: somebody, policy: hour }])
        left.push([allowed, standings[0]?.remaining])
      }
      expect(left).toEqual([
        [true, 2],
        [true, 1],
        [true, 0],
      ])
      const { allowed, standings } = await other.take([{ key: somebody, policy: hour }])
      expect(allowed).toBe(false)
      expect(standings[0]?.retryAfterSec).toBeGreaterThan(0)
      expect(standings[0]?.retryAfterSec).toBeLessThanOrEqual(2 * 3600)
    })

    test('never lets in more, however many ask in the same moment', async () => {
      const somebody = key()
      const asked = Array.from({ length: 40 }, (_, n) => opened.limits[n % 2 ? 1 : 0].take([{ key: somebody, policy: hour }]))
      expect((await Promise.all(asked)).filter(({ allowed }) => allowed)).toHaveLength(3)
    })

    test('counts everybody alone, and every policy', async () => {
      const [limit] = opened.limits
      const [ann, bob] = [key(), key()]
      for (let n = 0; n < 3; n++) await limit.take([{ key: ann, policy: hour }])
      expect((await limit.take([{ key: bob, policy: hour }])).allowed).toBe(true)
      expect((await limit.take([{ key: ann, policy: { ...hour, name: 'other' } }])).allowed).toBe(true)
    })

    test('counts nothing of what one of several policies refuses', async () => {
      const [limit] = opened.limits
      const [ann, bob] = [key(), key()]
      for (let n = 0; n < 3; n++) await limit.take([{ key: ann, policy: hour }])
      const both = [
        { key: bob, policy: hour },
        { key: ann, policy: hour },
      ]
      for (let n = 0; n < 5; n++) expect((await limit.take(both)).allowed).toBe(false)
      const { standings } = await limit.take([{ key: bob, policy: hour }])
      expect(standings[0]?.remaining).toBe(2)
    })

    test('lets in again once it has slid by', async () => {
      const [limit] = opened.limits
      const somebody = key()
      while ((await limit.take([{ key: somebody, policy: short }])).allowed);
      await opened.pass(2_000)
      expect((await limit.take([{ key: somebody, policy: short }])).allowed).toBe(true)
    })
  })
}
