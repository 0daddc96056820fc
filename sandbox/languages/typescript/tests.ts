// One of these tests finds a bug. The types cannot: both are numbers.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

interface Trip {
  kilometres: number
  minutes: number
}

const total = (trips: Trip[]): number => trips.reduce((sum, trip) => sum + trip.kilometres, 0)
const speed = ({ kilometres, minutes }: Trip): number => kilometres / minutes

describe('a trip', () => {
  test('of no kilometres adds nothing', () => assert.equal(total([{ kilometres: 0, minutes: 5 }]), 0))

  test('is added to the others', () => {
    const trips: Trip[] = [
      { kilometres: 12, minutes: 10 },
      { kilometres: 30, minutes: 25 },
    ]
    assert.equal(total(trips), 42)
  })

  test('of sixty kilometres in an hour has a speed of 60 km/h', () => assert.equal(speed({ kilometres: 60, minutes: 60 }), 60))
})
