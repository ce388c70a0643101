/** A look that all share who ask for it within a while. */
export interface Shared<T> {
  get(): Promise<T>
  /** The next one looks again. */
  forget(): void
}

/** How long what was seen is good for all, in milliseconds. */
const SHARED_MS = 5000

export function shared<T>(look: () => Promise<T>): Shared<T> {
  let last: { readonly found: Promise<T>; readonly untilMs: number } | undefined
  return {
    get() {
      if (last && performance.now() < last.untilMs) return last.found
      const found = look()
      last = { found, untilMs: Number.POSITIVE_INFINITY }
      const settled = (): void => {
        if (last?.found === found) last = { found, untilMs: performance.now() + SHARED_MS }
      }
      found.then(settled, settled)
      return found
    },
    forget() {
      last = undefined
    },
  }
}

/** Runs one thing after the other. */
export function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let before: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = before.then(work, work)
    before = done.catch(() => undefined)
    return done
  }
}
