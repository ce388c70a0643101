import { gunzipSync } from 'node:zlib'
import type { Opened } from '../draft/opened.ts'
import { isInTree, treeOf } from '../plan/naming.ts'
import type { Release } from '../plan/release.ts'
import type { Key } from '../words/model.ts'

/**
 * Keys that no release names although pages need them: a page may name a style sheet or a script whose file is gone, or
 * an older one, which names further ones. A release records only what its pages name, so those files are read; most
 * sites have none.
 */
export async function findNeeded(
  { manifest, store }: Pick<Opened, 'manifest' | 'store'>,
  kept: readonly Release[],
  signal: AbortSignal | undefined,
): Promise<Set<Key>> {
  const rows = manifest?.rows ?? new Map<Key, unknown>()
  const needed = new Set(kept.flatMap(({ lingering }) => [...lingering]).filter((key) => rows.has(key)))
  if (needed.size === 0) return needed
  const { mayNameKeys, namedKeys } = await import('../rewrite/json/named-keys.ts')
  for (const key of neighbours(rows.keys(), needed)) needed.add(key)
  // the set grows during iteration; files inside a tree refer to nothing outside of it
  for (const key of needed) {
    if (isInTree(key)) continue
    const named = mayNameKeys(key) ? namedKeys(key, await textOf(store, key, signal)) : []
    for (const other of [...named, `${key}.br`]) if (rows.has(other)) needed.add(other)
  }
  return needed
}

function neighbours(keys: Iterable<Key>, needed: ReadonlySet<Key>): Key[] {
  const trees = new Set([...needed].map(treeOf))
  return [...keys].filter((key) => isInTree(key) && trees.has(treeOf(key)))
}

async function textOf(store: Opened['store'], key: Key, signal: AbortSignal | undefined): Promise<string> {
  const found = await store.get(key, { signal })
  if (found === undefined) return ''
  const bytes = found.headers['content-encoding'] === 'gzip' ? gunzipSync(found.bytes) : found.bytes
  return Buffer.from(bytes).toString()
}
