import { ASSET_FOLDER, unhashedPath } from '../plan/naming.ts'
import type { PublicUrl } from '../words/model.ts'
import { originOf } from './use.ts'

/** Which addresses belong to the site that is looked at. */
export interface Site {
  readonly origin: string
  /** Address of the folder whose pages are followed; ends with `/`. */
  readonly scope: string
  /** Where the store is public, as configured. */
  readonly assets: PublicUrl | undefined
  /** Whether its pages are followed. */
  contains(url: string): boolean
  /** Whether what lies there is the site's: its own host, the public address, or a host with our hashed names. */
  isOwn(url: string): boolean
  /** Counts a host as the site's own once its address contains one of our hashed names. True when the host is new. */
  learn(url: string): boolean
}

/** @param start the page that was asked for and, after redirects, the page that answered */
export function createSite(start: { asked: string; answered: string }, assets: PublicUrl | undefined): Site {
  const { origin } = new URL(start.answered)
  // a host that redirects `/` to `/en/` is still checked as a whole
  const page = originOf(start.asked) === origin ? start.asked : start.answered
  const scope = new URL('.', page).href
  const hosts = new Set([origin])
  return {
    origin,
    scope,
    assets,
    contains: (url) => url.startsWith(scope),
    isOwn: (url) => hosts.has(originOf(url)) || (assets?.kind === 'host' && url.startsWith(assets.href)),
    learn: (url) => {
      if (!isHashedByUs(url) || hosts.has(originOf(url))) return false
      hosts.add(originOf(url))
      return true
    },
  }
}

/** Whether a name says, in our way, that its bytes never change: `.../a/img/logo.mzxw6ytboi4dqmrq.png`. */
export function isHashedByUs(url: string): boolean {
  return keysIn(url).some((key) => unhashedPath(key) !== undefined)
}

/** Whether it lies in a folder of assets: there, bundlers' own names carry the hash. */
export function isInAssetFolder(url: string): boolean {
  return keysIn(url).length > 0
}

/** What of the path may be a key: where the prefix ends is not known. */
function keysIn(url: string): string[] {
  const { pathname } = new URL(url)
  return Array.from(pathname.matchAll(FOLDER), ({ index }) => pathname.slice(index + 1))
}

const FOLDER = new RegExp(`/(?=${ASSET_FOLDER})`, 'g')
