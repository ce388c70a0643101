import { setTimeout as delay } from 'node:timers/promises'
import { type Clock, SYSTEM_CLOCK } from '../../src/transfer/lease.ts'

/** The machine's time, but for waits, which are over at once: whoever waits for a dead run need not. */
export function createHastyClock(): Clock {
  let ahead = 0
  return {
    ...SYSTEM_CLOCK,
    monotonicMs: () => SYSTEM_CLOCK.monotonicMs() + ahead,
    async sleep(ms, signal) {
      ahead += ms
      await delay(1, undefined, { signal })
    },
  }
}
