import { createHash } from 'node:crypto'
import { namedByStyle } from './crawler-css.ts'
import { namedByPage, type PageReferences } from './crawler-html.ts'

/** What a visitor gets for an address. */
export interface Served {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  /** What the caller calls it. @default the address */
  readonly key?: string
}

/** `undefined` for an address that is none of ours: it is left alone. */
export type Fetch = (url: string) => Served | undefined

interface BrokenReference {
  /** Address of what names it; empty for a page to start at. */
  readonly from: string
  readonly url: string
  readonly status: number
}

export interface Crawl {
  /** In the order in which they were met. */
  readonly broken: readonly BrokenReference[]
  /** Keys of everything that answered with 200. */
  readonly reached: ReadonlySet<string>
}

interface Step {
  readonly url: string
  readonly from: string
}

/**
 * Visits pages, whatever they load, and the pages of the same site that they lead to, as a browser would find them,
 * with parsers of its own. It is pure: what a file names is read once for all crawls, by its digest.
 */
export function crawl(fetch: Fetch, pages: readonly string[]): Crawl {
  const reached = new Set<string>()
  const answered = new Map<string, number | undefined>()
  const queue: Step[] = pages.map((page) => ({ url: withoutHash(new URL(page)), from: '' }))
  // Grows while it is read.
  for (const { url } of queue) {
    if (answered.has(url)) continue
    const served = fetch(url)
    answered.set(url, served?.status)
    if (served?.status === 200) reached.add(served.key ?? url)
    if (served) queue.push(...stepsFrom(url, served))
  }
  return { broken: queue.flatMap((step) => brokenBy(step, answered.get(step.url))), reached }
}

function brokenBy({ url, from }: Step, status: number | undefined): BrokenReference[] {
  const isGood = status === undefined ? from !== '' : GOOD.has(status)
  return isGood ? [] : [{ from, url, status: status ?? 0 }]
}

/** A redirect is followed, and its target judged instead. */
const GOOD: ReadonlySet<number> = new Set([200, 301, 302, 307, 308])

function stepsFrom(url: string, { status, headers, bytes }: Served): readonly Step[] {
  const location = headers.location
  if (status !== 200) return GOOD.has(status) && location !== undefined ? steps([location], url, url) : []
  return stepsOf(namesIn(bytes, headers['content-type'] ?? ''), url)
}

/** Resolving addresses takes longer than all the rest of a crawl. */
const resolved = new WeakMap<PageReferences, Map<string, readonly Step[]>>()

function stepsOf(names: PageReferences, url: string): readonly Step[] {
  const known = resolved.get(names) ?? new Map<string, readonly Step[]>()
  resolved.set(names, known)
  const found = known.get(url) ?? resolve(names, url)
  known.set(url, found)
  return found
}

function resolve({ base, loads, links }: PageReferences, url: string): readonly Step[] {
  const from = base !== undefined && URL.canParse(base, url) ? new URL(base, url).href : url
  const { origin } = new URL(url)
  const leading = steps(links, from, url).filter((step) => new URL(step.url).origin === origin)
  return [...steps(loads, from, url), ...leading]
}

function steps(names: readonly string[], base: string, from: string): Step[] {
  return names.flatMap((name) => {
    const trimmed = name.trim()
    // A fragment alone is of the document itself; nothing at all loads nothing.
    if (trimmed === '' || trimmed.startsWith('#') || !URL.canParse(trimmed, base)) return []
    const url = new URL(trimmed, base)
    return /^https?:$/.test(url.protocol) ? [{ url: withoutHash(url), from }] : []
  })
}

function withoutHash(url: URL): string {
  url.hash = ''
  return url.href
}

const NOTHING: PageReferences = { base: undefined, loads: [], links: [] }

/** The same bytes, mostly in the same buffer, are met in thousands of crawls. */
const byBuffer = new WeakMap<Uint8Array, Map<string, PageReferences>>()
const byDigest = new Map<string, PageReferences>()

function namesIn(bytes: Uint8Array, contentType: string): PageReferences {
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase()
  const read = READERS.get(type)
  if (!read) return NOTHING
  const known = byBuffer.get(bytes) ?? new Map<string, PageReferences>()
  byBuffer.set(bytes, known)
  const found = known.get(type) ?? readOnce(bytes, type, read)
  known.set(type, found)
  return found
}

function readOnce(bytes: Uint8Array, type: string, read: (text: string) => PageReferences): PageReferences {
  const name = `${type} ${createHash('sha256').update(bytes).digest('hex')}`
  const found = byDigest.get(name) ?? read(Buffer.from(bytes).toString())
  byDigest.set(name, found)
  return found
}

const loading = (loads: readonly string[]): PageReferences => ({ ...NOTHING, loads })

const READERS: ReadonlyMap<string, (text: string) => PageReferences> = new Map([
  ['text/html', namedByPage],
  ['application/xhtml+xml', namedByPage],
  ['image/svg+xml', (text: string) => loading(namedByPage(text).loads)],
  ['text/css', (text: string) => loading(namedByStyle(text))],
  ['application/manifest+json', (text: string) => loading(namedByManifest(text))],
])

/** Icons, screenshots and the icons of shortcuts. https://www.w3.org/TR/appmanifest/ */
function namedByManifest(text: string): string[] {
  const urls: string[] = []
  try {
    JSON.parse(text, (name, value: unknown) => {
      if (name === 'src' && typeof value === 'string') urls.push(value)
      return value
    })
  } catch {
    // A browser ignores what it cannot read.
  }
  return urls
}
