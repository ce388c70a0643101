import type { Key } from '../../words/model.ts'
import { assertKey, assertListPrefix } from '../key.ts'
import type { HalfDone, ListedObject, ListOptions, Store } from '../store.ts'

/**
 * The part of a store below `prefix`, as a store of its own: keys go in and come out without the prefix, and its
 * bytes are taken off the limit. Nothing outside the prefix can be named through it.
 *
 * @param prefix empty, or ending with `/`
 */
export function withPrefix(store: Store, prefix: string): Store {
  if (prefix === '') return store
  assertListPrefix(prefix, { keyBytes: store.limits.keyBytes, allowControl: true })
  const keyBytes = store.limits.keyBytes - Buffer.byteLength(prefix)

  // Checked here as well: `prefix` + '' would be a legal looking name of something else. Control characters are
  // the inner store's to judge, which knows what it can carry.
  const inside = (key: Key): Key => {
    assertKey(key, { keyBytes, allowControl: true })
    return prefix + key
  }
  const outside = <T extends { readonly key: Key }>(object: T): T => ({
    ...object,
    key: object.key.slice(prefix.length),
  })

  const bound = (text: string | undefined): string | undefined => (text === undefined ? undefined : prefix + text)

  async function* list(folder: string, options: ListOptions = {}): AsyncGenerator<readonly ListedObject[]> {
    assertListPrefix(folder, { keyBytes, allowControl: true })
    const bounds = { after: bound(options.after), until: bound(options.until) }
    for await (const page of store.list(prefix + folder, { ...options, ...bounds })) yield page.map(outside)
  }

  const { folders } = store
  return {
    label: store.label.endsWith('/') ? store.label + prefix : `${store.label}/${prefix}`,
    limits: { ...store.limits, keyBytes },
    facts: store.facts,
    warmUp: (requests) => store.warmUp?.(requests),
    list,
    ...(folders && {
      async folders(folder, options) {
        assertListPrefix(folder, { keyBytes, allowControl: true })
        return folders(prefix + folder, options)
      },
    }),
    async get(key, options) {
      const found = await store.get(inside(key), options)
      return found && outside(found)
    },
    async head(key, options) {
      const found = await store.head(inside(key), options)
      return found && outside(found)
    },
    // Not `async`: in thousands of calls each extra promise costs.
    put(key, body, headers, condition) {
      try {
        return store.put(inside(key), body, headers, condition)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    copy: async (from, to, options) => store.copy(inside(from), inside(to), options),
    reheader: async (key, headers, options) => store.reheader(inside(key), headers, options),
    async remove(keys, options) {
      const etags = options?.etags && new Map([...options.etags].map(([key, etag]) => [inside(key), etag]))
      return (await store.remove(keys.map(inside), { ...options, etags })).map(outside)
    },
    async sweep(options) {
      const folder = options?.prefix ?? ''
      assertListPrefix(folder, { keyBytes, allowControl: true })
      const isOver = options?.isOver
      const isOverInside = isOver && ((left: HalfDone) => isOver(outside(left)))
      return store.sweep({ ...options, prefix: prefix + folder, isOver: isOverInside })
    },
  }
}
