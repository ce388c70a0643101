import { unreadableState } from '../plan/state-file.ts'
import type { Store } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { Key } from '../words/model.ts'

/**
 * Reads a part of the state.
 * @throws E_MANIFEST also where a store finds by itself that bytes of it are lost, as that in a folder does
 */
export function readState(store: Store, key: Key, signal: AbortSignal | undefined): ReturnType<Store['get']> {
  return store.get(key, { signal }).catch((error: unknown) => {
    const isDamaged = error instanceof LadingError && error.code === 'E_INTEGRITY'
    throw isDamaged ? unreadableState('A part of the state', `${store.label}${key}`, error) : error
  })
}
