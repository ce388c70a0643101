import { dirname } from 'node:path'
import type { ETag, Key } from '../../words/model.ts'
import { throwIfAborted } from '../abort.ts'
import { CHANGED, type RemoveFailure, type RemoveOptions } from '../store.ts'
import { folderError, removeFile } from './files.ts'
import { lostLock } from './lock.ts'
import { locked, metaOf, metaPath, objectPath, type Place } from './place.ts'
import { syncFolder } from './sync.ts'

/** See `Store.remove`. */
export async function remove(
  place: Place,
  keys: readonly Key[],
  options: RemoveOptions = {},
): Promise<RemoveFailure[]> {
  const failures: RemoveFailure[] = []
  for (const key of keys) {
    const failure = await removeOrTell(place, key, options)
    if (failure) failures.push(failure)
  }
  return failures
}

async function removeOrTell(place: Place, key: Key, options: RemoveOptions): Promise<RemoveFailure | undefined> {
  throwIfAborted(options.signal)
  // What the guard throws fails the whole call, not only this key.
  let refusal: { readonly reason: unknown } | undefined
  const guard = (): void => {
    try {
      options.guard?.()
    } catch (reason) {
      refusal = { reason }
      throw reason
    }
  }
  try {
    const isRemoved = await removeOne(place, key, { etag: options.etags?.get(key), guard, signal: options.signal })
    return isRemoved ? undefined : { key, reason: CHANGED }
  } catch (error) {
    if (refusal) throw refusal.reason
    throwIfAborted(options.signal)
    return { key, reason: folderError(error, key).message }
  }
}

interface Removal {
  readonly etag: ETag | undefined
  readonly guard: () => void
  readonly signal: AbortSignal | undefined
}

/** Whether the object is gone; `false` when it has another ETag than the one asked for. */
async function removeOne(place: Place, key: Key, { etag, guard, signal }: Removal): Promise<boolean> {
  if (!(await metaOf(place, key))) return true
  return locked(place, { key, signal }, async (stillHeld) => {
    const current = await metaOf(place, key)
    if (!current) return true
    if (etag !== undefined && current.etag !== etag) return false
    if (!(await stillHeld())) throw lostLock()
    guard()
    await removeFile(metaPath(place, key))
    await syncFolder(dirname(metaPath(place, key)))
    await removeFile(objectPath(place, current.body))
    return true
  })
}
