// One of these tests finds a bug. Which line is it in?
const assert = require('node:assert/strict')
const { describe, test } = require('node:test')

const priceOf = (items) => items.reduce((sum, { price, count }) => sum + price * count, 0)
const withDiscount = (price, percent) => price - (price * percent) / 10

describe('the price of a basket', () => {
  test('is nothing when it is empty', () => assert.equal(priceOf([]), 0))

  test('counts every item as often as it is there', () => {
    const basket = [
      { price: 3, count: 2 },
      { price: 10, count: 1 },
    ]
    assert.equal(priceOf(basket), 16)
  })

  test('is ten percent less with a discount of ten percent', () => assert.equal(withDiscount(100, 10), 90))
})
