import { describe, expect, it } from 'vitest'
import { describeOrder, isOlder, isOrder, type Order } from '../../../src/plan/order.ts'

const run = (number: number, counter = 'github:Deploy'): Order => ({ counter, number })

describe('a run is older than the live one', () => {
  it.each<[string, Order | undefined, Order | undefined, boolean]>([
    ['with a lower number', run(41), run(42), true],
    ['not with the same number, which is the same run again', run(42), run(42), false],
    ['not with a higher number', run(43), run(42), false],
    ['by the number, not by its digits', run(9), run(10), true],
    ['not when another counter counts', run(1, 'nightly'), run(42), false],
    ['not without an order', undefined, run(42), false],
    ['not when the live one has none', run(1), undefined, false],
    ['not when neither has one', undefined, undefined, false],
  ])('%s', (_, order, live, expected) => {
    expect(isOlder(order, live)).toBe(expected)
  })
})

describe('an order', () => {
  it('is shown with its counter', () => expect(describeOrder(run(41))).toBe('github:Deploy #41'))

  it.each([undefined, null, 'a #1', {}, { counter: 'a' }, { number: 1 }, { counter: 1, number: 1 }])(
    'is not %j',
    (value) => {
      expect(isOrder(value)).toBe(false)
    },
  )

  it.each([1.5, Number.NaN, 2 ** 53, '1'])('has a whole number, not %s', (number) => {
    expect(isOrder({ counter: 'a', number })).toBe(false)
    expect(isOrder({ counter: 'a', number: 1 })).toBe(true)
  })
})
