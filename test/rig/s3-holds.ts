import { type Match, matcherOf } from './s3-match.ts'
import type { S3Call } from './s3-protocol.ts'

/** A barrier at which one request waits. */
export interface Hold {
  /** Settles when the request has come to the barrier. */
  readonly reached: Promise<S3Call>
  /** Lets it go on, now or when it comes. */
  release(): void
}

type Moment = 'before' | 'after'

export interface HoldBox {
  /** The first request that matches waits before the server acts, or after it and before the answer. */
  add(at: Match, moment?: Moment): Hold
  /** Waits where a request is to be held. */
  pass(call: S3Call, moment: Moment): Promise<void>
  releaseAll(): void
}

export function createHoldBox(): HoldBox {
  const waiting = new Set<{ readonly isAt: (call: S3Call, moment: Moment) => boolean; readonly come: Come }>()
  const held = new Set<() => void>()
  return {
    add(at, moment = 'before') {
      const matches = matcherOf(at)
      const reached = promiseOf<S3Call>()
      const released = promiseOf<void>()
      const release = (): void => {
        held.delete(release)
        released.settle()
      }
      held.add(release)
      const come = (call: S3Call): Promise<void> => {
        reached.settle(call)
        return released.promise
      }
      waiting.add({ isAt: (call, now) => now === moment && matches(call), come })
      return { reached: reached.promise, release }
    },
    async pass(call, moment) {
      for (const hold of waiting) {
        if (!hold.isAt(call, moment)) continue
        waiting.delete(hold)
        await hold.come(call)
      }
    },
    releaseAll() {
      waiting.clear()
      for (const release of held) release()
    },
  }
}

type Come = (call: S3Call) => Promise<void>

function promiseOf<T>(): { readonly promise: Promise<T>; readonly settle: (value: T) => void } {
  let settle: (value: T) => void = () => undefined
  const promise = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { promise, settle }
}
