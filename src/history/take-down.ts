import type { Opened } from '../draft/opened.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { traceOf } from '../plan/trace.ts'
import type { RemoveFailure } from '../store/store.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { forgetImages } from '../transfer/image-manifest.ts'
import { removeBatches } from '../transfer/remove-batches.ts'
import type { Digest, Key } from '../words/model.ts'
import type { Copies } from './copies.ts'
import { asFailures } from './report.ts'

export interface TakeDownInput {
  readonly opened: Opened
  readonly copies: Copies
  /** Whether what was rendered from a content goes. */
  readonly isGone: (source: Digest) => boolean
  /** ISO 8601. */
  readonly at: string
}

export interface TakenDown {
  readonly failures: readonly RemoveFailure[]
  /** Of the manifest, as it is then. */
  readonly rows: ReadonlyMap<Key, ManifestRow>
}

/**
 * Removes copies, kept contents and what the image manifest says of them, and the file's own objects last: everything
 * else is found through their digests, so that after an interruption the same command finds the rest. Where something
 * could not be removed, their rows stay for the same reason, as {@link traceOf} what is gone.
 */
export async function takeDown(
  { opened, copies, isGone, at }: TakeDownInput,
  held: Pick<HeldDeploy, 'guard' | 'signal'>,
): Promise<TakenDown> {
  const { store, state, manifest } = opened
  const own = new Set(copies.own.map(({ key }) => key))
  const others = copies.objects.map(({ key }) => key).filter((key) => !own.has(key))
  const failures: RemoveFailure[] = await removeBatches(store, others, held)
  // also those that a listing did not show
  failures.push(...asFailures(await state.remove('blobs', [...copies.digests, ...copies.unnamed])))
  // kept while something could not be removed: the next run finds the rest through it
  if (failures.length === 0) await forgetImages(state.images, isGone, held)
  const isTraced = failures.length > 0
  failures.push(...(await removeBatches(store, [...own], held)))
  const failed = new Set(failures.map(({ key }) => key))
  const rows = new Map(manifest?.rows)
  for (const { key } of copies.objects) if (!failed.has(key)) rows.delete(key)
  if (isTraced) for (const row of copies.own) if (!failed.has(row.key)) rows.set(row.key, traceOf(row, at))
  return { failures, rows }
}
