import type { Key, PublicUrl, SitePath } from '../words/model.ts'
import { createLocate, type Location } from './locate.ts'

/** What follows the path of a URL, as written, with `?` and `#`, or empty. */
interface Tail {
  readonly query: string
  readonly fragment: string
}

/**
 * Its path on the site's own host, when the URL is written without a host: read from another host it would lead
 * elsewhere. Undefined for a URL that means the same wherever it is written.
 */
interface Addressed {
  readonly address: string | undefined
}

/** What a URL in a document leads to. */
export type Resolved =
  /** A file of the site. */
  | ({ readonly kind: 'file'; readonly path: SitePath } & Tail)
  /** An object under the public address; `path` is the file it was made from, when that is known. */
  | ({ readonly kind: 'key'; readonly key: Key; readonly path: SitePath | undefined } & Addressed & Tail)
  /** Below the site's base, where no such file is. */
  | ({ readonly kind: 'missing'; readonly path: SitePath } & Addressed & Tail)
  /** Climbs out of the site (`../../x`), or names a file of some machine. */
  | ({ readonly kind: 'outside' } & Addressed & Tail)
  /** Elsewhere on the site's own host, written without naming it: a folder, another path of the host, only `?x`. */
  | ({ readonly kind: 'host'; readonly address: string } & Tail)
  /** Not this site's: another host, `data:`, `mailto:`, only `#x`, no URL. */
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
  /** The file that the object at `key` is made from now. */
  pathOfKey(key: Key): SitePath | undefined
  /**
   * Whether an earlier release made this key, and from which file, if that still exists. Checked after the site's own
   * files, so that they are never taken for keys where the public address lies within the site. @default none is known
   */
  formerKey?(key: Key): { readonly path: SitePath | undefined } | undefined
}

export interface Resolver {
  /**
   * @param reference the URL as the document's parser decoded it
   * @param documentPath the file it stands in
   * @param documentBase the document's `<base href>`
   */
  resolve(reference: string, documentPath: SitePath, documentBase?: string | undefined): Resolved
}

const OTHER: Resolved = { kind: 'other' }

/** Parsed URLs are cached, look-ups are not: results of `has` and of the key functions may change between calls. */
export function createResolver(options: ResolverOptions): Resolver {
  const locate = createLocate(options)
  return {
    resolve: (reference, documentPath, documentBase) => {
      const location = locate(reference, documentPath, documentBase)
      return location === undefined ? OTHER : classify(location, options)
    },
  }
}

/**
 *   a key that is made now   a file of the site   a key of earlier   below the site   leads to
 *   yes                      -                    -                  -                key
 *   no                       yes                  -                  -                file
 *   no                       no                   yes                -                key
 *   no                       no                   no                 no               key, if below the public address
 *   no                       no                   no                 yes              missing, or a folder of the host
 */
function classify(location: Location, options: ResolverOptions): Resolved {
  const { key, local, address, query, fragment } = location
  const tail = { query, fragment }
  const made = key ? options.pathOfKey(key) : undefined
  if (key && made !== undefined) return { kind: 'key', key, path: made, address, ...tail }
  const file = findFile(local, options)
  if (file !== undefined) return { kind: 'file', path: file, ...tail }
  const former = key ? options.formerKey?.(key) : undefined
  if (key && (former || !local)) return { kind: 'key', key, path: former?.path, address, ...tail }
  if (location.isOutside) return { kind: 'outside', address, ...tail }
  if (local && !isFolder(local.raw)) return { kind: 'missing', path: local.decoded, address, ...tail }
  return address === undefined ? OTHER : { kind: 'host', address, ...tail }
}

const isFolder = (path: string): boolean => path === '' || path.endsWith('/')

/** A file at the path decoded once, at the path as it was written, or the index of a folder. */
function findFile(local: Location['local'], { has }: ResolverOptions): SitePath | undefined {
  if (local === undefined) return undefined
  const { decoded, raw } = local
  if (isFolder(raw)) return has(`${decoded}index.html`) ? `${decoded}index.html` : undefined
  return [decoded, raw].find((path) => has(path))
}
