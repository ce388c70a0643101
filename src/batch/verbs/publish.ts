import { createManifestWriter } from '../../images/plan/manifest.ts'
import { isReceipt, type Receipt } from '../../images/plan/receipt.ts'
import type { Store } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import { LadingError } from '../../words/errors.ts'
import { contactSheetKey, imageManifestKey } from '../plan/keys.ts'
import type { BatchItem, BatchManifest } from '../plan/manifest.ts'
import type { ReceiptText } from '../receipts/receipts.ts'
import type { ClosedShard } from '../receipts/records.ts'
import { failureOf } from './failures.ts'
import { createSheetMaker, type Shown } from './sheet.ts'
import { readShardItems } from './submit.ts'

/** Writes a batch's output for programs and people: the image manifest and the contact sheet. */
export type Publish = (manifest: BatchManifest, shards: AsyncIterable<ClosedShard>) => Promise<void>

/** @param now milliseconds since 1970 */
export function createPublisher(store: Store, now: () => number): Publish {
  return async (manifest, shards) => {
    const { batch, recipe } = manifest
    const images = createManifestWriter(recipe)
    const sheet = createSheetMaker(store)
    for await (const { shard, receipts } of shards) {
      const found = new Map(receipts.map((read) => [read.item, read]))
      for (const item of await readShardItems(store, { batch, shard })) {
        const made = madeOf(item, found.get(item.item))
        if (made) {
          images.image(item.path, made)
          await sheet.show(shownOf(item, made))
          continue
        }
        const failure = failureOf(item, found.get(item.item), recipe)
        images.failure(item.path, failure)
        sheet.fail({ path: item.path, reason: failure.message })
      }
    }
    const page = Buffer.from(sheet.page(manifest, new Date(now()).toISOString()))
    const json = { 'content-type': 'application/json' }
    await store.put(imageManifestKey(batch), bytesBody(images.bytes()), json)
    await store.put(contactSheetKey(batch), bytesBody(page), { 'content-type': 'text/html; charset=utf-8' })
  }
}

/** @throws E_BATCH when the batch has not closed */
export async function imageManifest(store: Store, batch: string, signal?: AbortSignal): Promise<Uint8Array> {
  const found = await store.get(imageManifestKey(batch), { signal })
  if (found) return found.bytes
  throw new LadingError('E_BATCH', 'the batch has no image manifest yet', {
    subject: `${store.label}${imageManifestKey(batch)}`,
    hint: `It is written when the batch closes. To make one of what there is: lading batch reassemble ${batch}`,
  })
}

/** The receipt of a rendered image, with this item's path: another batch may have rendered it under a different one. */
function madeOf({ path, src }: BatchItem, read: ReceiptText | undefined): Receipt | undefined {
  if (read?.result !== 'done' || !isReceipt(read.receipt) || read.receipt.src.sha256 !== src.sha256) return undefined
  return { ...read.receipt, src: { ...read.receipt.src, key: src.key, path } }
}

function shownOf({ path }: BatchItem, { src, variants }: Receipt): Shown {
  const [smallest] = [...variants].sort((a, b) => a.width - b.width || a.bytes - b.bytes)
  return {
    path,
    bytes: src.bytes,
    width: src.width,
    height: src.height,
    variants: variants.map(({ format, width, bytes }) => ({ format, width, bytes })),
    // Without variants the original is the best version.
    smallest: smallest
      ? { key: smallest.key, type: `image/${smallest.format}`, bytes: smallest.bytes }
      : src.key === undefined
        ? undefined
        : { key: src.key, type: src.type, bytes: src.bytes },
  }
}
