import { type Head, LANES, type Lane, NO_TURNS, nextTurn, type Turns } from '../plan/lanes.ts'
import type { ImageJob } from '../plan/messages.ts'
import type { Message } from '../queue.ts'
import { isAdmitted, pixelsOf } from './admission.ts'

/** The minimum cost of a job in lane scheduling, in core-seconds: it costs requests, whatever is predicted. */
const LEAST_COST = 0.05

export interface Waiting {
  readonly message: Message
  readonly job: ImageJob
}

/** Leased jobs that wait for a slot. */
export interface LineUp {
  size(lane?: Lane): number
  add(lane: Lane, jobs: readonly Waiting[]): void
  /**
   * The next job, when there is room for its pixels beside those in flight. One that does not fit keeps its place: if
   * smaller ones overtook it, it would starve.
   */
  next(inFlight: readonly number[], now: number): Waiting | undefined
  /** Takes one out that is no longer ours. */
  drop(message: Message): void
  /** Takes everything out. */
  clear(): readonly Waiting[]
}

export function createLineUp(pixels: number): LineUp {
  const lines: Record<Lane, Waiting[]> = { hi: [], std: [], bulk: [] }
  let turns: Turns = NO_TURNS

  const headOf = (lane: Lane, now: number): Head | undefined => {
    const [first] = lines[lane]
    if (!first) return undefined
    const ageSeconds = (now - first.message.sentAt) / 1000
    return { cost: Math.max(first.job.predicted, LEAST_COST), ageSeconds }
  }

  return {
    size: (lane) => (lane ? lines[lane].length : LANES.reduce((sum, each) => sum + lines[each].length, 0)),
    add: (lane, jobs) => void lines[lane].push(...jobs),
    next(inFlight, now) {
      const served = nextTurn(turns, { hi: headOf('hi', now), std: headOf('std', now), bulk: headOf('bulk', now) })
      const first = served.lane && lines[served.lane][0]
      if (!(served.lane && first && isAdmitted(pixelsOf(first.job.src), inFlight, pixels))) return undefined
      turns = served.turns
      lines[served.lane].shift()
      return first
    },
    drop(message) {
      for (const lane of LANES) lines[lane] = lines[lane].filter((waiting) => waiting.message.handle !== message.handle)
    },
    clear() {
      const all = LANES.flatMap((lane) => lines[lane])
      for (const lane of LANES) lines[lane] = []
      return all
    },
  }
}
