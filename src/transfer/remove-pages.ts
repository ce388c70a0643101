import type { Action } from '../plan/plan.ts'
import { CHANGED, type Store } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { ETag, Key } from '../words/model.ts'
import type { HeldDeploy } from './held-deploy.ts'
import { forEachBounded } from './pool.ts'
import type { State } from './state.ts'

export interface RemovePages {
  readonly store: Store
  readonly state: State
  readonly held: HeldDeploy
  readonly actions: readonly Action[]
  readonly concurrency: number
}

/**
 * Removes pages that the site no longer has, each kept before. New pages are in place by then, and no page of the new
 * release names a removed one. The record of the held deploy names them: a run that finds it unsettled checks each.
 * @throws E_REMOVE
 */
export async function removePages({ store, state, held, actions, concurrency }: RemovePages): Promise<void> {
  const gone = actions.flatMap((action) => (action.op === 'remove' ? [action.stored] : []))
  if (gone.length === 0) return
  const { guard, signal } = held
  await forEachBounded(gone, { concurrency, weigh: () => 0, signal }, (row) => state.blobs.keep(row, { guard, signal }))
  const known = gone.flatMap(({ key, etag }): [Key, ETag][] => (etag === undefined ? [] : [[key, etag]]))
  const keys = gone.map(({ key }) => key)
  const failures = await store.remove(keys, { etags: new Map(known), guard, signal })
  // changed by somebody else since: no longer the page that the site had
  const failed = failures.filter(({ reason }) => reason !== CHANGED)
  if (failed.length === 0) return
  throw new LadingError('E_REMOVE', 'Pages that the site no longer has could not be removed', {
    details: failed.map(({ key, reason }) => `${key}: ${reason}`),
    why: 'No release was published; the new pages are in place already.',
    hint: 'Allow s3:DeleteObject on the prefix, then run the same command again.',
    retryable: true,
  })
}
