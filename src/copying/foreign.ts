import { digestOfForeign } from '../transfer/foreign.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { LadingError } from '../words/errors.ts'
import type { Key } from '../words/model.ts'
import type { CopyInput } from './objects.ts'

/**
 * An object already at a needed key, put there by neither a copy nor a deploy, becomes ours when it holds exactly the
 * same bytes. Anything else is foreign and left alone.
 * @throws E_FOREIGN with all that are in the way, before anything is written
 */
export async function refuseForeign(
  { source, target, options, run }: CopyInput,
  listed: ReadonlySet<Key>,
): Promise<void> {
  const { store, manifest } = target
  const { concurrency } = options
  const { signal } = run
  const suspects = [...source.rows.values()].filter(({ key }) => listed.has(key) && !manifest?.rows.has(key))
  const foreign: Key[] = []
  await forEachBounded(suspects, { concurrency, weigh: () => 0, signal }, async ({ key, size, sha256 }) => {
    const found = await store.head(key, { signal })
    if (found === undefined || found.sha256 !== undefined) return
    const isEqual = found.size === size && (await digestOfForeign(store, found, signal)) === sha256
    if (!isEqual) foreign.push(key)
  })
  if (foreign.length === 0) return
  throw new LadingError('E_FOREIGN', 'Somebody else’s objects lie where the copy belongs', {
    subject: store.label,
    details: foreign.sort(),
    why: 'Lading did not put them and their bytes differ, so nothing was written.',
    hint: 'Remove or move those objects, or copy to a prefix of your own.',
  })
}
