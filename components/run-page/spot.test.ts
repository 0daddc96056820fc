import { describe, expect, test } from 'vitest'
import { parseSpot, spotHash } from './spot.ts'

describe('the spot an address points at', () => {
  test.each([
    ['#L12', { line: 12 }],
    ['#t=3.2s', { ms: 3200 }],
    ['#t=3', { ms: 3000 }],
    ['#t=250ms', { ms: 250 }],
    ['#file=lib/a%20b.py&L7', { path: 'lib/a b.py', line: 7 }],
    ['#L12&t=0.5s', { line: 12, ms: 500 }],
    ['', {}],
    ['#', {}],
    ['#L0', {}],
    ['#Lx&t=soon&file=%', {}],
  ])('%s', (hash, spot) => expect(parseSpot(hash)).toEqual(spot))

  test.each([{ line: 3 }, { path: 'größe/a&b#.py', line: 9 }, { ms: 1234 }, { line: 1, ms: 0 }, {}])(
    'is the same there and back: %o',
    (spot) => expect(parseSpot(spotHash(spot))).toEqual(spot),
  )
})
