import type { Ask, PublicAnswer } from '../transfer/ask.ts'
import type { Clock } from '../transfer/lease.ts'
import { LadingError } from '../words/errors.ts'

/** What came of asking an address. */
export type Sighting =
  | { readonly kind: 'served'; readonly answers: readonly [PublicAnswer, ...PublicAnswer[]] }
  /** It says for certain that this is not for visitors. `why` is half a sentence: `it answered 403`. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Nothing is known: the answer, or that there was none, is about this moment or about who asks. */
  | { readonly kind: 'unknown'; readonly why: string; readonly isBusy: boolean }

export interface Visitor {
  readonly ask: Ask
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
}

/** Redirects within one host that are followed. */
const HOPS = 3

/** Asks `url` as a visitor's browser does. Redirects to another host are not followed: nothing is known about it. */
export async function look(
  url: string,
  headers: Readonly<Record<string, string>>,
  visitor: Visitor,
): Promise<Sighting> {
  const before: PublicAnswer[] = []
  for (let at = url; ; ) {
    const answer = await askOnce(at, headers, visitor)
    if (typeof answer === 'string') return { kind: 'unknown', why: answer, isBusy: false }
    const to = redirectOf(answer, at)
    if (to === undefined) return sightingOf(answer, before)
    if (to.origin !== new URL(at).origin) return { kind: 'refused', why: `it leads to ${to.origin} (${answer.status})` }
    before.push(answer)
    if (before.length > HOPS) return { kind: 'refused', why: 'it leads from one address to the next without an end' }
    at = to.href
  }
}

/**
 * Delays between attempts, in milliseconds. A refused object may not have arrived yet, or its 404 may be cached: the
 * last wait outlasts the 10 s for which CloudFront caches one.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const WAITS_MS = [1000, 3000, 11_000] as const

/** Looks again for a while when nothing was served, once when there was no answer. */
export async function lookPatiently(
  url: string,
  headers: Readonly<Record<string, string>>,
  visitor: Visitor,
): Promise<Sighting> {
  let sighting = await look(url, headers, visitor)
  for (const [index, waitMs] of WAITS_MS.entries()) {
    const isHopeless = sighting.kind === 'unknown' && !sighting.isBusy && index > 0
    if (sighting.kind === 'served' || isHopeless) break
    await visitor.clock.sleep(waitMs, visitor.signal)
    sighting = await look(url, headers, visitor)
  }
  return sighting
}

async function askOnce(
  url: string,
  headers: Readonly<Record<string, string>>,
  { ask, signal }: Visitor,
): Promise<PublicAnswer | string> {
  try {
    return await ask(url, headers, signal)
  } catch (error) {
    if (signal?.aborted || !(error instanceof LadingError)) throw error
    return error.why ?? error.message
  }
}

function redirectOf({ status, headers }: PublicAnswer, at: string): URL | undefined {
  const { location } = headers
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined
  return URL.canParse(location, at) ? new URL(location, at) : undefined
}

/** Statuses about this moment: too slow, too early, too often. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])
/** Statuses about the client, which visitors may not get: credentials wanted by the site or a proxy. */
const PERSONAL: ReadonlySet<number> = new Set([401, 407])

function sightingOf(answer: PublicAnswer, before: readonly PublicAnswer[]): Sighting {
  const { status, headers } = answer
  if (status === 200) {
    const [first = answer, ...rest] = [...before, answer]
    return { kind: 'served', answers: [first, ...rest] }
  }
  const why = `it answered ${status}`
  if (status >= 500 || PASSING.has(status)) return { kind: 'unknown', why, isBusy: true }
  // https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
  const isChallenge = headers['cf-mitigated'] === 'challenge'
  if (isChallenge || PERSONAL.has(status)) return { kind: 'unknown', why: `${why} to us`, isBusy: false }
  return { kind: 'refused', why }
}
