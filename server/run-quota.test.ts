import { describe, expect, test } from 'vitest'
import { ActorId } from '../protocol/ids.ts'
import { createMemoryRateLimit } from './memory-rate-limit.ts'
import { createRunQuota, inWords } from './run-quota.ts'

const visitor = (name: string) => ActorId.parse(name)
const open = (rates: Partial<Parameters<typeof createRunQuota>[1]> = {}) =>
  createRunQuota(
    createMemoryRateLimit(() => 0),
    { perMinuteOfVisitor: 3, perMinuteOfAddress: 5, perDayOfAddress: 100, ...rates },
  )

describe('a quota', () => {
  test('says with every answer what is allowed and what is left of it', async () => {
    const { headers, refusal } = await open()({ visitor: visitor('ann'), address: '203.0.113.7' })
    expect(refusal).toBeNull()
    expect(headers).toEqual({
      'ratelimit-policy': '"visitor";q=3;w=60, "address";q=5;w=60, "address-day";q=100;w=86400',
      ratelimit: '"visitor";r=2;t=120, "address";r=4;t=120, "address-day";r=99;t=172800',
    })
  })

  test('refuses a visitor who has had theirs, and says when to come again', async () => {
    const quota = open()
    for (let n = 0; n < 3; n++) await quota({ visitor: visitor('ann'), address: '203.0.113.7' })
    const { headers, refusal } = await quota({ visitor: visitor('ann'), address: '203.0.113.7' })
    expect(refusal).toMatchObject({ code: 'too-many-requests', retryAfterSec: 80 })
    expect(refusal?.message).toBe(
      '3 runs from one visitor within a minute are the most there may be here. Try again in 80 seconds.',
    )
    expect(headers.ratelimit).toMatch(/^"visitor";r=0;/)
    expect((await quota({ visitor: visitor('bob'), address: '203.0.113.7' })).refusal).toBeNull()
  })

  test('is not had again by dropping the cookie', async () => {
    const quota = open()
    for (let n = 0; n < 5; n++) expect((await quota({ visitor: visitor(`new-${n}`), address: '203.0.113.7' })).refusal).toBeNull()
    const { refusal } = await quota({ visitor: visitor('new-again'), address: '203.0.113.7' })
    expect(refusal?.message).toContain('5 runs from one network address within a minute')
    expect((await quota({ visitor: visitor('new-again'), address: '203.0.113.8' })).refusal).toBeNull()
  })

  test('tells of the limit that holds longest', async () => {
    const quota = open({ perMinuteOfVisitor: 1, perDayOfAddress: 1 })
    await quota({ visitor: visitor('ann'), address: '203.0.113.7' })
    const { refusal } = await quota({ visitor: visitor('ann'), address: '203.0.113.7' })
    expect(refusal?.message).toContain('within a day')
  })
})

test.each([
  [1, 'in a second'],
  [59, 'in 59 seconds'],
  [121, 'in 3 minutes'],
  [7_201, 'in 3 hours'],
])('%i s are said as %o', (seconds, words) => expect(inWords(seconds)).toBe(words))
