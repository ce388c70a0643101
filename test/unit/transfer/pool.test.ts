import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { forEachBounded } from '../../../src/transfer/pool.ts'

const MIB = 2 ** 20
const small = (count: number): number[] => Array.from({ length: count }, (_, index) => 1000 + index)

/** Works on sizes, each for as many turns as `turnsFor` says. @returns what was begun, and the most that ran at once */
async function worked(
  sizes: readonly number[],
  concurrency: number,
  turnsFor: (size: number) => number = () => 1,
): Promise<{ begun: number[]; ended: number[]; atOnce: number; bytes: number }> {
  const begun: number[] = []
  const ended: number[] = []
  let [running, held, atOnce, bytes] = [0, 0, 0, 0]
  await forEachBounded(sizes, { concurrency, weigh: (size) => size }, async (size) => {
    begun.push(size)
    running += 1
    held += size
    atOnce = Math.max(atOnce, running)
    bytes = Math.max(bytes, held)
    for (let turn = 0; turn < turnsFor(size); turn++) await nextTurn()
    running -= 1
    held -= size
    ended.push(size)
  })
  return { begun, ended, atOnce, bytes }
}

describe('work within bounds', () => {
  it('is done in order, as many at once as is said', async () => {
    const { begun, atOnce } = await worked(small(50), 7)
    expect(begun).toEqual(small(50))
    expect(atOnce).toBe(7)
  })

  it('begins large items first and lets no small one wait for them', async () => {
    const large = Array.from({ length: 12 }, () => 5 * MIB)
    const { begun, ended } = await worked([...small(100), ...large], 64, (size) => (size > MIB ? 50 : 1))
    expect(begun[0]).toBe(5 * MIB)
    expect(begun.slice(0, 10)).toContain(1000)
    // all small ones are through before half of the large ones are
    expect(ended.slice(0, 100).filter((size) => size > MIB).length).toBeLessThan(6)
  })

  it('holds no more memory than the budget, but for one that is larger alone', async () => {
    const { bytes } = await worked([...Array.from({ length: 20 }, () => 5 * MIB), ...small(500)], 64, () => 3)
    expect(bytes).toBeLessThanOrEqual(32 * MIB)
    const alone = await worked([100 * MIB, 100 * MIB, 100 * MIB], 64)
    expect(alone.atOnce).toBe(1)
  })

  it.each([
    [2, 0.9],
    [6, 0.2],
  ])('has at most %i large items in hand while small ones wait at a load of %f', async (most, load) => {
    const lanes = { count: 64, load, ended: () => undefined, begin: () => undefined }
    let [running, atOnce, waiting] = [0, 0, 500]
    const sizes = [...small(500), ...Array.from({ length: 20 }, () => MIB)]
    await forEachBounded(sizes, { concurrency: 64, lanes, weigh: (size) => size }, async (size) => {
      if (size < MIB) waiting -= 1
      else running += 1
      if (waiting > 64) atOnce = Math.max(atOnce, running)
      await nextTurn()
      if (size === MIB) running -= 1
    })
    expect(atOnce).toBe(most)
  })

  it('gives all lanes to large items once no small one is left, within the budget', async () => {
    const { atOnce } = await worked(
      Array.from({ length: 40 }, () => MIB),
      16,
    )
    expect(atOnce).toBe(16)
  })

  it('with one lane does one thing after the other, whatever its size', async () => {
    const { begun, atOnce } = await worked([1000, 5 * MIB, 1001, 5 * MIB + 1], 1)
    expect(begun).toEqual([5 * MIB, 5 * MIB + 1, 1000, 1001])
    expect(atOnce).toBe(1)
  })

  it('takes nothing more after a failure, ends what is in hand, and rejects with it', async () => {
    const ended: number[] = []
    const work = forEachBounded(small(100), { concurrency: 4, weigh: (size) => size }, async (size) => {
      await nextTurn()
      if (size === 1001) throw new Error('broken')
      await nextTurn()
      ended.push(size)
    })
    await expect(work).rejects.toThrow('broken')
    expect(ended).toEqual([1000, 1002, 1003])
  })
})
