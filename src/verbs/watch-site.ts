import type { SyncOptions } from '../config/interface.ts'
import type { Run } from '../line/run.ts'
import type { WatchFolder } from '../site/watch/folder-watch.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { collectChanges } from '../watching/changes.ts'
import { createRuns, type WatchedRun } from '../watching/runs.ts'
import { settle } from '../watching/settle.ts'
import type { Summary } from '../words/events.ts'

export interface WatchRun extends Run {
  /** Called at the end of each run after which watching goes on. @default nobody */
  readonly onRun?: ((ended: WatchedRun) => void | Promise<void>) | undefined
  /** Notices changes. @default what the file system tells */
  readonly watchFolder?: WatchFolder | undefined
  /** One run. @default sync */
  readonly deploy?: ((options: SyncOptions, run: Run) => Promise<Summary>) | undefined
}

/**
 * Deploys a folder, and again with the same options whenever something in it has changed, until the signal fires. Changes
 * are gathered until the folder is quiet; those during a run lead to one more run. A folder that is missing or empty is
 * waited for and never deployed. A run that failed is left behind with the next change, and after a while where time may
 * have mended it.
 *
 * Resolves when it is stopped between two runs.
 * @throws what ends a run for good: usage, credentials that never worked, a bug; E_WATCH; when it is stopped in the middle
 * of a run, the signal's reason
 */
export async function watchSite(options: SyncOptions, run: WatchRun = {}): Promise<void> {
  const { signal, clock = SYSTEM_CLOCK, emit = () => {}, onRun } = run
  const open = run.watchFolder ?? (await import('../site/watch/folder-watch.ts')).watchFolder
  const deploy = run.deploy ?? (await import('../sync.ts')).sync
  const changes = collectChanges()
  const watch = open(options, changes.note)
  const runs = createRuns({
    deploy: (heard, stop) => deploy(options, { ...run, emit: heard, signal: stop }),
    ...{ emit, onRun, signal },
  })
  const onEmpty = (): void => emit({ type: 'watch', state: 'empty' })
  let before = 0
  let since: number | undefined
  try {
    for (;;) {
      const { files, dueMs, isOverdue } = await settle({
        ...{ watch, changes, before, dueMs: since, onEmpty, clock, signal },
      })
      const { noted } = changes
      const next = await runs.next(changes.take(), () => changes.noted > noted && !isOverdue)
      before = files
      since = next.isStale ? dueMs : undefined
      if (!next.isStale) await changes.after(noted, { clock, signal, withinMs: next.againMs })
      signal?.throwIfAborted()
    }
  } catch (error) {
    if (signal?.aborted && !runs.isRunning) return
    throw error
  } finally {
    watch.close()
  }
}
