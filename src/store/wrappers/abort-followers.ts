import { Seats } from './seats.ts'

/** Something that is stopped when a signal fires. */
export interface Follower {
  stop(reason: unknown): void
}

/** The followers of one signal. */
export interface Followers {
  /** @returns its place, needed to delete it */
  add(follower: Follower): number
  delete(follower: Follower, place: number): void
}

const known = new WeakMap<AbortSignal, Followers>()

/**
 * Followers of a signal that has not fired yet. They share one listener, registered while there are any: thousands of
 * requests share the signal of their run, and a listener each would cost more than their timers.
 */
export function followersOf(signal: AbortSignal): Followers {
  const found = known.get(signal) ?? createFollowers(signal)
  known.set(signal, found)
  return found
}

function createFollowers(signal: AbortSignal): Followers {
  const all = new Seats<Follower>()
  const tell = (): void => {
    for (const follower of all) follower.stop(signal.reason)
  }
  return {
    add(follower) {
      if (all.taken === 0) signal.addEventListener('abort', tell)
      return all.take(follower)
    },
    delete(follower, place) {
      if (all.leave(follower, place) && all.taken === 0) signal.removeEventListener('abort', tell)
    },
  }
}
