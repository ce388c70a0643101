import type { RenderBuiltAssetUrl } from 'vite'
import { encodePath, urlOfKey } from '../src/build/index.ts'
import type { Key, SitePath } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER, LOADS_ANYWHERE, movesAll, whyEmittedStays } from './placement.ts'

/** Facts gathered while Vite builds, consulted for every URL that it writes. */
export interface ViteFindings {
  /** Scripts of workers' own bundles; true when named by content. */
  readonly workers: Map<SitePath, boolean>
  /** Scripts of the bundle that is about to be written: other scripts import them, or pages name them. */
  readonly chunks: Set<SitePath>
  /** Names, without folder and extension, of imported SVG sprites. */
  readonly sprites: Set<string>
  /** Emitted files that references name in the store. */
  readonly moved: Set<SitePath>
  /** Emitted files that references name at the site. */
  readonly stayed: Set<SitePath>
  /** The key of a file of the public folder; undefined when it stays. */
  publicKey(path: SitePath): Key | undefined
  isPublicSprite(path: SitePath): boolean
}

/** Where a URL is about to be written, as Vite says it. */
type Host = Parameters<RenderBuiltAssetUrl>[1]
type BuiltUrl = ReturnType<RenderBuiltAssetUrl>

/**
 * What Vite writes for one reference. Vite percent-encodes the answer itself; `undefined` leaves its own address.
 * Names arrive with or without a leading slash, and with query and fragment.
 */
export function builtUrl(file: string, host: Host, { addresses, found }: UrlRoom): BuiltUrl {
  const named = split(file)
  const url = host.type === 'public' ? publicUrl(named, host, { addresses, found }) : undefined
  if (host.type === 'public') return url ?? stayingUrl(named, host, addresses)
  if (emittedStays(named, host, { addresses, found })) {
    found.stayed.add(named.path)
    return stayingUrl(named, host, addresses)
  }
  found.moved.add(named.path)
  return addresses.url.href + BUNDLE_FOLDER + named.path + named.tail
}

interface UrlRoom {
  readonly addresses: Addresses
  readonly found: ViteFindings
}

interface Named {
  readonly path: SitePath
  readonly tail: string
}

function split(file: string): Named {
  const path = file.replace(/^\//, '')
  const at = path.search(/[?#]/)
  return at < 0 ? { path, tail: '' } : { path: path.slice(0, at), tail: path.slice(at) }
}

function publicUrl(named: Named, host: Host, { addresses, found }: UrlRoom): string | undefined {
  const key = found.publicKey(named.path)
  if (key === undefined || isPiece(named, host, addresses)) return undefined
  if (host.hostType === 'js' && !addresses.sameOrigin && mayNeedOrigin(named.path, { addresses, found }))
    return undefined
  const url = addresses.url.href + key
  // Pages get a second pass; scripts and sheets do not, so there Vite's encoding must equal Lading's.
  return host.hostType === 'html' || encodeURI(url) === urlOfKey(addresses.url, key) ? url + named.tail : undefined
}

/** What a script does with an address cannot be seen: it may start a worker, fetch, or take a piece of a sprite. */
function mayNeedOrigin(path: SitePath, { addresses, found }: UrlRoom): boolean {
  if (found.isPublicSprite(path) || /\.[cm]?js$/i.test(path)) return true
  return !addresses.cors && !LOADS_ANYWHERE.test(path)
}

/**
 * `sprite.svg#anchor`: a piece of another document, which pages take from no other origin. Style sheets do, but for
 * filters: they name it at the site, where they can; where not, the second pass over sheets finds the filters.
 */
function isPiece({ path, tail }: Named, { hostType }: Host, addresses: Addresses): boolean {
  if (addresses.sameOrigin || !/\.svg$/i.test(path) || !tail.includes('#')) return false
  return hostType !== 'css' || !movesAll(addresses) || addresses.site !== undefined
}

function emittedStays(named: Named, host: Host, { addresses, found }: UrlRoom): boolean {
  if (!found.moved.has(named.path) && whyNamedStays(named.path, { addresses, found }) !== undefined) return true
  if (addresses.sameOrigin) return false
  if (found.workers.has(named.path) || isPiece(named, host, addresses)) return true
  return host.hostType === 'js' && (isNamedScript(named.path, found) || isImportedSprite(named.path, found.sprites))
}

/** A chunk is imported, or a page names it: no service worker, whatever its name. */
function whyNamedStays(path: SitePath, { addresses, found }: UrlRoom): string | undefined {
  return whyEmittedStays(path, addresses, found.chunks.has(path))
}

/** `./w.js?url`: a copy of a script, from whose URL code may start a worker. */
function isNamedScript(path: SitePath, { chunks }: ViteFindings): boolean {
  return /\.[cm]?js$/i.test(path) && !chunks.has(path)
}

function isImportedSprite(path: SitePath, sprites: ReadonlySet<string>): boolean {
  const name = /([^/]+)\.svg$/i.exec(path)?.[1]
  return name !== undefined && [...sprites].some((sprite) => name === sprite || name.startsWith(`${sprite}-`))
}

/**
 * The site's own address, written so that it still leads there when what holds it comes from another host: Vite would
 * resolve `/assets/w.js` against the script, or the sheet, and not against the page.
 */
function stayingUrl({ path, tail }: Named, host: Host, addresses: Addresses): BuiltUrl {
  if (addresses.sameOrigin || !movesAll(addresses) || host.hostType === 'html') return undefined
  const inFull = addresses.site && addresses.site + path + tail
  if (host.hostType === 'css') return inFull
  // The value of the expression below in a browser, so that server and client render the same page.
  if (host.ssr) return inFull
  const own = addresses.base + encodePath(path) + tail
  return { runtime: `new URL(${JSON.stringify(own)}, location.origin).href` }
}
