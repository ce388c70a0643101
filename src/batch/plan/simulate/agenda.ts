import { createHeap } from './heap.ts'

/** Virtual time: what is to happen and when. What is due at the same moment happens in the order of being asked for. */
export interface Agenda {
  /** Seconds since the beginning. Never goes back. */
  now(): number
  after(seconds: number, deed: () => void): void
  /** Lets time jump from one deed to the next, so many times at most. @returns whether it is over */
  run(until: { readonly seconds: number; readonly deeds?: number; readonly isOver: () => boolean }): boolean
}

interface Entry {
  readonly at: number
  readonly place: number
  readonly deed: () => void
}

export function createAgenda(): Agenda {
  const entries = createHeap<Entry>((a, b) => a.at < b.at || (a.at === b.at && a.place < b.place))
  let [now, place] = [0, 0]
  return {
    now: () => now,
    after: (seconds, deed) => entries.push({ at: now + Math.max(0, seconds), place: place++, deed }),
    run({ seconds, deeds = Number.POSITIVE_INFINITY, isOver }) {
      for (let done = 0; done < deeds; done++) {
        const next = entries.first()
        if (isOver() || !next || next.at > seconds) return true
        entries.pop()
        now = next.at
        next.deed()
      }
      return false
    },
  }
}

/** Does something again and again, at first now, until it answers `false`. */
export function every(agenda: Agenda, seconds: number, deed: () => boolean): void {
  if (deed()) agenda.after(seconds, () => every(agenda, seconds, deed))
}
