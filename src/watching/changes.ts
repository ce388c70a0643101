import type { Clock } from '../transfer/lease.ts'
import type { SitePath } from '../words/model.ts'

/** What has changed in a folder since it was last asked. */
export interface Changes {
  /** How many were noted so far; never falls. */
  readonly noted: number
  note(path: SitePath): void
  /** Each path once, in the order in which they were noted. */
  take(): readonly SitePath[]
  /**
   * Resolves as soon as more than so many were noted, when `withinMs` milliseconds have passed, or when the signal fires.
   */
  after(noted: number, wait: Wait & { readonly withinMs?: number | undefined }): Promise<void>
}

export interface Wait {
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

export function collectChanges(): Changes {
  let paths = new Set<SitePath>()
  let noted = 0
  let wake = (): void => {}
  return {
    get noted() {
      return noted
    },
    note(path) {
      noted += 1
      paths.add(path)
      wake()
    },
    take() {
      const taken = [...paths]
      paths = new Set()
      return taken
    },
    async after(before, { clock, signal, withinMs }) {
      if (noted > before || signal?.aborted) return
      const over = new AbortController()
      await new Promise<void>((resolve) => {
        wake = resolve
        signal?.addEventListener('abort', () => resolve(), { once: true, signal: over.signal })
        if (withinMs !== undefined) clock.sleep(withinMs, over.signal).then(resolve, resolve)
      })
      wake = () => {}
      over.abort()
    },
  }
}
