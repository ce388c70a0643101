import type { RemoveFailure, Store } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { Key } from '../words/model.ts'
import type { HeldDeploy } from './held-deploy.ts'

/** Keys removed between two checks that the deploy is still held. */
const BATCH = 1000

/** Removes keys as long as the deploy is held. Returns those that could not be removed. */
export async function removeBatches(
  store: Store,
  keys: readonly Key[],
  { guard, signal }: Pick<HeldDeploy, 'guard' | 'signal'>,
): Promise<RemoveFailure[]> {
  const failures: RemoveFailure[] = []
  for (let at = 0; at < keys.length; at += BATCH) {
    guard()
    failures.push(...(await store.remove(keys.slice(at, at + BATCH), { guard, signal })))
  }
  return failures
}

export function notRemoved(failures: readonly RemoveFailure[]): LadingError {
  return new LadingError('E_REMOVE', `${failures.length} objects could not be removed`, {
    details: failures.map(({ key, reason }) => `${key}: ${reason}`),
    why: 'The others are gone; these stay on record.',
    hint: 'Allow s3:DeleteObject on the prefix, then run the same command again.',
  })
}
