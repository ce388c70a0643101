import type { Key, PublicUrl, SitePath } from '../model.ts'
import { encodePath } from './url.ts'
import { trimSpace } from './white-space.ts'

/** What a URL in a document leads to. `query` and `fragment` are as written, with their `?` and `#`, or empty. */
export type Resolved =
  /** A file of the site. */
  | { readonly kind: 'file'; readonly path: SitePath; readonly query: string; readonly fragment: string }
  /** An object under the public address; `path` is the file it was made from, when that is known. */
  | {
      readonly kind: 'key'
      readonly key: Key
      readonly path: SitePath | undefined
      readonly query: string
      readonly fragment: string
    }
  /** Below the site's base, where no such file is. */
  | { readonly kind: 'missing'; readonly path: SitePath }
  /** Climbs out of the site (`../../x`), or names a file of some machine. */
  | { readonly kind: 'outside' }
  /** Not this site's: another host, another path of the host, `data:`, `mailto:`, only `#x` or `?x`, a folder, no URL. */
  | { readonly kind: 'other' }

export interface ResolverOptions {
  /** The site's own address with its base path, ending with `/`. Absolute URLs that start with it are local. */
  readonly site?: string | undefined
  /** Path of the site's root on its host; starts and ends with `/`. */
  readonly base: string
  /** Where the store's prefix is served; undefined when nothing is offloaded. */
  readonly url: PublicUrl | undefined
  /** Whether the site has a file at this path (NFC). */
  has(path: SitePath): boolean
  /** The file that the object at `key` was made from. */
  pathOfKey(key: Key): SitePath | undefined
}

export interface Resolver {
  /**
   * @param reference the URL as the document's parser decoded it
   * @param documentPath the file it stands in
   * @param documentBase the document's `<base href>`
   */
  resolve(reference: string, documentPath: SitePath, documentBase?: string | undefined): Resolved
}

/** Stands for a site whose address is not known. `.invalid` can never be a real host (RFC 2606). */
const UNKNOWN_SITE = 'https://site.invalid'

const OTHER: Resolved = { kind: 'other' }
const OUTSIDE: Resolved = { kind: 'outside' }

interface Place {
  readonly host: string
  /** Ends with `/`. */
  readonly path: string
}

export function createResolver(options: ResolverOptions): Resolver {
  const root = siteRoot(options)
  const site: Place = { host: root.host, path: root.pathname }
  const store = options.url && placeOf(options.url, root)
  return {
    resolve: (reference, documentPath, documentBase) => {
      const written = trimSpace(reference).replace(/[\t\n\r]/g, '')
      if (/^(?:$|[#?]|data:)/i.test(written)) return OTHER
      // With `./`, because a colon in the path's first segment would make it a scheme.
      const page = new URL(`./${encodePath(documentPath)}`, root)
      const base = (documentBase !== undefined && parse(documentBase, page)) || page
      const target = parse(written, base)
      if (target?.protocol === 'file:') return OUTSIDE
      if (!target || !isHttp(target)) return OTHER
      return classify({ target, site, store, options, tail: tailOf(written), climbs: climbs(written, base, site) })
    },
  }
}

interface Target {
  readonly target: URL
  readonly site: Place
  readonly store: Place | undefined
  readonly options: ResolverOptions
  readonly tail: { readonly query: string; readonly fragment: string }
  readonly climbs: boolean
}

/** A key the release knows, then a file of the site, then any key, then what is missing. */
function classify({ target, site, store, options, tail, climbs: climbed }: Target): Resolved {
  const key = store && below(target, store)
  const keyName = key && decodePath(key)
  const made = keyName ? options.pathOfKey(keyName) : undefined
  if (keyName && made !== undefined) return { kind: 'key', key: keyName, path: made, ...tail }
  const local = below(target, site)
  const file = local === undefined ? undefined : findFile(local, options)
  if (file !== undefined) return { kind: 'file', path: file, ...tail }
  if (keyName) return { kind: 'key', key: keyName, path: undefined, ...tail }
  if (climbed) return OUTSIDE
  if (local === undefined || local === '' || local.endsWith('/')) return OTHER
  return { kind: 'missing', path: decodePath(local) }
}

function siteRoot({ site, base }: ResolverOptions): URL {
  const root = new URL(site ?? UNKNOWN_SITE)
  // The address may carry the base path itself, or leave it to `base`.
  return root.pathname === '/' ? new URL(base, root) : root
}

function placeOf(url: PublicUrl, root: URL): Place {
  const { host, pathname } = new URL(url.href, root)
  return { host, path: pathname }
}

function parse(text: string, base: URL): URL | undefined {
  return URL.canParse(text, base.href) ? new URL(text, base) : undefined
}

const isHttp = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:'

/** What follows the place in the URL's path; undefined when the URL lies elsewhere. http and https count as one. */
function below({ host, pathname }: URL, place: Place): string | undefined {
  return host === place.host && pathname.startsWith(place.path) ? pathname.slice(place.path.length) : undefined
}

/** A file at the path decoded once, at the path as it was written, or the index of a folder. */
function findFile(local: string, { has }: ResolverOptions): SitePath | undefined {
  const decoded = decodePath(local)
  if (local === '' || local.endsWith('/')) {
    const index = `${decoded}index.html`
    return has(index) ? index : undefined
  }
  return [decoded, local.normalize('NFC')].find((path) => has(path))
}

/** Each segment decoded once, in NFC. What is not valid percent-encoded UTF-8 stays as written: `100%.png`. */
function decodePath(path: string): SitePath {
  return path.split('/').map(decodeSegment).join('/').normalize('NFC')
}

function decodeSegment(segment: string): string {
  return segment.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      const decoded = decodeURIComponent(run)
      // An encoded separator belongs to a name that no file has; decoded it would lead elsewhere.
      return decoded.includes('/') ? run : decoded
    } catch {
      return run
    }
  })
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
 * Whether a relative path has more `..` than there are folders above it. `URL` clamps at the host's root and so hides
 * it; below enough made-up folders nothing is clamped.
 */
function climbs(written: string, base: URL, site: Place): boolean {
  if (/^[/\\]|^[a-z][a-z0-9+.-]*:/i.test(written) || base.host !== site.host) return false
  const depth = written.split(/\.|%2e/i).length
  const lifted = new URL(`${'/-'.repeat(depth)}${base.pathname}`, base)
  const target = parse(written, lifted)
  return target !== undefined && !target.pathname.startsWith(`${'/-'.repeat(depth)}${site.path}`)
}
