import { expect, it } from 'vitest'
import { createAwakeClock } from '../../../src/images/awake.ts'

it('the time of a render counts while we are awake: a night in between is none of it', () => {
  let now = 5000
  const awake = createAwakeClock(() => now)
  for (let look = 0; look < 200; look++) {
    now += 50
    awake()
  }
  expect(awake()).toBe(10_000)
  now += 8 * 3600_000
  expect(awake()).toBe(12_000)
  now += 50
  expect(awake()).toBe(12_050)
})

it('a clock that was set back takes nothing away', () => {
  let now = 5000
  const awake = createAwakeClock(() => now)
  now = 1000
  expect(awake()).toBe(0)
})
