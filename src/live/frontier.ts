import { isAnswer, typeOf } from './ask.ts'
import { isPageType, readAs } from './document.ts'
import type { Site } from './site.ts'
import { isLink, originOf, type Use, useKey } from './use.ts'
import { covers, joined, type Needs, NO_NEEDS, type Visit } from './visit.ts'

/** References that are the same to a visitor: the first that was met, and how many there are. */
export interface CountedUse {
  readonly use: Use
  readonly count: number
}

/** What was met. */
export interface Crawled {
  readonly uses: readonly CountedUse[]
  readonly visits: ReadonlyMap<string, Visit>
  /** Pages that were read. */
  readonly pages: number
  /** Pages that are known and were not read, because there were enough. */
  readonly unread: number
}

export interface Step {
  readonly url: string
  readonly needs: Needs
  readonly first: Use
}

/** What is known, and what is to be asked next. */
export interface Frontier {
  add(use: Use): void
  /** Everything that may be asked now; empty at the end. */
  take(): readonly Step[]
  settle(url: string, found: Visit): void
  readonly visits: ReadonlyMap<string, Visit>
  result(): Crawled
}

/** A redirect is followed so often. https://fetch.spec.whatwg.org/#http-redirect-fetch */
const MOST_REDIRECTS = 20

export interface FrontierOptions {
  readonly maxPages: number
  /** Other hosts are asked too. */
  readonly external: boolean
}

export function createFrontier(site: Site, { maxPages, external }: FrontierOptions): Frontier {
  const uses = new Map<string, { readonly use: Use; count: number }>()
  const byUrl = new Map<string, Use[]>()
  const visits = new Map<string, Visit>()
  const pending = new Map<string, Needs>()
  const pages = new Set<string>()

  const isFollowed = (use: Use): boolean => {
    if (use.hasUser) return false
    if (isLink(use)) return site.contains(use.url) || use.place === START
    return external || site.isOwn(use.url)
  }

  function add(use: Use): void {
    if (isLink(use) && !isFollowed(use)) return
    const key = useKey(use)
    const known = uses.get(key)
    if (known !== undefined) {
      known.count += 1
      return
    }
    uses.set(key, { use, count: 1 })
    byUrl.set(use.url, [...(byUrl.get(use.url) ?? []), use])
    if (site.learn(use.url)) revise(originOf(use.url))
    else enqueue(use)
  }

  /** Earlier references to this host were taken for external ones: follows them now. */
  function revise(origin: string): void {
    for (const [url, met] of byUrl) if (originOf(url) === origin) met.forEach(enqueue)
  }

  function enqueue(use: Use): void {
    if (!isFollowed(use)) return
    const found = visits.get(use.url)
    const needs = joined(pending.get(use.url) ?? NO_NEEDS, needsOf(use, site))
    if (found?.location !== undefined) follow(use, found.location)
    else if (found === undefined || !covers(found.needs, needs)) pending.set(use.url, needs)
  }

  function follow(use: Use, location: string): void {
    const via = [...use.via, use.url]
    if (!via.includes(location) && via.length <= MOST_REDIRECTS) add({ ...use, url: location, via })
  }

  return {
    visits,
    add,
    take() {
      const steps = [...pending].map(([url, needs]): Step => ({ url, needs, first: firstOf(byUrl, url) }))
      const linked = steps.filter(({ needs }) => needs.as.has('page'))
      const taken = new Set(linked.slice(0, Math.max(0, maxPages - pages.size)))
      const batch = steps.filter((step) => taken.has(step) || !step.needs.as.has('page'))
      for (const { url } of batch) pending.delete(url)
      return batch
    },
    settle(url, found) {
      const isNews = visits.get(url)?.uses === undefined
      visits.set(url, found)
      const { asked, location, uses: named = [] } = found
      if (isAnswer(asked) && asked.status === 200 && found.needs.as.has('page') && isPageType(typeOf(asked.headers)))
        pages.add(url)
      if (isNews) named.forEach(add)
      if (location !== undefined) for (const use of byUrl.get(url) ?? []) follow(use, location)
    },
    result: () => ({ uses: [...uses.values()], visits, pages: pages.size, unread: pending.size }),
  }
}

/** The place of the reference that a crawl begins with. */
export const START = 'start'

function firstOf(byUrl: ReadonlyMap<string, readonly Use[]>, url: string): Use {
  const first = byUrl.get(url)?.[0]
  if (first === undefined) throw new Error(`nothing leads to ${url}`)
  return first
}

function needsOf(use: Use, site: Site): Needs {
  // an external style sheet is checked, but not parsed
  const as = site.isOwn(use.url) ? readAs(use) : undefined
  return {
    as: new Set(as === undefined ? [] : [as]),
    digests: use.integrity !== undefined,
    cors: use.loadClass === 'B' && originOf(use.url) !== site.origin,
  }
}
