import type { ManifestRow } from '../plan/manifest.ts'
import type { Action } from '../plan/plan.ts'
import type { Key } from '../words/model.ts'
import type { Blobs, Holding, Kept } from './blobs.ts'
import { forEachBounded } from './pool.ts'

export interface KeepAhead {
  /** The given blobs, but an object kept ahead is not kept again: the caller waits for that copy, or gets its error. */
  readonly blobs: Blobs
  /** Keeps all that is to be overwritten. Never fails: see `blobs`. */
  keep(held: Holding): Promise<void>
}

export interface KeepAheadOptions {
  readonly blobs: Blobs
  readonly concurrency: number
}

/**
 * Keeps everything that a plan overwrites concurrently and up front, so that no write waits for a copy of its own. Only
 * while the deploy is held: a copy that began before a takedown could end after it, and bring back what was taken down.
 */
export function keepAhead(actions: readonly Action[], { blobs, concurrency }: KeepAheadOptions): KeepAhead {
  const replaced = actions.flatMap((action) => replacedBy(action) ?? [])
  const begun = new Map<Key, { readonly etag: Kept['etag']; readonly end: Promise<void> }>()
  return {
    blobs: {
      ...blobs,
      keep(object, held) {
        const known = begun.get(object.key)
        return known !== undefined && known.etag === object.etag ? known.end : blobs.keep(object, held)
      },
    },
    async keep({ guard, signal }) {
      // where the state lies in another store, the bytes pass through this process
      const bounded = { concurrency, weigh: ({ size }: ManifestRow) => size, signal }
      const all = forEachBounded(replaced, bounded, async (row) => {
        const end = blobs.keep(row, { guard, signal })
        begun.set(row.key, { etag: row.etag, end })
        await end // after one that fails no other is begun: the store may be gone
      })
      await all.catch(() => undefined)
    },
  }
}

/** Without an ETag it is not known what would be copied. */
function replacedBy(action: Action): ManifestRow | undefined {
  if (action.op !== 'put' || !action.object.mutable) return undefined
  const { stored, object } = action
  return stored?.etag === undefined || stored.sha256 === object.body.sha256 ? undefined : stored
}
