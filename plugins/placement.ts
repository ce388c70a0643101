import { isRootBound, isWebManifest, LadingError } from '../src/build/index.ts'
import type { Matcher, PublicUrl, SitePath, SyncOptions } from '../src/index.ts'
import type { LoadPolicy } from '../src/rewrite/index.ts'

/** The two addresses of a build, and what may be loaded across them. */
export interface Addresses extends LoadPolicy {
  readonly url: PublicUrl
  /** The site's own address with its base path, ending with `/`. */
  readonly site: string | undefined
  /** Starts and ends with `/`. */
  readonly base: string
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly keep: readonly string[]
  readonly lazyAttributes: readonly string[]
  /** Whether `exclude` names a file, or `include` does not: `sync` leaves it alone. */
  readonly isExcluded: Matcher
  /** Whether one of the `keep` globs names a file. */
  readonly isKept: Matcher
}

/** Undefined when the options know no public address. `matcher` reads their globs. */
export function addressesOf(options: SyncOptions, matcher: ReadGlobs): Addresses | undefined {
  const { delivery, site, base, cors, include, exclude, keep, lazyAttributes } = options
  if (delivery.mode === 'mirror') return undefined
  const { url } = delivery
  const sameOrigin = url.kind === 'path' || (site !== undefined && new URL(url.href).origin === new URL(site).origin)
  const lists = { include, exclude, keep, lazyAttributes }
  return { url, site, base, cors, ...lists, isExcluded: exclusion(options, matcher), isKept: matcher(keep), sameOrigin }
}

type ReadGlobs = (globs: readonly string[]) => Matcher

function exclusion({ include, exclude }: Pick<SyncOptions, 'include' | 'exclude'>, matcher: ReadGlobs): Matcher {
  const included = include.length === 0 ? () => true : matcher(include)
  const excluded = matcher(exclude)
  return (path) => !included(path) || excluded(path)
}

/** The folder below the store's prefix for files that a bundler named by content hash. */
export const BUNDLE_FOLDER = 'a/'

/** Whether scripts, style sheets and fonts go to the store with the rest: they need CORS on another host. */
export function movesAll({ sameOrigin, cors }: LoadPolicy): boolean {
  return sameOrigin || cors
}

/** Pictures and media: they load from any host as they are. */
export const LOADS_ANYWHERE: RegExp =
  /\.(?:png|jpe?g|jfif|gif|webp|avif|jxl|svg|ico|cur|bmp|apng|mp4|m4v|webm|ogv|ogg|oga|mp3|m4a|aac|wav|flac|opus)$/i

/** A service worker's path limits its scope, so it cannot move. */
const SERVICE_WORKER = /(?:^|[/._-])(?:sw|service-?worker)(?:[._-][^/]*)?\.[cm]?js$/i

/**
 * Why a file that a bundler named stays with the pages; `undefined` when it moves.
 * @param isPart another script imports it: it is a module like any other, whatever its name (`locale/sw.js`)
 */
export function whyEmittedStays(path: SitePath, addresses: Addresses, isPart = false): string | undefined {
  const isBound = isWebManifest(path) || isRootBound(path) || SERVICE_WORKER.test(path)
  if (isBound && !isPart) return 'its path is its scope'
  const chosen = whyChosen(path, addresses)
  if (chosen !== undefined) return chosen
  if (movesAll(addresses) || LOADS_ANYWHERE.test(path)) return undefined
  return `it needs CORS, and \`cors\` is not set for ${addresses.url.href}`
}

/** Why the options leave a file at the site; `undefined` when they do not speak of it. */
export function whyChosen(path: SitePath, { isExcluded, isKept }: Addresses): string | undefined {
  if (isExcluded(path)) return `${path} is excluded`
  return isKept(path) ? `keep names ${path}` : undefined
}

/**
 * Whether an SVG is a sprite: a collection of symbols that pages show by `<use href="sprite.svg#piece">`, which
 * browsers refuse across origins.
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
 * Some references cannot be rewritten one by one: a chunk imports others relative to its own URL.
 * @throws E_BUILD when `keep`, `exclude` or `include` leaves files at the site that are looked for in the store
 */
export function refuseChosen(paths: readonly SitePath[], { isExcluded, isKept, url }: Addresses): void {
  const why = `The build looks for them under ${url.href} with the files that load them.`
  const excluded = paths.filter(isExcluded)
  if (excluded.length > 0) {
    throw new LadingError('E_BUILD', 'files that the bundler made are excluded', {
      details: excluded,
      why,
      hint: 'Let exclude and include leave out only files that are copied as they are.',
    })
  }
  const kept = paths.filter(isKept)
  if (kept.length === 0) return
  throw new LadingError('E_BUILD', 'keep names files that the bundler made', {
    details: kept,
    why,
    hint: 'Narrow the glob of keep to files that are copied as they are.',
  })
}

/**
 * The same for files that cannot leave the site.
 * @throws E_BUILD
 */
export function refuseStaying(paths: readonly SitePath[], addresses: Addresses): void {
  const details = paths.flatMap((path) => {
    const why = whyEmittedStays(path, addresses)
    return why === undefined ? [] : [`${path}: ${why}`]
  })
  if (details.length === 0) return
  throw new LadingError('E_BUILD', 'scripts look in the store for files that stay at the site', {
    details,
    why: `The build looks for them under ${addresses.url.href} with the files that load them.`,
    hint: 'Name such a file by its path on the site instead of importing it; one that only looks like it, rename.',
  })
}
