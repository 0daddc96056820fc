import { describe, expect, test } from 'vitest'
import { seededRandom } from '../testing/seeded-random.ts'
import { createFairQueue, placesOfOneOwner } from './fairness.ts'

const nobodyRuns = () => 0
const everybodyMay = () => true

function queueOf(...waiting: [owner: string, item: string][]) {
  const queue = createFairQueue<string>()
  for (const [owner, item] of waiting) queue.push(owner, item)
  return queue
}
/** Everything in the order it is served, each one over before the next is chosen. */
function served(queue: ReturnType<typeof queueOf>): string[] {
  const order: string[] = []
  for (let item = queue.next(nobodyRuns, everybodyMay); item; item = queue.next(nobodyRuns, everybodyMay)) order.push(item)
  return order
}

describe('next is', () => {
  test('what came first, of one owner', () => {
    expect(served(queueOf(['ann', 'a1'], ['ann', 'a2'], ['ann', 'a3']))).toEqual(['a1', 'a2', 'a3'])
  })

  test('what came first, of owners with one each', () => {
    expect(served(queueOf(['ann', 'a'], ['bob', 'b'], ['cy', 'c']))).toEqual(['a', 'b', 'c'])
  })

  test('each owner in turn, whoever has more waiting', () => {
    expect(served(queueOf(['ann', 'a1'], ['ann', 'a2'], ['ann', 'a3'], ['bob', 'b1'], ['cy', 'c1'], ['bob', 'b2']))).toEqual([
      'a1',
      'b1',
      'c1',
      'a2',
      'b2',
      'a3',
    ])
  })

  test('a newcomer after at most one of everybody else', () => {
    const queue = queueOf(['ann', 'a1'], ['ann', 'a2'], ['ann', 'a3'])
    queue.next(nobodyRuns, everybodyMay)
    queue.push('bob', 'b1')
    expect(served(queue)).toEqual(['a2', 'b1', 'a3'])
  })

  test('the owner with the fewest runs under way', () => {
    const queue = queueOf(['ann', 'a1'], ['bob', 'b1'])
    expect(queue.next((owner) => (owner === 'ann' ? 3 : 0), everybodyMay)).toBe('b1')
  })

  test('nobody who may have no more', () => {
    const queue = queueOf(['ann', 'a1'], ['bob', 'b1'])
    expect(queue.next(nobodyRuns, (owner) => owner !== 'ann')).toBe('b1')
    expect(queue.next(nobodyRuns, (owner) => owner !== 'ann')).toBeUndefined()
    expect(queue.size).toBe(1)
  })
})

test('who leaves is not served, and is gone from the counts', () => {
  const queue = queueOf(['ann', 'a1'], ['ann', 'a2'], ['bob', 'b1'])
  expect(queue.remove('ann', 'a1')).toBe(true)
  expect(queue.remove('ann', 'a1')).toBe(false)
  expect(queue.remove('cy', 'a2')).toBe(false)
  expect([queue.size, queue.sizeOf('ann'), queue.sizeOf('bob'), queue.sizeOf('cy')]).toEqual([2, 1, 1, 0])
  expect(served(queue)).toEqual(['a2', 'b1'])
})

test('cleared, it gives everything back once', () => {
  const queue = queueOf(['ann', 'a1'], ['bob', 'b1'])
  expect(queue.clear().sort()).toEqual(['a1', 'b1'])
  expect([queue.size, queue.clear()]).toEqual([0, []])
})

test('whatever comes and goes, nobody waits while another is served twice', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed)
    const queue = createFairQueue<{ owner: string; item: number }>()
    const owners = ['ann', 'bob', 'cy', 'di']
    /** How often others were served since this owner, who waits, was; by whom. */
    const passed = new Map<string, Map<string, number>>()
    for (let step = 0; step < 200; step++) {
      if (random.chance(0.6)) {
        const owner = random.pick(owners)
        if (queue.sizeOf(owner) === 0) passed.set(owner, new Map())
        queue.push(owner, { owner, item: step })
        continue
      }
      const next = queue.next(nobodyRuns, everybodyMay)
      if (!next) continue
      for (const [owner, times] of passed)
        if (owner !== next.owner && queue.sizeOf(owner) > 0) {
          times.set(next.owner, (times.get(next.owner) ?? 0) + 1)
          expect(times.get(next.owner)).toBeLessThanOrEqual(1)
        }
      passed.set(next.owner, new Map())
    }
  }
})

test.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 3],
  [8, 6],
  [16, 12],
])('of %d places one owner gets at most %d', (places, most) => expect(placesOfOneOwner(places)).toBe(most))
