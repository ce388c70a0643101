import type { Run } from '../line/run.ts'
import { type Answer, type Ask, createAsk, isAnswer, redirectOf, unreachable } from '../live/ask.ts'
import { crawl } from '../live/crawl.ts'
import { canRead } from '../live/document.ts'
import { START } from '../live/frontier.ts'
import { judge } from '../live/judge.ts'
import { createSite } from '../live/site.ts'
import { sitemapPages } from '../live/sitemap.ts'
import { isLink, type Use } from '../live/use.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { EXIT, LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import type { PublicUrl } from '../words/model.ts'

export interface LiveOptions {
  /** The page to start at, absolute; pages below its folder are followed. */
  readonly start: string
  /** The store's public address: all below it is checked in full. Hosts with our hashed names are found without it. */
  readonly url?: PublicUrl | undefined
  /** Pages that are read at most. @default 1000 */
  readonly maxPages?: number | undefined
  /** Other hosts are asked for what they serve, too. @default false */
  readonly external?: boolean | undefined
  /** Requests at once. @default 16 */
  readonly concurrency?: number | undefined
  /** How long one request may take, in milliseconds. @default 60_000 */
  readonly requestTimeoutMs?: number | undefined
  /** What is read of one body at most, in bytes. @default 20_000_000 */
  readonly maxBodyBytes?: number | undefined
}

/** What looking at a live site came to. The JSON form is a contract: fields are added, never renamed. */
export interface LiveVerification {
  /** True when nothing was found. */
  readonly ok: boolean
  /** 0, or 10 when something was found. */
  readonly exit: number
  /** The page that answered. */
  readonly url: string
  /** Pages that were read. */
  readonly visited: number
  /** References that were followed, links between pages not counted. */
  readonly followed: number
  /** References to other hosts, which were not asked. */
  readonly elsewhere: number
  /** Pages that are known and were not read, because of `maxPages`. */
  readonly unread: number
  readonly findings: number
  readonly ms: number
}

/**
 * Follows every reference of a live site as a browser would, and asserts status, type, caching, CORS and integrity.
 * Emits a `finding` for whatever a visitor would stumble over. Changes nothing, sends no cookies and no credentials.
 *
 * @throws E_TIMEOUT, E_UNREACHABLE when the first page does not answer with 200
 */
export async function verifyLive(options: LiveOptions, run: Run = {}): Promise<LiveVerification> {
  const started = performance.now()
  const { start, url, maxPages = 1000, external = false, concurrency = 16 } = options
  const { signal, emit = () => {} } = run
  const ask = askOf(options, run, emit)
  const first = await arrive(start, ask)
  const site = createSite({ asked: start, answered: first.url }, url)
  const seeds = [startUse(first.url), ...(await sitemapPages(site, ask))]
  const crawled = await crawl(site, seeds, {
    maxPages,
    external,
    concurrency,
    signal,
    ask: remembering(ask, first),
  })
  const findings = judge(crawled, site)
  for (const finding of findings) emit(finding)
  const loads = crawled.uses.filter(({ use }) => !isLink(use) && use.via.length === 0)
  const count = (isAsked: boolean): number =>
    loads.filter(({ use }) => crawled.visits.has(use.url) === isAsked).reduce((sum, { count }) => sum + count, 0)
  const ok = findings.length === 0
  return {
    ok,
    exit: ok ? EXIT.ok : EXIT.pending,
    url: first.url,
    visited: crawled.pages,
    followed: count(true),
    elsewhere: count(false),
    unread: crawled.unread,
    findings: findings.length,
    ms: Math.round(performance.now() - started),
  }
}

function askOf(options: LiveOptions, run: Run, emit: Emit): Ask {
  const { requestTimeoutMs = 60_000, maxBodyBytes = 20_000_000 } = options
  const { signal, clock = SYSTEM_CLOCK, random = Math.random } = run
  return createAsk({ requestTimeoutMs, maxBodyBytes, signal, clock, random, emit })
}

interface Arrival {
  readonly url: string
  readonly answer: Answer
}

/** As many redirects as browsers follow. https://fetch.spec.whatwg.org/#http-redirect-fetch */
const MOST_REDIRECTS = 20

/** The page that a visitor arrives at. */
async function arrive(start: string, ask: Ask): Promise<Arrival> {
  let url = withoutFragment(start)
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const answer = await ask(url, { wants: canRead.page })
    if (!isAnswer(answer)) throw unreachable(url, answer)
    const location = redirectOf(answer, url)
    if (location === undefined) {
      if (answer.status === 200) return { url, answer }
      throw unreachable(url, { failure: `It answers ${answer.status}.`, timedOut: false })
    }
    url = location
  }
  throw new LadingError('E_UNREACHABLE', 'The site redirects in a circle', {
    subject: start,
    hint: 'Mend the redirects of the server.',
  })
}

function withoutFragment(start: string): string {
  const url = new URL(start)
  url.hash = ''
  return url.href
}

/** The first answer is used once more, instead of asking again. */
function remembering(ask: Ask, { url, answer }: Arrival): Ask {
  return async (asked, what) => (asked === url && what.origin === undefined ? answer : ask(asked, what))
}

function startUse(url: string): Use {
  const page = { url, requiresCorp: false }
  const told = { place: START, use: 'page', loadClass: 'D', integrity: undefined, via: [], hasUser: false } as const
  return { ...told, from: url, line: 0, url, page }
}
