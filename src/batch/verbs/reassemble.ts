import type { Store } from '../../store/store.ts'
import { batchResultKey, closedShardKey } from '../plan/keys.ts'
import { shardsOf } from '../plan/manifest.ts'
import { resultOf, shardRecord } from '../receipts/assemble.ts'
import { arrivalsOf, shardOf } from '../receipts/receipts.ts'
import { type BatchResult, closedShards, putOver } from '../receipts/records.ts'
import type { Publish } from './publish.ts'
import { knownManifest } from './watch.ts'

/**
 * Rebuilds a batch's result and output from its receipts, without rendering: after missing or failed items were done,
 * or when the output's format has changed. A batch still in progress is closed with what it has.
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
