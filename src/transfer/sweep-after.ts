import type { Deploy } from '../plan/deploy.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import type { HalfDone, Store } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { Key } from '../words/model.ts'
import { STATE_FOLDER } from './state.ts'

/** A multipart upload unfinished for this long is abandoned, in milliseconds: a day. */
const LEFT_MS = 24 * 60 * 60_000

/**
 * Aborts multipart uploads of a dead run: those under the keys of its deploy and, once old enough to be abandoned,
 * those under names that only Lading uses. Without permission they stay, for the bucket's lifecycle rule to clean up.
 */
export async function sweepAfter({ keys }: Deploy, store: Store, signal: AbortSignal | undefined): Promise<void> {
  const named = new Set(keys)
  const isOver = ({ key, ageMs }: HalfDone): boolean => named.has(key) || (isOurs(key) && ageMs >= LEFT_MS)
  await store.sweep({ isOver, signal }).catch((error: unknown) => {
    if (!(error instanceof LadingError && error.code === 'E_ACCESS_DENIED')) throw error
  })
}

const isOurs = (key: Key): boolean => key.startsWith(ASSET_FOLDER) || key.startsWith(STATE_FOLDER)
