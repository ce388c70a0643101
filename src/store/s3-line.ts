import type { S3Client } from '@aws-sdk/client-s3'

/** How a bucket is talked to at the moment, and what this run has found out about that. */
export interface Line {
  /** Never to be kept: it is replaced when region or credentials are. */
  readonly client: S3Client
  /** Whether the client was replaced by one for another region. */
  readonly hasMoved: boolean
  /** When the store refused a checksum's header, by the monotonic clock. */
  checksumsRefusedAt: number | undefined
  /** When our clock was set by the store's, by the monotonic clock. */
  clockSetAt: number | undefined
  /** When its name was not found, by the monotonic clock; forgotten when it is found again. */
  lostAt: number | undefined
  /** Notes that the store has answered what `client` sent. */
  succeeded(client: S3Client): void
  move(region: string): void
  /** Takes credentials anew, unless those in use are new and have not had a success: then others are not to be had. */
  renew(): boolean
}

/** What a client differs in from the first one. */
export interface Renewal {
  readonly region?: string | undefined
  /** Reads what the SDK remembers of files of credentials again. */
  readonly isFresh?: boolean | undefined
  /** Keeps the connections. */
  readonly before?: S3Client | undefined
}

export function openLine(create: (renewal: Renewal) => S3Client): Line {
  let client = create({})
  let region: string | undefined
  let isTried = true
  const line: Line = {
    get client() {
      return client
    },
    get hasMoved() {
      return region !== undefined
    },
    checksumsRefusedAt: undefined,
    clockSetAt: undefined,
    lostAt: undefined,
    succeeded: (used) => {
      line.lostAt = undefined
      if (used === client) isTried = true
    },
    move: (to) => {
      region = to
      client = create({ region, before: client })
    },
    renew: () => {
      if (!isTried) return false
      isTried = false
      client = create({ region, isFresh: true, before: client })
      return true
    },
  }
  return line
}
