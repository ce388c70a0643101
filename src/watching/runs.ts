import type { LadingError } from '../errors.ts'
import type { Emit, LadingEvent, Summary, WatchEvent } from '../events.ts'
import type { SitePath } from '../model.ts'
import { againAfterMs, goesOn, isPassing } from './goes-on.ts'

/** What one of the runs came to. */
export type WatchedRun = { readonly summary: Summary } | { readonly error: LadingError }

interface Deploying {
  /** One run; rejects as it failed. */
  deploy(emit: Emit): Promise<Summary>
  readonly emit: Emit
  readonly onRun: ((ended: WatchedRun) => void | Promise<void>) | undefined
  readonly signal: AbortSignal | undefined
}

export interface Runs {
  /** Also after a run that ended all of them. */
  readonly isRunning: boolean
  /**
   * Deploys, and tells what it came to.
   * @param changed what has changed since the last run began
   * @returns after how many milliseconds it is to be tried again, change or none; else `undefined`
   * @throws what no later run can mend, and the signal's reason
   */
  next(changed: readonly SitePath[]): Promise<number | undefined>
}

export function createRuns({ deploy, emit, onRun, signal }: Deploying): Runs {
  /** Pages that the last run has written into the folder; `undefined` before the first run. */
  let written: ReadonlySet<SitePath> | undefined
  let hasSucceeded = false
  let failures = 0
  let isRunning = false

  /** @returns `undefined` for an echo: a run for nothing but what the last one wrote into the folder, that found nothing */
  const attempt = async (changed: readonly SitePath[]): Promise<WatchedRun | undefined> => {
    const others = changed.filter((path) => !written?.has(path))
    const isEcho = others.length < changed.length && others.length === 0
    const said = isEcho ? heldBack(emit) : { emit, release: () => {} }
    if (written !== undefined) said.emit(beginning(isEcho ? changed : others))
    const pages = pagesIn(said.emit)
    const ended = await deploy(pages.emit).then(
      (summary) => ({ summary }),
      (error: unknown) => {
        said.release()
        if (signal?.aborted || !goesOn(error, hasSucceeded)) throw error
        return { error }
      },
    )
    written = pages.written
    if (isEcho && 'summary' in ended && !hasChanged(ended.summary)) return undefined
    said.release()
    return ended
  }

  return {
    get isRunning() {
      return isRunning
    },
    async next(changed) {
      isRunning = true
      const ended = await attempt(changed)
      isRunning = false
      if (ended === undefined) return undefined
      await onRun?.(ended)
      const error = 'error' in ended ? ended.error : undefined
      hasSucceeded ||= error === undefined
      failures = error !== undefined && isPassing(error) ? failures + 1 : 0
      const againMs = failures > 0 ? againAfterMs(failures) : undefined
      emit({ type: 'watch', state: 'waiting', ...(againMs !== undefined && { againMs }) })
      return againMs
    },
  }
}

/** Changes that a `changed` event names. */
const NAMED = 20

/** Why a run begins. */
function beginning(paths: readonly SitePath[]): WatchEvent {
  if (paths.length === 0) return { type: 'watch', state: 'again' }
  return { type: 'watch', state: 'changed', changes: paths.length, paths: paths.slice(0, NAMED) }
}

/** Passes events on, and remembers the pages that were written where they lie. */
function pagesIn(emit: Emit): { readonly emit: Emit; readonly written: ReadonlySet<SitePath> } {
  const written = new Set<SitePath>()
  return {
    written,
    emit(event) {
      if (event.type === 'file' && event.op === 'page') written.add(event.key)
      emit(event)
    },
  }
}

/** Keeps events until they are released. */
function heldBack(emit: Emit): { readonly emit: Emit; release(): void } {
  const held: LadingEvent[] = []
  let isReleased = false
  return {
    emit: (event) => (isReleased ? emit(event) : void held.push(event)),
    release() {
      isReleased = true
      for (const event of held.splice(0)) emit(event)
    },
  }
}

const hasChanged = ({ published, pages, originFiles }: Summary): boolean =>
  published || pages.written + pages.removed > 0 || originFiles !== undefined
