import type { Wire } from './s3-operations.ts'

/** How a bucket is talked to at the moment, and what this run has found out about that. */
export interface Line {
  /** Never to be kept: it is replaced when region or credentials are. */
  readonly wire: Wire
  /** Whether the wire was replaced by one for another region. */
  readonly hasMoved: boolean
  /** When the store refused a checksum's header, by the monotonic clock. */
  checksumsRefusedAt: number | undefined
  /** When our clock was set by the store's, by the monotonic clock. */
  clockSetAt: number | undefined
  /** When its name was not found, by the monotonic clock; forgotten when it is found again. */
  lostAt: number | undefined
  /** Notes that the store has answered what `wire` sent. */
  succeeded(wire: Wire): void
  move(region: string): void
  /** Takes credentials anew, unless those in use are new and have not had a success: then others are not to be had. */
  renew(): boolean
}

/** What a wire differs in from the first one. */
export interface Renewal<W> {
  readonly region?: string | undefined
  /** Reads what the SDK remembers of files of credentials again. */
  readonly isFresh?: boolean | undefined
  /** Keeps the connections. */
  readonly before?: W | undefined
}

export function openLine<W extends Wire>(create: (renewal: Renewal<W>) => W): Line {
  let wire = create({})
  let region: string | undefined
  let isTried = true
  const line: Line = {
    get wire() {
      return wire
    },
    get hasMoved() {
      return region !== undefined
    },
    checksumsRefusedAt: undefined,
    clockSetAt: undefined,
    lostAt: undefined,
    succeeded: (used) => {
      line.lostAt = undefined
      if (used === wire) isTried = true
    },
    move: (to) => {
      region = to
      wire = create({ region, before: wire })
    },
    renew: () => {
      if (!isTried) return false
      isTried = false
      wire = create({ region, isFresh: true, before: wire })
      return true
    },
  }
  return line
}
