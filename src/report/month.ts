import type { MonthUsage } from './bill.ts'

/** What lies in the store once the site is there. */
export interface Stored {
  readonly objects: number
  readonly bytes: number
  /** Requests that put it there. */
  readonly writes: number
  /** Objects at names that stay. What is replaced there is copied before, for a rollback. */
  readonly replaceable: number
  /** Paths under which a CDN may hold those. */
  readonly paths: number
}

/** How often the site is put up anew. */
export interface Deploys {
  /** In a month. */
  readonly deploys: number
  /** Share of the files that each one changes, 0 to 1. */
  readonly changed: number
  /** What `prune` leaves of former contents. */
  readonly keepReleases: number
  readonly keepDays: number
  /** Paths that one deploy invalidates at most. */
  readonly budget: number
}

/** What visitors ask for in a month. */
export interface Asked {
  readonly requests: number
  readonly bytes: number
  /** What a CDN in front asks the store for. */
  readonly reads: number
}

/** The deploy twice, release, manifest, pointer. */
const RECORDS = 5
const MONTH_DAYS = 30

/** The month in which everything is sent, and each one after it. */
export function monthsOf(
  stored: Stored,
  asked: Asked,
  plan: Deploys,
): { readonly first: MonthUsage; readonly later: MonthUsage } {
  const { deploys, changed, budget } = plan
  const { requests, bytes, reads } = asked
  const deployWrites =
    deploys * (RECORDS + Math.ceil(changed * stored.writes) + Math.ceil(changed * stored.replaceable))
  const invalidations = deploys * Math.min(budget, Math.ceil(changed * stored.paths))
  const kept = keptDeploys(plan)
  const usage = { requests, bytes, reads, invalidations }
  const storedWith = (before: number): number => stored.bytes * (1 + changed * before)
  return {
    // on average half of the month's deploys have been
    first: {
      ...usage,
      storedBytes: storedWith(Math.min(kept, deploys / 2)),
      writes: LIST + RECORDS + stored.writes + deployWrites,
    },
    later: { ...usage, storedBytes: storedWith(kept), writes: deployWrites },
  }
}

/** The first deploy looks what is there. */
const LIST = 1

/** Deploys whose former contents are still there: those of the releases that stay, or of the days, whichever are more. */
function keptDeploys({ deploys, keepReleases, keepDays }: Deploys): number {
  return deploys === 0 ? 0 : Math.max(keepReleases - 1, (deploys * keepDays) / MONTH_DAYS)
}

/** A file of more is sent in parts, of so many bytes at least and so many at most, between two more requests. */
const WHOLE_BYTES = 16 * 2 ** 20
const PART_BYTES = 8 * 2 ** 20
const MAX_PARTS = 10_000

export function writesFor(size: number): number {
  if (size <= WHOLE_BYTES) return 1
  return Math.ceil(size / Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS))) + 2
}

/** Bytes of a request beside those of the file, at a guess, and how long a store takes to answer. */
const REQUEST_BYTES = 1000
const ANSWER_MS = 40

/** How long the first upload takes, in seconds: as long as the line or the answers do, whichever is more. */
export function uploadSeconds(
  { bytes, writes }: Pick<Stored, 'bytes' | 'writes'>,
  { bitsPerSecond, atOnce }: { readonly bitsPerSecond: number; readonly atOnce: number },
): number {
  const line = ((bytes + writes * REQUEST_BYTES) * 8) / bitsPerSecond
  return Math.max(line, (Math.ceil(writes / atOnce) * ANSWER_MS) / 1000)
}
