import type { HeaderSet } from '../words/model.ts'
import type { Traffic } from './table.ts'

/** Who comes in a month. */
export interface Visits {
  readonly visits: number
  /** Views of pages in all of them. At least as many as visits. */
  readonly views: number
  /** Share of the visits by browsers that were there a month before and kept what they may keep, 0 to 1. */
  readonly returning: number
  /** Share of the files that have changed since, 0 to 1. */
  readonly changed: number
}

/**
 * What a browser does when it needs a file again.
 *
 *   lasting   nothing: it has the file for as long as the name stays
 *   passing   nothing within a visit; in the next one it asks whether its copy is still good
 *   asked     it asks each time
 *   never     it has no copy, and gets the file again each time
 */
export type Keeping = 'lasting' | 'passing' | 'asked' | 'never'

/** A file that pages need. */
export interface Needed {
  readonly bytes: number
  /** Share of the pages that need it, 0 to 1; each page is viewed as often as every other. */
  readonly share: number
  readonly keeping: Keeping
}

/**
 * Requests for a file in a month, and the bytes that answer them, on average. A visit of `k` views of pages chosen at
 * random needs a file of which a share `p` of the pages has need with probability `1 - (1 - p)^k`.
 */
export function loadsOf({ bytes, share, keeping }: Needed, { visits, views, returning, changed }: Visits): Traffic {
  if (visits === 0 || share === 0) return { requests: 0, bytes: 0 }
  const needed = 1 - (1 - share) ** (views / visits)
  const [fresh, back] = [visits * (1 - returning) * needed, visits * returning * needed]
  const sent = fresh + back * changed
  const requests = { lasting: sent, passing: fresh + back, asked: views * share, never: views * share }[keeping]
  return { requests, bytes: (keeping === 'never' ? requests : sent) * bytes }
}

const MONTH_SECONDS = 30 * 24 * 3600
/** It outlasts the time between two visits. */
const LASTING_SECONDS = MONTH_SECONDS

const MAX_AGE = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i
const SHARED_MAX_AGE = /(?:^|[\s,])s-maxage\s*=\s*"?(\d+)/i
const UNKEPT = /(?:^|[\s,])no-(?:store|cache)(?:$|[\s,])/i
const UNSTORED = /(?:^|[\s,])no-store(?:$|[\s,])/i
/** For browsers alone. */
const UNSHARED = /(?:^|[\s,])private(?:$|[\s,=])/i

/** By what the file is served with. */
export function keepingOf(headers: HeaderSet): Keeping {
  if (UNSTORED.test(headers['cache-control'] ?? '')) return 'never'
  const seconds = secondsOf(headers, MAX_AGE) ?? 0
  if (seconds === 0) return 'asked'
  return seconds >= LASTING_SECONDS ? 'lasting' : 'passing'
}

/** How long a CDN keeps it before it asks the store. */
export const sharedSecondsOf = (headers: HeaderSet): number =>
  UNSHARED.test(headers['cache-control'] ?? '')
    ? 0
    : (secondsOf(headers, SHARED_MAX_AGE) ?? secondsOf(headers, MAX_AGE) ?? 0)

/** @returns undefined where the rule does not say */
function secondsOf({ 'cache-control': rule = '' }: HeaderSet, pattern: RegExp): number | undefined {
  if (UNKEPT.test(rule)) return 0
  const [, seconds] = pattern.exec(rule) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}

/** What one cache of a CDN asks the store for in a month. */
export const readsOf = (requests: number, sharedSeconds: number): number =>
  sharedSeconds === 0 ? requests : Math.min(requests, Math.ceil(MONTH_SECONDS / sharedSeconds))

/** Share of the files that at least one of the month's deploys has changed, when each changes such a share. */
export const changedShare = (perDeploy: number, deploys: number): number => 1 - (1 - perDeploy) ** deploys
