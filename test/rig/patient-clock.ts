import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../src/batch/clock.ts'

export interface PatientClock extends Clock {
  pass(seconds: number): void
  /** Done in the course of the next wait, before it ends. */
  duringWait(deed: () => Promise<unknown>): void
  /** How often somebody has waited. */
  waits(): number
}

/** Some day in 2026. */
const START = Date.UTC(2026, 10, 23)

/** Time that passes when it is told to, and as long as somebody waits. Chance always falls on the middle. */
export function createPatientClock(): PatientClock {
  const deeds: (() => Promise<unknown>)[] = []
  let now = START
  let waits = 0
  return {
    now: () => now,
    random: () => 0.5,
    pass: (seconds) => {
      now += seconds * 1000
    },
    duringWait: (deed) => void deeds.push(deed),
    waits: () => waits,
    async sleep(ms, signal) {
      waits += 1
      await deeds.shift()?.()
      await turn()
      if (!signal?.aborted) now += ms
    },
  }
}
