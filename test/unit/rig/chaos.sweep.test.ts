import { describe, expect, it } from 'vitest'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { bodyOf } from '../../contract/bodies.ts'
import type { ChaosEntry, ChaosOptions } from '../../rig/chaos.ts'
import { open, PLAIN } from './setting.ts'

interface Played {
  readonly log: readonly ChaosEntry[]
  readonly statuses: readonly number[]
}

/** Forty puts and gets, one after the other. */
async function play(seed: number, options?: ChaosOptions): Promise<Played> {
  const { rig, store } = await open()
  const { log } = rig.chaos(seed, options)
  const retrying = withRetry(store, { random: () => 0, sleep: async () => undefined })
  for (let index = 0; index < 20; index += 1) {
    await retrying.put(`k/${index % 7}`, bodyOf(`body ${index}`), PLAIN)
    expect(await retrying.get(`k/${index % 7}`)).toBeDefined()
  }
  expect(rig.violations).toEqual([])
  return { log: [...log], statuses: rig.requests.map(({ status }) => status) }
}

describe('chaos', () => {
  it('is the same again for the same seed and the same requests', async () => {
    const first = await play(7, { rate: 0.3 })
    expect(first.log.length).toBeGreaterThan(5)
    expect(await play(7, { rate: 0.3 })).toEqual(first)
  })

  it('is another one for another seed', async () => {
    expect((await play(8, { rate: 0.3 })).log).not.toEqual((await play(7, { rate: 0.3 })).log)
  })

  it('is never at a rate of 0, and always at 1', async () => {
    expect((await play(1, { rate: 0 })).log).toEqual([])
    const { rig, store } = await open()
    const { log } = rig.chaos(1, { rate: 1, kinds: ['status:503'] })
    for (const key of ['a', 'b']) await expect(store.head(key)).rejects.toMatchObject({ code: 'E_THROTTLED' })
    expect(log).toEqual([
      { number: 1, name: 'HeadObject a', nth: 1, kind: 'status:503' },
      { number: 2, name: 'HeadObject b', nth: 1, kind: 'status:503' },
    ])
  })

  it('meets some of the requests that are alike, and with more than one kind', async () => {
    const { rig, store } = await open()
    const { log } = rig.chaos(1, { rate: 0.5, inARow: 30, kinds: ['status:500', 'status:503'] })
    for (let index = 0; index < 30; index += 1) await store.head('a').catch(() => undefined)
    expect(log.length).toBeGreaterThan(5)
    expect(log.length).toBeLessThan(25)
    expect(new Set(log.map(({ kind }) => kind)).size).toBe(2)
  })

  it('lets a request pass after so many faults in a row', async () => {
    const { rig, store } = await open()
    rig.chaos(1, { rate: 1, inARow: 2, kinds: ['status:500'] })
    for (let index = 0; index < 6; index += 1) await store.head('a').catch(() => undefined)
    expect(rig.requests.map(({ status }) => status)).toEqual([500, 500, 404, 500, 500, 404])
  })

  it('does not depend on the order of requests that run side by side', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `k/${index}`)
    const drawn = async (order: readonly string[]): Promise<string[]> => {
      const { rig, store } = await open()
      const { log } = rig.chaos('side by side', { rate: 0.4, kinds: ['status:500', 'reset@after', 'reset-request'] })
      await Promise.all(order.map((key) => store.put(key, bodyOf(key), PLAIN).catch(() => undefined)))
      return log.map(({ name, kind }) => `${name} ${kind}`).sort()
    }
    const forward = await drawn(keys)
    expect(forward.length).toBeGreaterThan(5)
    expect(await drawn(keys.toReversed())).toEqual(forward)
  })

  it('leaves out of the draw what the caller leaves out of the name', async () => {
    const names = async (suffix: string): Promise<string[]> => {
      const { rig, store } = await open()
      const { log } = rig.chaos(3, { rate: 0.5, kinds: ['status:500'], nameOf: ({ key }) => key.split('-')[0] ?? '' })
      for (let index = 0; index < 10; index += 1) await store.head(`lock-${suffix}${index}`).catch(() => undefined)
      return log.map(({ name, nth }) => `${name} ${nth}`)
    }
    expect((await names('x')).length).toBeGreaterThan(0)
    expect(await names('x')).toEqual(await names('y'))
  })

  it('stands back where a fault was set', async () => {
    const { rig, store } = await open()
    const { log } = rig.chaos(1, { rate: 1, kinds: ['status:503'] })
    rig.fault({ at: 1, do: 'status:403' })
    await expect(store.head('a')).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' })
    expect(log).toEqual([])
  })
})
