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
  /** Called once, when there is nothing to deploy. */
  onEmpty(): void
}

/**
 * Waits until the folder holds files and nothing has changed for a moment.
 * @returns how many files it holds
 * @throws what the watch throws, the signal's reason
 */
export async function settle({ watch, changes, before, onEmpty, clock, signal }: Settling): Promise<number> {
  let sinceMs = clock.monotonicMs()
  let quietMs = 0
  let isSaid = false
  for (;;) {
    const noted = changes.noted
    await clock.sleep(QUIET_MS, signal)
    quietMs = changes.noted === noted ? quietMs + QUIET_MS : 0
    const isOverdue = clock.monotonicMs() - sinceMs >= LONGEST_MS
    if (quietMs === 0 && !isOverdue) continue
    const seen = changes.noted
    const files = await watch.renew(signal)
    if (files > 0 && (files >= before || quietMs >= REFILL_MS || isOverdue)) return files
    if (files > 0) continue
    if (!isSaid) onEmpty()
    isSaid = true
    await changes.after(seen, { clock, signal })
    signal?.throwIfAborted()
    sinceMs = clock.monotonicMs()
    quietMs = 0
  }
}
