import type { Key } from '../model.ts'
import type { Action } from '../plan/plan.ts'
import type { Blobs, Kept } from './blobs.ts'
import { forEachBounded } from './pool.ts'

export interface KeepAhead {
  /** Those that were given, except that what was kept ahead is not kept again: who asks waits for it, or meets its error. */
  readonly blobs: Blobs
  /** Begins with all that is to be overwritten. Never fails: see `blobs`. */
  keep(): Promise<void>
}

export interface KeepAheadOptions {
  readonly blobs: Blobs
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/**
 * Keeps what a plan overwrites beside the request that takes the deploy, and all of it at once, where each write would
 * wait for a copy of its own. Where the store copies exactly, no lock is needed for it: a copy carries the ETag that the
 * manifest knows, so that it is the content which the live release names, or nothing; whoever publishes meanwhile has to
 * keep the same, and whoever takes it down removes it where it lies before its copies. What is overwritten later is
 * still what was kept, for the write is conditional on the same ETag. Elsewhere nothing is kept ahead.
 */
export function keepAhead(actions: readonly Action[], { blobs, concurrency, signal }: KeepAheadOptions): KeepAhead {
  const replaced = actions.flatMap((action) => replacedBy(action) ?? [])
  const begun = new Map<Key, { readonly etag: Kept['etag']; readonly end: Promise<void> }>()
  return {
    blobs: {
      ...blobs,
      keep(object) {
        const known = begun.get(object.key)
        return known !== undefined && known.etag === object.etag ? known.end : blobs.keep(object)
      },
    },
    async keep() {
      if (!blobs.keepsExactly) return
      const bounded = { concurrency, weigh: () => 0, signal }
      const all = forEachBounded(replaced, bounded, async (row) => {
        const end = blobs.keep(row)
        begun.set(row.key, { etag: row.etag, end })
        await end // after one that fails no other is begun: the store may be gone
      })
      await all.catch(() => undefined)
    },
  }
}

/** Without an ETag it is not known what would be copied. */
function replacedBy(action: Action): Kept | undefined {
  if (action.op !== 'put' || !action.object.mutable) return undefined
  const { stored, object } = action
  return stored?.etag === undefined || stored.sha256 === object.body.sha256 ? undefined : stored
}
