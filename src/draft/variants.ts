import type { Store } from '../store/store.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { LadingError } from '../words/errors.ts'
import type { Key } from '../words/model.ts'

/** Sources that are each asked for; of more, whole folders of many sources are listed. */
const FEW = 256

/** `v/ab/`: the variants of every 256th source. */
const SHARED = /^v\/[0-9a-f]{2}\//

interface Look {
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/**
 * Looks whether every variant that pages are to name lies in this store: a page never names what is not there. A listing
 * for each source, and at most those of 256 folders.
 *
 * @throws E_VARIANT_MISSING before anything is written
 */
export async function checkVariants(store: Store, variants: ReadonlySet<Key>, look: Look): Promise<void> {
  const sources = new Set([...variants].map((key) => key.slice(0, key.lastIndexOf('/') + 1)))
  const folders = sources.size <= FEW ? sources : new Set([...sources].map((key) => SHARED.exec(key)?.[0] ?? key))
  const missing = new Set(variants)
  await forEachBounded([...folders], { ...look, weigh: () => 0 }, async (folder) => {
    for await (const page of store.list(folder, { signal: look.signal }))
      for (const { key } of page) missing.delete(key)
  })
  const [first] = [...missing].sort()
  if (first === undefined) return
  throw new LadingError('E_VARIANT_MISSING', 'What was rendered of the images does not lie in this store', {
    subject: first,
    details: missing.size > 1 ? [`${missing.size} of ${variants.size} are not there`] : [],
    why: 'The image manifest is that of another store or prefix, or of a run that did not end. Visitors would get 404s.',
    hint: 'Run lading images with the same --to, or take the manifest that belongs to it.',
  })
}
