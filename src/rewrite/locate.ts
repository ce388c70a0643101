import type { Key, PublicUrl, SitePath } from '../words/model.ts'
import { decodePath, encodePath } from './url.ts'
import { trimSpace } from './white-space.ts'

/** Where a URL points, without checking what exists there. */
export interface Location {
  /** What follows the public address, decoded; undefined when it lies elsewhere. */
  readonly key: Key | undefined
  /** What follows the site's root, decoded and as it was written; undefined when it lies elsewhere. */
  readonly local: { readonly decoded: SitePath; readonly raw: SitePath } | undefined
  /** More `..` than there are folders, or a `file:` URL. */
  readonly isOutside: boolean
  /**
   * Its path on the site's own host, as a browser requests it. Undefined on another host, and for a URL that names its
   * host: it means the same wherever it is written.
   */
  readonly address: string | undefined
  /** As written, with its `?`, or empty. */
  readonly query: string
  /** As written, with its `#`, or empty. */
  readonly fragment: string
}

/** Returns undefined for what cannot be an address of the site or the store: `data:`, `mailto:`, only `#x`. */
export type Locate = (
  reference: string,
  documentPath: SitePath,
  documentBase: string | undefined,
) => Location | undefined

export interface Addresses {
  readonly site?: string | undefined
  readonly base: string
  readonly url: PublicUrl | undefined
}

/** Stands for a site whose address is not known. `.invalid` can never be a real host (RFC 2606). */
const UNKNOWN_SITE = 'https://site.invalid'

/** Maximum number of cached results: a URL that all pages name is parsed once. About 5 MB when full. */
const MEMORY = 20_000

interface Place {
  readonly host: string
  /** Ends with `/`. */
  readonly path: string
}

interface Room {
  readonly root: URL
  readonly site: Place
  readonly store: Place | undefined
}

export function createLocate({ site, base, url }: Addresses): Locate {
  const root = siteRoot(site, base)
  const store = url && placeOf(new URL(url.href, root))
  const room: Room = { root, site: placeOf(root), store }
  const known = new Map<string, Location | undefined>()
  return (reference, documentPath, documentBase) => {
    // before trimming, because a `data:` URL may be long
    if (NO_ADDRESS.test(reference)) return undefined
    const written = trimSpace(reference).replace(/[\t\n\r]/g, '')
    if (NO_ADDRESS.test(written)) return undefined
    const id = identity(written, documentPath, documentBase)
    if (known.has(id)) return known.get(id)
    if (known.size >= MEMORY) known.clear()
    // a slice of a document would keep the whole document in memory
    const own = Buffer.from(written).toString()
    const location = locate(room, { written: own, documentPath, documentBase })
    known.set(identity(own, documentPath, documentBase), location)
    return location
  }
}

/** The cache key: of the document only its folder matters, and not even that for root-relative and absolute URLs. */
function identity(written: string, documentPath: SitePath, documentBase: string | undefined): string {
  if (documentBase === undefined && ROOTED.test(written)) return written
  const from = written.startsWith('?') ? documentPath : documentPath.slice(0, documentPath.lastIndexOf('/') + 1)
  return [from, documentBase ?? '', written].join('\0')
}

interface Question {
  readonly written: string
  readonly documentPath: SitePath
  readonly documentBase: string | undefined
}

function locate(room: Room, { written, documentPath, documentBase }: Question): Location | undefined {
  // With `./`, because a colon in the path's first segment would make it a scheme.
  const page = new URL(`./${encodePath(documentPath)}`, room.root)
  const base = baseOf(documentBase, page)
  const target = parse(written, base)
  if (target?.protocol === 'file:') return { ...NOWHERE, isOutside: true }
  if (!target || !isHttp(target)) return undefined
  const address = target.host === room.site.host && !SELF_CONTAINED.test(written) ? target.pathname : undefined
  // A URL that is only a query leads to the document itself, so it names no file.
  if (written.startsWith('?')) return { ...NOWHERE, address, ...tailOf(written) }
  const key = room.store && below(target, room.store)
  const local = below(target, room.site)
  return {
    key: key === undefined ? undefined : decodePath(key),
    local: local === undefined ? undefined : { decoded: decodePath(local), raw: local.normalize('NFC') },
    isOutside: climbs(written, base, room.site),
    address,
    ...tailOf(written),
  }
}

/**
 * A base that no document can have is ignored.
 * https://html.spec.whatwg.org/multipage/semantics.html#set-the-frozen-base-url
 */
function baseOf(documentBase: string | undefined, page: URL): URL {
  const base = documentBase === undefined ? undefined : parse(documentBase, page)
  return base === undefined || /^(?:data|javascript):$/.test(base.protocol) ? page : base
}

/** Empty, only a fragment, or a `data:` URL. */
const NO_ADDRESS = /^(?:$|#|data:)/i
/** Root-relative, or with a scheme: the folder of the document does not matter. */
const ROOTED = /^[/\\]|^[a-z][a-z0-9+.-]*:/i
/** Written with its host. */
const SELF_CONTAINED = /^[/\\]{2}|^[a-z][a-z0-9+.-]*:/i

const NOWHERE: Location = {
  key: undefined,
  local: undefined,
  isOutside: false,
  address: undefined,
  query: '',
  fragment: '',
}

function siteRoot(site: string | undefined, base: string): URL {
  const root = new URL(site ?? UNKNOWN_SITE)
  // The address may carry the base path itself, or leave it to `base`.
  return root.pathname === '/' ? new URL(base, root) : root
}

const placeOf = ({ host, pathname }: URL): Place => ({ host, path: pathname })

function parse(text: string, base: URL): URL | undefined {
  return URL.canParse(text, base.href) ? new URL(text, base) : undefined
}

const isHttp = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:'

/** What follows the place in the URL's path; undefined when the URL lies elsewhere. http and https count as one. */
function below({ host, pathname }: URL, place: Place): string | undefined {
  return host === place.host && pathname.startsWith(place.path) ? pathname.slice(place.path.length) : undefined
}

/** Query and fragment as written: `?#iefix` would lose its `?` in `URL`. */
function tailOf(written: string): { query: string; fragment: string } {
  const hash = written.indexOf('#')
  const fragment = hash === -1 ? '' : written.slice(hash)
  const head = hash === -1 ? written : written.slice(0, hash)
  const mark = head.indexOf('?')
  return { query: mark === -1 ? '' : head.slice(mark), fragment }
}

/**
 * Whether a relative path has more `..` than there are folders above it. `URL` hides that by clamping at the host's
 * root, so the base is put below enough made-up folders.
 */
function climbs(written: string, base: URL, site: Place): boolean {
  if (ROOTED.test(written) || base.host !== site.host) return false
  const depth = written.split(/\.|%2e/i).length
  const lifted = new URL(`${'/-'.repeat(depth)}${base.pathname}`, base)
  const target = parse(written, lifted)
  return target !== undefined && !target.pathname.startsWith(`${'/-'.repeat(depth)}${site.path}`)
}
