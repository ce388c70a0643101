import type { Wire } from '../operations.ts'

/** How a bucket is talked to at the moment, and what this run has found out about that. */
export interface Line {
  /** Never to be kept: it is replaced when region or credentials are. */
  readonly wire: Wire
  /** Whether the wire was replaced by one for another region. */
  readonly hasMoved: boolean
  /** When the store refused a checksum's header, by the monotonic clock. */
  checksumsRefusedAt: number | undefined
  /** Whether the store has told the SHA-256 of what it received. */
  tellsChecksums: boolean
  /** When our clock was set by the store's, by the monotonic clock. */
  clockSetAt: number | undefined
  /** When DNS did not find its host, by the monotonic clock; cleared by the next success. */
  lostAt: number | undefined
  /** Notes that the store has answered what `wire` sent. */
  succeeded(wire: Wire): void
  move(region: string): void
  /** Loads credentials again, unless those in use are just loaded and have not worked yet: there are no others then. */
  renew(): boolean
}

/** What a wire differs in from the first one. */
export interface Renewal<W> {
  readonly region?: string | undefined
  /** Bypasses the SDK's cache of credentials files. */
  readonly isFresh?: boolean | undefined
  /** Whose connections are kept. */
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
    tellsChecksums: false,
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
