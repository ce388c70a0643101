import type { Store } from '../../store/store.ts'
import { batchManifestKey, batchResultKey } from '../plan/keys.ts'
import { shardsOf } from '../plan/manifest.ts'
import { arrivalsOf, readBatchManifest, shardOf } from './receipts.ts'
import { resultIn } from './records.ts'

/**
 * Those of the batches that are over. One whose objects are gone was over long ago: they expire. One that its deadline
 * has closed may be submitted again: it is over when every image has a receipt, or the fleet is empty.
 */
export async function overOf(store: Store, batches: readonly string[], isEmpty = false): Promise<readonly string[]> {
  const over: string[] = []
  for (const batch of batches) {
    const result = await store.get(batchResultKey(batch))
    const isOver = result
      ? isEmpty ||
        !resultIn(result.bytes, `${store.label}${batchResultKey(batch)}`).partial ||
        (await hasAll(store, batch))
      : (await store.head(batchManifestKey(batch))) === undefined
    if (isOver) over.push(batch)
  }
  return over
}

async function hasAll(store: Store, batch: string): Promise<boolean> {
  const manifest = await readBatchManifest(store, batch)
  if (!manifest) return true
  for (const shard of shardsOf(manifest)) {
    if ((await arrivalsOf(store, shardOf(manifest, shard))).missing.length > 0) return false
  }
  return true
}
