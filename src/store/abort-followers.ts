import { Seats } from './seats.ts'

/** Something that a signal ends. */
export interface Follower {
  stop(reason: unknown): void
}

/** Who follows one signal. */
export interface Followers {
  /** @returns its place, for when it goes */
  add(follower: Follower): number
  delete(follower: Follower, place: number): void
}

const known = new WeakMap<AbortSignal, Followers>()

/**
 * Those who follow a signal that has not fired, over one listener for all, which is there while there is somebody:
 * thousands of requests share the signal of their run, and a listener of its own would cost each of them more than its
 * timer.
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
