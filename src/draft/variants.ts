import { LadingError } from '../errors.ts'
import type { Key } from '../model.ts'
import type { Store } from '../store/store.ts'
import { forEachBounded } from '../transfer/pool.ts'

/** A manifest of another store shows in the first ones; every one of a large site would cost a request each. */
const SAMPLE = 32

interface Look {
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/**
 * Looks whether variants that pages are to name lie in this store, at up to 32 of them.
 *
 * @throws E_VARIANT_MISSING before anything is written
 */
export async function checkVariants(store: Store, variants: ReadonlySet<Key>, look: Look): Promise<void> {
  const step = Math.max(1, Math.floor(variants.size / SAMPLE))
  const sample = [...variants].sort().filter((_, index) => index % step === 0)
  const missing: Key[] = []
  await forEachBounded(sample.slice(0, SAMPLE), { ...look, weigh: () => 0 }, async (key) => {
    if ((await store.head(key, { signal: look.signal })) === undefined) missing.push(key)
  })
  const [first] = missing.sort()
  if (first === undefined) return
  throw new LadingError('E_VARIANT_MISSING', 'What was rendered of the images does not lie in this store', {
    subject: first,
    why: 'The image manifest is that of another store or prefix, or of a run that did not end. Visitors would get 404s.',
    hint: 'Run lading images with the same --to, or take the manifest that belongs to it.',
  })
}
