import { expect, test } from 'vitest'
import { countPlaces, shortageOf } from './places.ts'

const places = { most: 10, mostOfOwner: 3, mostOfAddress: 5 }

test.each([
  ['there is room', [9, 2, 4], null],
  ['the visitor has as many as one may', [9, 3, 4], 'owner-full'],
  ['the address has as many as one may', [9, 0, 5], 'address-full'],
  ['all places are taken', [10, 0, 0], 'full'],
  ['everything is full, and the visitor can end runs of their own', [10, 3, 5], 'owner-full'],
] as const)('when %s', (_, [all, ofOwner, ofAddress], shortage) =>
  expect(shortageOf({ all, ofOwner, ofAddress }, places)).toBe(shortage),
)

test('somebody who drops their cookie is a new visitor at the same address', () => {
  const counted = countPlaces(places)
  for (let n = 0; n < 5; n++) counted.take(`visitor ${n}`, '203.0.113.7')
  expect(() => counted.take('one more', '203.0.113.7')).toThrow('5 runs from your network address')
  counted.take('one more', '203.0.113.8')
})

test('a place is given back once', () => {
  const counted = countPlaces({ ...places, mostOfOwner: 2 })
  const give = counted.take('ann', '')
  counted.take('ann', '')
  expect(() => counted.take('ann', '')).toThrow('2 of your runs')
  give()
  give()
  counted.take('ann', '')
  expect(() => counted.take('ann', '')).toThrow('2 of your runs')
})
