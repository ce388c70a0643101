import { describe, expect, it } from 'vitest'
import { createLease, momentOf, SYSTEM_CLOCK } from '../../../src/transfer/lease.ts'
import { createHandClock } from './setting.ts'

const LOST = expect.objectContaining({ code: 'E_LOCK_LOST', exitCode: 8, subject: 's3://b/x d5', retryable: false })

describe('a lease', () => {
  const leased = () => {
    const clock = createHandClock()
    return { clock, lease: createLease(clock, 30_000, 's3://b/x d5') }
  }

  it('lasts as long as it says, and not a moment longer', () => {
    const { clock, lease } = leased()
    expect(() => lease.guard()).not.toThrow()
    clock.advance(29_999)
    expect(() => lease.guard()).not.toThrow()
    clock.advance(1)
    expect(() => lease.guard()).toThrow(LOST)
  })

  it.each([
    ['a machine that slept, whose monotonic clock stood still', { wall: 30_000, monotonic: 0 }],
    ['a clock on the wall that was set back', { wall: -3_600_000, monotonic: 30_000 }],
    ['a clock on the wall that stands still', { wall: 0, monotonic: 30_000 }],
  ])('is over on %s', (_, passed) => {
    const { clock, lease } = leased()
    clock.advance(passed)
    expect(() => lease.guard()).toThrow(LOST)
    expect(lease.isLost).toBe(false)
  })

  it('is extended from the moment that a sign of life was sent, not from when it arrived', () => {
    const { clock, lease } = leased()
    clock.advance(20_000)
    const sent = momentOf(clock)
    clock.advance(5000)
    lease.extend(sent)
    clock.advance(24_999)
    expect(() => lease.guard()).not.toThrow()
    clock.advance(1)
    expect(() => lease.guard()).toThrow(LOST)
  })

  it('that was lost stays lost, whatever arrives later', () => {
    const { clock, lease } = leased()
    lease.lose()
    expect(() => lease.guard()).toThrow(LOST)
    lease.extend(momentOf(clock))
    expect(() => lease.guard()).toThrow(LOST)
    expect(lease.isLost).toBe(true)
  })
})

describe('the machine’s clock', () => {
  it('stops waiting when told to, with the reason', async () => {
    const reason = new Error('stopped by SIGTERM')
    const stop = new AbortController()
    const waiting = SYSTEM_CLOCK.sleep(3_600_000, stop.signal)
    stop.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(SYSTEM_CLOCK.sleep(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  it('never goes back while it waits', async () => {
    const before = SYSTEM_CLOCK.monotonicMs()
    await SYSTEM_CLOCK.sleep(2, undefined)
    expect(SYSTEM_CLOCK.monotonicMs()).toBeGreaterThan(before)
  })
})
