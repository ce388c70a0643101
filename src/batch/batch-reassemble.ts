import type { Store } from '../store/store.ts'
import { resultOf, shardRecord } from './assemble.ts'
import { type BatchResult, closedShards, putOver } from './assemble-records.ts'
import type { Publish } from './batch-publish.ts'
import { knownManifest } from './batch-watch.ts'
import { batchResultKey, closedShardKey } from './keys.ts'
import { shardsOf } from './manifest.ts'
import { arrivalsOf, shardOf } from './receipts.ts'

/**
 * Makes the end of a batch again from its receipts, without rendering: after items that were missing or had failed are
 * done, or when what is made of receipts is to have another form. A batch that goes on is closed with what there is.
 *
 * @throws E_BATCH when there is no such batch
 */
export async function reassemble(
  store: Store,
  batch: string,
  { now, publish }: { readonly now: () => number; readonly publish: Publish },
): Promise<BatchResult> {
  const manifest = await knownManifest(store, batch)
  for (const shard of shardsOf(manifest)) {
    const arrivals = await arrivalsOf(store, shardOf(manifest, shard))
    await putOver(store, closedShardKey(batch, shard), await shardRecord(store, { manifest, shard, arrivals }))
  }
  const result = await resultOf(store, manifest, new Date(now()).toISOString())
  await publish(manifest, closedShards(store, manifest))
  await putOver(store, batchResultKey(batch), result)
  return result
}
