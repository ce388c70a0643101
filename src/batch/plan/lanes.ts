/** The queues of work, the most urgent first. */
export const LANES = ['hi', 'std', 'bulk'] as const

export type Lane = (typeof LANES)[number]

export interface LaneRule {
  /** Its share of the work, relative to the other lanes that have any. */
  readonly weight: number
  /** How old the head of the lane may become before it is served out of turn, in seconds. */
  readonly slaSeconds: number
}

export const LANE_RULES: Readonly<Record<Lane, LaneRule>> = {
  hi: { weight: 8, slaSeconds: 30 },
  std: { weight: 3, slaSeconds: 600 },
  bulk: { weight: 1, slaSeconds: 3600 },
}

/** The first waiting item of a lane. */
export interface Head {
  /** What it will take: core-seconds, or any other unit that all lanes share. More than 0. */
  readonly cost: number
  /** How long ago it was sent. */
  readonly ageSeconds: number
}

export type Heads = Readonly<Partial<Record<Lane, Head | undefined>>>

/** The scheduler's state: how much credit each lane has. Made by {@link NO_TURNS} and {@link nextTurn} alone. */
export interface Turns {
  /** Whose turn it is. */
  readonly at: Lane
  /** Whether that lane has got its quantum for this turn. */
  readonly isFunded: boolean
  /** In units of cost. Below 0 where a lane was served out of turn. */
  readonly credit: Readonly<Record<Lane, number>>
}

export const NO_TURNS: Turns = { at: 'hi', isFunded: false, credit: { hi: 0, std: 0, bulk: 0 } }

/** What a lane of weight 1 is funded with at each turn, in units of cost: about one image. */
const QUANTUM = 1

export interface Served {
  /** Whose head is to be taken; absent where nothing waits. */
  readonly lane: Lane | undefined
  readonly turns: Turns
}

/**
 * Picks the lane to serve next by deficit round robin: over time each lane that has work gets its share of the total
 * cost, not of the number of items, and none starves. A lane whose head exceeds its SLA is served at once, on credit,
 * if it has paid back earlier credit: being late moves work forward and takes nothing from the others. Of several late
 * lanes, the latest relative to its SLA wins. https://doi.org/10.1109/90.502236
 */
export function nextTurn(turns: Turns, heads: Heads, rules: Readonly<Record<Lane, LaneRule>> = LANE_RULES): Served {
  const waiting = LANES.filter((lane) => heads[lane] !== undefined)
  if (waiting.length === 0) return { lane: undefined, turns: { ...turns, credit: settled(turns.credit, heads) } }
  const late = latestOf(turns, heads, rules)
  if (late) return { lane: late, turns: { ...turns, credit: settled(spent(turns.credit, late, heads), heads) } }
  return inTurn({ ...turns, credit: settled(turns.credit, heads) }, heads, rules)
}

/** The lane that is latest relative to its SLA, among those without debt. */
function latestOf({ credit }: Turns, heads: Heads, rules: Readonly<Record<Lane, LaneRule>>): Lane | undefined {
  const lateness = (lane: Lane): number => (heads[lane]?.ageSeconds ?? 0) / rules[lane].slaSeconds
  const late = LANES.filter((lane) => heads[lane] !== undefined && credit[lane] >= 0 && lateness(lane) > 1)
  return late.sort((a, b) => lateness(b) - lateness(a))[0]
}

/** Each lane in turn gets its quantum and is served while it can pay; a turn that is not over goes on. */
function inTurn(turns: Turns, heads: Heads, rules: Readonly<Record<Lane, LaneRule>>): Served {
  let { at, isFunded, credit } = turns
  for (;;) {
    const head = heads[at]
    if (head) {
      if (!isFunded) credit = { ...credit, [at]: credit[at] + rules[at].weight * QUANTUM }
      if (credit[at] >= head.cost) return { lane: at, turns: { at, isFunded: true, credit: spent(credit, at, heads) } }
    }
    at = LANES[(LANES.indexOf(at) + 1) % LANES.length] ?? 'hi'
    isFunded = false
  }
}

function spent(credit: Turns['credit'], lane: Lane, heads: Heads): Turns['credit'] {
  return { ...credit, [lane]: credit[lane] - (heads[lane]?.cost ?? 0) }
}

/** An idle lane keeps no credit: it could block all others once it has work. Its debt stays. */
function settled(credit: Turns['credit'], heads: Heads): Turns['credit'] {
  const of = (lane: Lane): number => (heads[lane] === undefined ? Math.min(0, credit[lane]) : credit[lane])
  return { hi: of('hi'), std: of('std'), bulk: of('bulk') }
}
