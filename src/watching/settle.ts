import type { FolderWatch } from '../site/watch/folder-watch.ts'
import type { Changes, Wait } from './changes.ts'

/** For how long nothing must have changed before a run begins, in milliseconds. */
const QUIET_MS = 200

/**
 * The same while files are missing that were there at the last run: builds empty their folder, and may take a while
 * until they have filled it again.
 */
const REFILL_MS = 2000

/** A folder that never gets quiet is deployed after so long nevertheless, in milliseconds. */
const LONGEST_MS = 30_000

interface Settling extends Wait {
  readonly watch: FolderWatch
  readonly changes: Changes
  /** How many files the last run found. */
  readonly before: number
  /** Since when a deploy has been due, on the monotonic clock. @default now */
  readonly dueMs: number | undefined
  /** Called once, when there is nothing to deploy. */
  onEmpty(): void
}

export interface Settled {
  /** How many files the folder holds: one at least. */
  readonly files: number
  readonly dueMs: number
  /** Whether it is deployed although it is not quiet. */
  readonly isOverdue: boolean
}

/**
 * Waits until the folder holds files and nothing has changed for a moment.
 * @throws what the watch throws, the signal's reason
 */
export async function settle(settling: Settling): Promise<Settled> {
  const { watch, changes, before, onEmpty, clock, signal } = settling
  let dueMs = settling.dueMs ?? clock.monotonicMs()
  let quietMs = 0
  let isSaid = false
  for (;;) {
    const noted = changes.noted
    await clock.sleep(QUIET_MS, signal)
    quietMs = changes.noted === noted ? quietMs + QUIET_MS : 0
    const isOverdue = clock.monotonicMs() - dueMs >= LONGEST_MS
    if (quietMs === 0 && !isOverdue) continue
    const seen = changes.noted
    const files = await watch.renew(signal)
    if (files > 0) {
      if (files >= before || quietMs >= REFILL_MS || isOverdue) return { files, dueMs, isOverdue }
      continue
    }
    if (!isSaid) onEmpty()
    isSaid = true
    await changes.after(seen, { clock, signal })
    signal?.throwIfAborted()
    dueMs = clock.monotonicMs()
    quietMs = 0
  }
}
