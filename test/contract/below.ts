import { expect } from 'vitest'
import { withPrefix } from '../../src/store/wrappers/with-prefix.ts'
import { bodyOf } from './bodies.ts'
import type { OpenedStore } from './store-contract.ts'

const PREFIX = 'team/site \u00e9+/'
const NEIGHBOURS = ['a', 'team/a', 'team/site \u00e9', 'team/site \u00e9+!', 'team/site \u00e9+2/a', 'zzz']

/** The same store below a prefix, with neighbours that must neither be seen nor touched. */
export const below: (open: () => Promise<OpenedStore>) => () => Promise<OpenedStore> = (open) => async () => {
  const { store, close } = await open()
  const plain = { 'content-type': 'text/plain' }
  for (const key of NEIGHBOURS) await store.put(key, bodyOf('neighbour'), plain)
  return {
    store: withPrefix(store, PREFIX),
    close: async () => {
      for (const key of NEIGHBOURS) {
        expect(await store.head(key)).toMatchObject({ headers: plain, sha256: bodyOf('neighbour').sha256 })
      }
      await close()
    },
  }
}
