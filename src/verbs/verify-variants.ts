import { isVariantKey } from '../images/plan/keys.ts'
import { parseImageManifest } from '../images/plan/manifest.ts'
import { parseReceipt, type Receipt, type Variant } from '../images/plan/receipt.ts'
import { receiptKeyOf } from '../images/plan/recipe.ts'
import { variantHeaders } from '../images/variant-headers.ts'
import { type CompareOptions, compareFound } from '../transfer/compare-row.ts'
import type { ImageManifestPlace } from '../transfer/image-manifest.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { LadingError } from '../words/errors.ts'
import type { DriftEvent } from '../words/events.ts'
import type { Key } from '../words/model.ts'

export interface VariantLook extends CompareOptions {
  /** What lies in the store besides the site's own objects. */
  readonly listed: ReadonlySet<Key>
  readonly manifest: ImageManifestPlace
  /** Whether an object is looked at. */
  readonly isChosen: (of: { readonly key: Key }) => boolean
  readonly concurrency: number
}

export interface VariantsLookedAt {
  readonly drift: readonly DriftEvent[]
  readonly looked: number
  /** Bytes that were read. */
  readonly bytes: number
}

/**
 * Checks the variants that pages may name: those of the image manifest, of every receipt beside variants, and of the
 * batches' manifests. Their digests are not known beforehand, since the first writer wins: each must have the size that
 * its receipt states and match the digest stored with it.
 */
export async function lookAtVariants(look: VariantLook): Promise<VariantsLookedAt> {
  const { drift, receipts } = await readReceipts(look)
  const named = new Map<Key, Variant>()
  for (const { src, variants } of receipts) {
    for (const one of variants) if (isVariantKey(one.key, src.sha256)) named.set(one.key, one)
  }
  const chosen = [...named.values()].filter(look.isChosen)
  let bytes = 0
  await forEachBounded(chosen, { ...look, weigh: () => 0 }, async ({ key, bytes: size, format }) => {
    const found = await look.store.head(key, { signal: look.signal })
    const wanted = { size, sha256: found?.sha256 ?? '', headers: variantHeaders(format) }
    const compared = await compareFound(wanted, found, look)
    bytes += compared.bytes
    if (compared.kind !== undefined) drift.push({ type: 'drift', kind: compared.kind, key, detail: compared.detail })
  })
  return { drift, looked: chosen.length, bytes }
}

interface Read {
  readonly drift: DriftEvent[]
  readonly receipts: Receipt[]
}

const RECEIPT = /^v\/[0-9a-f]{2}\/[0-9a-f]{24}\/r\d{1,4}-[0-9a-f]{12}\.json$/
const BATCH_MANIFEST = /^b\/[^/]+\/images\.json$/

async function readReceipts(look: VariantLook): Promise<Read> {
  const { store, listed, manifest } = look
  const drift: DriftEvent[] = []
  const receipts = await receiptsIn(manifest, look, drift)
  const known = new Set(receipts.map(({ src, recipe }) => receiptKeyOf(src.sha256, recipe)))
  const others = [...listed].filter((key) => RECEIPT.test(key) && !known.has(key))
  await forEachBounded(others, { ...look, weigh: () => 0 }, async (key) => {
    const found = await store.get(key, { signal: look.signal })
    const receipt = found && parseReceipt(found.bytes)
    if (receipt) receipts.push(receipt)
    else if (found) drift.push(unreadable(key, 'the receipt of an image cannot be read'))
  })
  for (const key of listed) {
    if (!BATCH_MANIFEST.test(key)) continue
    const made = await receiptsIn({ store, key }, look, drift)
    // A batch's manifest is history: images of which no variant is left were taken down since, and are not missing.
    receipts.push(...made.filter(({ variants }) => variants.some((one) => listed.has(one.key))))
  }
  return { drift, receipts }
}

async function receiptsIn(
  { store, key }: ImageManifestPlace,
  { signal }: Pick<VariantLook, 'signal'>,
  drift: DriftEvent[],
): Promise<Receipt[]> {
  const found = await store.get(key, { signal })
  if (found === undefined) return []
  try {
    return [...parseImageManifest(found.bytes, key).images.values()]
  } catch (error) {
    if (!(error instanceof LadingError && error.code === 'E_MANIFEST')) throw error
    drift.push(unreadable(key, 'the image manifest cannot be read'))
    return []
  }
}

const unreadable = (key: Key, detail: string): DriftEvent => ({ type: 'drift', kind: 'state', key, detail })
