import { expect, it } from 'vitest'
import { inTurns } from '../../../src/store/folder/sync.ts'

/** Syncs that end when they are told to. */
function world() {
  const syncs: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  const paths: string[] = []
  const sync = inTurns((path) => {
    paths.push(path)
    return new Promise((resolve, reject) => void syncs.push({ resolve, reject }))
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return { sync, syncs, paths, settled }
}

it('begins at once for who comes first, and of each folder for itself', async () => {
  const { sync, syncs, paths } = world()
  const both = [sync('a'), sync('b')]
  expect(paths).toEqual(['a', 'b'])
  for (const each of syncs) each.resolve()
  await Promise.all(both)
})

it('gives who comes while one runs the next, which begins after it and which they share', async () => {
  const { sync, syncs, paths, settled } = world()
  const first = sync('a')
  let done = 0
  const later = [sync('a'), sync('a'), sync('a')].map((each) => each.then(() => (done += 1)))
  expect(paths).toEqual(['a'])
  syncs[0]?.resolve()
  await first
  await settled()
  expect(paths).toEqual(['a', 'a'])
  expect(done).toBe(0)
  const last = sync('a')
  syncs[1]?.resolve()
  await Promise.all(later)
  await settled()
  expect(paths).toEqual(['a', 'a', 'a'])
  syncs[2]?.resolve()
  await last
})

it('tells a failure to those who waited for it alone, and begins anew when all are gone', async () => {
  const { sync, syncs, paths, settled } = world()
  const first = sync('a')
  const second = sync('a')
  syncs[0]?.reject(new Error('the disk is full'))
  await expect(first).rejects.toThrow('full')
  await settled()
  syncs[1]?.resolve()
  await second
  await settled()
  void sync('a')
  expect(paths).toEqual(['a', 'a', 'a'])
})
