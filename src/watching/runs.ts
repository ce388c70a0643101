import type { LadingError } from '../words/errors.ts'
import type { Summary } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'
import { againAfterMs, goesOn, isPassing } from './goes-on.ts'
import { type Deploying, runAgain, runOnce } from './once.ts'

/** What one of the runs came to. */
export type WatchedRun = { readonly summary: Summary } | { readonly error: LadingError }

interface Told extends Deploying {
  readonly onRun: ((ended: WatchedRun) => void | Promise<void>) | undefined
}

export interface Next {
  /** Whether the run was given up before it sent anything, since the folder was no longer what had been read. */
  readonly isStale: boolean
  /** After how many milliseconds it is to be tried again, change or none. */
  readonly againMs?: number | undefined
}

export interface Runs {
  /** Also after a run that ended all of them. */
  readonly isRunning: boolean
  /**
   * Deploys, and tells what it came to.
   * @param changed what has changed since the last run began
   * @param isStale whether more has, and a run that has sent nothing is to be given up
   * @throws what no later run can mend, and the signal's reason
   */
  next(changed: readonly SitePath[], isStale: () => boolean): Promise<Next>
}

export function createRuns({ onRun, ...deploying }: Told): Runs {
  /** Pages that the last run has written into the folder; `undefined` before the first run. */
  let written: ReadonlySet<SitePath> | undefined
  /** What a run that was given up was for. */
  let left: readonly SitePath[] = []
  let hasSucceeded = false
  let failures = 0
  let isRunning = false

  const attempt = async (
    paths: readonly SitePath[],
    isStale: () => boolean,
  ): Promise<WatchedRun | 'stale' | 'echo'> => {
    const ended =
      written === undefined ? await runOnce(deploying) : await runAgain(deploying, { changed: paths, written, isStale })
    left = ended === 'stale' ? paths : []
    if (ended === 'stale') return ended
    written = ended === 'echo' ? new Set() : ended.pages
    if (ended === 'echo' || 'summary' in ended) return ended
    if (!goesOn(ended.error, hasSucceeded)) throw ended.error
    return { error: ended.error }
  }

  return {
    get isRunning() {
      return isRunning
    },
    async next(changed, isStale) {
      isRunning = true
      const ended = await attempt([...new Set([...left, ...changed])], isStale)
      isRunning = false
      if (typeof ended === 'string') return { isStale: ended === 'stale' }
      await onRun?.('error' in ended ? ended : { summary: ended.summary })
      const error = 'error' in ended ? ended.error : undefined
      hasSucceeded ||= error === undefined
      failures = error !== undefined && isPassing(error) ? failures + 1 : 0
      const againMs = failures > 0 ? againAfterMs(failures) : undefined
      deploying.emit({ type: 'watch', state: 'waiting', ...(againMs !== undefined && { againMs }) })
      return { isStale: false, againMs }
    },
  }
}
