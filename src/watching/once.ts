import type { Emit, LadingEvent, Summary, WatchEvent } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'

export interface Deploying {
  /** One run; rejects as it failed. */
  deploy(emit: Emit, signal: AbortSignal | undefined): Promise<Summary>
  readonly emit: Emit
  readonly signal: AbortSignal | undefined
}

/** How a run has ended, and the pages that it has written into the folder. */
export type Ended = ({ readonly summary: Summary } | { readonly error: unknown }) & {
  readonly pages: ReadonlySet<SitePath>
}

/** @throws the signal's reason */
export async function runOnce({ deploy, emit, signal }: Deploying, stale?: AbortSignal): Promise<Ended> {
  const pages = new Set<SitePath>()
  const heard: Emit = (event) => {
    if (event.type === 'file' && event.op === 'page') pages.add(event.key)
    emit(event)
  }
  const signals = [signal, stale].filter((one) => one !== undefined)
  try {
    return { summary: await deploy(heard, signals.length > 1 ? AbortSignal.any(signals) : signals[0]), pages }
  } catch (error) {
    signal?.throwIfAborted()
    return { error, pages }
  }
}

interface Later {
  /** Since the run before began. */
  readonly changed: readonly SitePath[]
  /** Pages that the run before has written into the folder. */
  readonly written: ReadonlySet<SitePath>
  /** Whether something has changed since this run began, and a run that has sent nothing is to be given up. */
  isStale(): boolean
}

/**
 * A run after the first. It is told once its plan stands, since the folder may be emptied while it is read; and where it
 * follows from nothing but what the run before has written, once it has found something.
 *
 * @returns `stale` for one that was given up, `echo` for one that was for nothing: neither is told
 * @throws the signal's reason
 */
export async function runAgain(deploying: Deploying, later: Later): Promise<Ended | 'stale' | 'echo'> {
  const others = later.changed.filter((path) => !later.written.has(path))
  const isEcho = later.changed.length > 0 && others.length === 0
  const held = heldBack(deploying.emit)
  const stale = new AbortController()
  let isPlanned = false
  const heard: Emit = (event) => {
    held.emit(event)
    // where others published first it plans again, and has sent something by then
    if (isPlanned || event.type !== 'phase' || event.phase !== 'plan') return
    isPlanned = true
    if (later.isStale()) stale.abort(new Error('the folder has changed since it was read'))
    else if (!isEcho) held.release()
  }
  held.emit(beginning(isEcho ? later.changed : others))
  const ended = await runOnce({ ...deploying, emit: heard }, stale.signal)
  if ('error' in ended && (stale.signal.aborted || (!isPlanned && later.isStale()))) return 'stale'
  if (isEcho && 'summary' in ended && !hasChanged(ended.summary)) return 'echo'
  held.release()
  return ended
}

/** Keeps events until they are released; from then on they pass. */
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

/** Changes that a `changed` event names. */
const NAMED = 20

/** Why a run begins. */
function beginning(paths: readonly SitePath[]): WatchEvent {
  if (paths.length === 0) return { type: 'watch', state: 'again' }
  return { type: 'watch', state: 'changed', changes: paths.length, paths: paths.slice(0, NAMED) }
}

const hasChanged = ({ published, pages, originFiles }: Summary): boolean =>
  published || pages.written + pages.removed > 0 || originFiles !== undefined
