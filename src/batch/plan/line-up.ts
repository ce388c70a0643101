import { isAdmitted, pixelsOf } from './admission.ts'
import { type Head, LANES, type Lane, NO_TURNS, nextTurn, type Turns } from './lanes.ts'

/** The minimum cost of a job in lane scheduling, in core-seconds: it costs requests, whatever is predicted. */
const LEAST_COST = 0.05

/** What is to be known of a leased job that waits for a slot. */
export interface Waiting {
  readonly message: {
    readonly handle: string
    /** In milliseconds since 1970. */
    readonly sentAt: number
  }
  readonly job: {
    /** Core-seconds. */
    readonly predicted: number
    readonly src: { readonly width?: number | undefined; readonly height?: number | undefined }
  }
}

/** Leased jobs that wait for a slot. */
export interface LineUp<Leased extends Waiting> {
  size(lane?: Lane): number
  add(lane: Lane, jobs: readonly Leased[]): void
  /**
   * The next job, when there is room for its pixels beside those in flight. One that does not fit keeps its place: if
   * smaller ones overtook it, it would starve.
   */
  next(inFlight: readonly number[], now: number): Leased | undefined
  /** Takes one out that is no longer ours. */
  drop(message: Leased['message']): void
  /** Takes everything out. */
  clear(): readonly Leased[]
}

export function createLineUp<Leased extends Waiting>(pixels: number): LineUp<Leased> {
  const lines: Record<Lane, Leased[]> = { hi: [], std: [], bulk: [] }
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

/** How many messages of a lane are wanted now, of which so many wait for a slot. */
export function wantedOf({
  waiting,
  slots,
  prefetch,
}: {
  readonly waiting: number
  readonly slots: number
  /** Messages fetched at once for a lane, when few of its previous ones are left. */
  readonly prefetch: number
}): number {
  // Fetches a full batch once few are left: a request for a single message would cost as much.
  return waiting <= Math.min(prefetch / 2, Math.max(2, slots)) ? prefetch : 0
}

/** See {@link wantedOf}: what one request brings. */
export const PREFETCH = 10
