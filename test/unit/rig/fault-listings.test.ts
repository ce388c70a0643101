import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../contract/bodies.ts'
import type { FaultName } from '../../rig/s3-faults.ts'
import { open, PLAIN, type Setting } from './setting.ts'

const KEYS = ['a', 'b', 'c', 'd', 'e']

async function stocked(): Promise<Setting> {
  const setting = await open({ maxKeys: 2 })
  for (const key of KEYS) await setting.store.put(key, bodyOf('x'), PLAIN)
  return setting
}

async function listed({ store }: Setting): Promise<string[]> {
  const keys: string[] = []
  for await (const page of store.list('')) keys.push(...page.map(({ key }) => key))
  return keys
}

describe('a page of a listing', () => {
  it.each<[FaultName, number, string[]]>([
    ['drop-page', 6, ['c', 'd', 'e']],
    ['drop-page', 7, ['a', 'b', 'e']],
    ['end-page', 7, ['a', 'b', 'c', 'd']],
  ])('is missing without a sign: %s at %d', async (fault, at, keys) => {
    const setting = await stocked()
    setting.rig.fault({ at, do: fault })
    expect(await listed(setting)).toEqual(keys)
    expect(await listed(setting)).toEqual(KEYS)
  })

  it.each<[FaultName, number, string]>([
    ['no-token', 6, 'not where'],
    ['no-token', 8, 'not where'],
    ['same-token', 7, 'twice'],
    ['same-token', 8, 'twice'],
    ['unordered', 6, 'out of order'],
    ['duplicate', 7, 'out of order'],
  ])('is broken, and the adapter sees it: %s at %d', async (fault, at, why) => {
    const setting = await stocked()
    setting.rig.fault({ at, do: fault })
    await expect(listed(setting)).rejects.toMatchObject({ code: 'E_LISTING', why: expect.stringContaining(why) })
  })

  it('comes late to what was just written', async () => {
    const setting = await stocked()
    setting.rig.fault({ at: { op: 'ListObjectsV2' }, do: { kin: { listingLagMs: 10_000 } } })
    expect(await listed(setting)).toEqual([])
    setting.rig.fault({ at: { op: 'ListObjectsV2' }, times: 3, do: { kin: { listingLagMs: 10_000 } } })
    setting.rig.setClockOffset(11_000)
    expect(await listed(setting)).toEqual(KEYS)
  })
})
