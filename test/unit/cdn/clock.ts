import type { Clock } from '../../../src/cdn/retry.ts'
import { throwIfAborted } from '../../../src/store/abort.ts'

export interface FakeClock extends Clock {
  /** Every wait so far, in milliseconds. */
  readonly waits: readonly number[]
}

/** Time that passes only while somebody waits for it. */
export function fakeClock(onWait: () => void = () => undefined): FakeClock {
  const waits: number[] = []
  let now = 0
  return {
    waits,
    now: () => now,
    random: () => 0,
    async sleep(ms, signal) {
      waits.push(ms)
      now += ms
      onWait()
      throwIfAborted(signal)
    },
  }
}
