import { hash } from 'node:crypto'
import type { Body, Store } from '../../src/index.ts'

/** A store whose objects can be damaged, edited and lost behind everybody's back. */
export interface FaultyStore {
  readonly store: Store
  /** The bytes rot: the object goes on to say of itself what it said. */
  rot(key: string): void
  /** Somebody puts another object there by other means: it carries no digest of ours. */
  edit(key: string, text: string): Promise<void>
  lose(...keys: readonly string[]): Promise<void>
}

const FOREIGN = 'x/foreign'

export function createFaultyStore(inner: Store): FaultyStore {
  const rotten = new Set<string>()
  const renewed = (key: string): void => void rotten.delete(key)
  const store: Store = {
    ...inner,
    async head(key, options) {
      const found = await inner.head(key, options)
      return found?.headers['content-type'] === FOREIGN ? { ...found, sha256: undefined } : found
    },
    async get(key, options) {
      const found = await inner.get(key, options)
      return found && rotten.has(key) ? { ...found, bytes: found.bytes.map((byte) => byte ^ 1) } : found
    },
    async put(key, ...rest) {
      const result = await inner.put(key, ...rest)
      if (result.status === 'stored') renewed(key)
      return result
    },
  }
  return {
    store,
    rot: (key) => void rotten.add(key),
    edit: async (key, text) => void (await inner.put(key, textBody(text), { 'content-type': FOREIGN })),
    lose: async (...keys) => void (await inner.remove(keys)),
  }
}

export function textBody(text: string): Body {
  const bytes = Buffer.from(text)
  return { size: bytes.length, sha256: hash('sha256', bytes), read: async (from, to) => bytes.subarray(from, to) }
}
