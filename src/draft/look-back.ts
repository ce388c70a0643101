import type { ManifestRow } from '../plan/manifest.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { sameHeaders } from '../words/headers.ts'
import type { Key } from '../words/model.ts'
import { forgottenBy, type Stores } from './opened.ts'
import { lookAt } from './unsettled.ts'

interface LookBack {
  /** Named by those who held the deploy before. */
  readonly keys: readonly Key[]
  /** As they were published. */
  readonly rows: ReadonlyMap<Key, ManifestRow>
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/**
 * After a takeover, the keys of the deploy are checked once more after publishing: the previous holder may have written
 * one by a request already under way, which no condition stops where the bytes were equal.
 * @returns those that are not as they were published
 */
export async function changedBehindUs(stores: Stores, { keys, rows, concurrency, signal }: LookBack): Promise<Key[]> {
  const changed: Key[] = []
  await forEachBounded(keys, { concurrency, weigh: () => 0, signal }, async (key) => {
    const row = rows.get(key)
    const found = await lookAt(stores.store, key, signal)
    const isSame =
      found?.sha256 === row?.sha256 && sameHeaders(found?.headers ?? {}, row?.headers ?? {}, forgottenBy(stores))
    if (!isSame) changed.push(key)
  })
  return changed
}
