import { LadingError, type Matcher, matcher, type PublicUrl, type SitePath, type SyncOptions } from '../src/index.ts'
import { isRootBound, isWebManifest, type LoadPolicy } from '../src/rewrite/index.ts'

/** The two addresses of a build, and what may be loaded across them. */
export interface Addresses extends LoadPolicy {
  readonly url: PublicUrl
  /** The site's own address with its base path, ending with `/`. */
  readonly site: string | undefined
  /** Starts and ends with `/`. */
  readonly base: string
  readonly keep: readonly string[]
  /** Whether one of the `keep` globs names a file. */
  readonly isKept: Matcher
}

/** Undefined when the options know no public address. */
export function addressesOf({ delivery, site, base, cors, keep }: SyncOptions): Addresses | undefined {
  if (delivery.mode === 'mirror') return undefined
  const { url } = delivery
  const sameOrigin = url.kind === 'path' || (site !== undefined && new URL(url.href).origin === new URL(site).origin)
  return { url, site, base, cors, keep, isKept: matcher(keep), sameOrigin }
}

/** Where files lie that a bundler named by content, below the store's prefix. */
export const BUNDLE_FOLDER = 'a/'

/** Whether scripts, style sheets and fonts go to the store with the rest: they need CORS on another host. */
export function movesAll({ sameOrigin, cors }: LoadPolicy): boolean {
  return sameOrigin || cors
}

/** Pictures and media: they load from any host as they are. */
export const LOADS_ANYWHERE: RegExp =
  /\.(?:png|jpe?g|jfif|gif|webp|avif|jxl|svg|ico|cur|bmp|apng|mp4|m4v|webm|ogv|ogg|oga|mp3|m4a|aac|wav|flac|opus)$/i

/** Its path is its scope, wherever it is served from. */
const SERVICE_WORKER = /(?:^|[/._-])(?:sw|service-?worker)[._-][^/]*$/i

/** Why a file that a bundler named stays with the pages; `undefined` when it moves. */
export function whyEmittedStays(path: SitePath, addresses: Addresses): string | undefined {
  if (isWebManifest(path) || isRootBound(path) || SERVICE_WORKER.test(path)) return 'its path is its scope'
  if (addresses.isKept(path)) return 'keep names it'
  if (movesAll(addresses) || LOADS_ANYWHERE.test(path)) return undefined
  return `it needs CORS, and \`cors\` is not set for ${addresses.url.href}`
}

/**
 * Whether an SVG is a sprite: a collection that pages show pieces of by `<use href="sprite.svg#piece">`, which no
 * browser does across origins.
 */
export function isSprite(svg: string): boolean {
  return /<symbol[\s>]/.test(svg)
}

/** One line about what had to stay, for the bundler's log. */
export function corsNotice({ url }: Addresses): string {
  return (
    `cors is not set for ${url.href}: scripts, style sheets and fonts stay at the site, ` +
    'pictures and media move (cors: true moves all, once the host answers Access-Control-Allow-Origin)'
  )
}

/**
 * Some references of a bundler cannot be pointed at one file alone: a chunk imports another from where it lies itself.
 * @throws E_BUILD when `keep` names files that are looked for in the store
 */
export function refuseKept(paths: readonly SitePath[], { isKept, url }: Addresses): void {
  const details = paths.filter(isKept)
  if (details.length === 0) return
  throw new LadingError('E_BUILD', 'keep names files that the bundler made', {
    details,
    why: `The build looks for them under ${url.href} with the files that load them.`,
    hint: 'Narrow the glob of keep to files that are copied as they are.',
  })
}
