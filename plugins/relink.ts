import {
  applyEdits,
  createResolver,
  cssReferences,
  type DocumentReferences,
  type Edit,
  encodePath,
  isFromRoot,
  NO_CONTENT,
  pageReferences,
  type Reference,
  type Resolver,
  rewriteDocument,
  urlOfKey,
  whyKept,
} from '../src/build/documents.ts'
import { LadingError } from '../src/build/index.ts'
import type { Key, SitePath } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER, whyChosen } from './placement.ts'

/** What a build's documents may name. */
export interface Names {
  /** Whether the build's folder has, or will have, a file at this path. */
  has(path: SitePath): boolean
  /** Where the file goes in the store; undefined when it stays with the pages. */
  keyOf(path: SitePath): Key | undefined
  /** The file behind a key, including keys that the bundler made by prefixing a path. */
  pathOf(key: Key): SitePath | undefined
}

export interface Relinker {
  /** The page with every reference to a file naming the store's copy where it may, and the site's own elsewhere. */
  page(path: SitePath, html: string): Promise<string>
  /**
   * The same for a style sheet. `moves`: the sheet itself is served from the store.
   * @throws E_BUILD when a sheet that moves names a file that stays, and the site's own address is not known
   */
  style(path: SitePath, css: string, options: { readonly moves: boolean }): string
  /** What `style` changes, for bundlers that carry source maps through edits. @throws the same */
  styleEdits(path: SitePath, css: string, options: { readonly moves: boolean }): readonly Edit[]
}

/** Rewrites what bundlers leave alone: copied files, pages, and references that only work on the site's own host. */
export function createRelinker(addresses: Addresses, names: Names): Relinker {
  const resolver = createResolver({ ...addresses, has: names.has, pathOfKey: names.pathOf })
  const room: Room = { addresses, names, resolver }
  return {
    async page(path, html) {
      const document = await readPage(html, addresses)
      return rewriteDocument(html, document, (reference) => pageUrl(room, { path, reference, base: document.base }))
        .text
    },
    style: (path, css, { moves }) => applyEdits(css, styleEdits(room, css, { path, moves })),
    styleEdits: (path, css, { moves }) => styleEdits(room, css, { path, moves }),
  }
}

/** Loads the script parser only for a page with inline scripts, which pages of a bundler rarely have. */
async function readPage(html: string, { lazyAttributes }: Addresses): Promise<DocumentReferences> {
  let isAsked = false
  const scripts = (): typeof NO_CONTENT => {
    isAsked = true
    return NO_CONTENT
  }
  const document = pageReferences(html, { lazyAttributes, scripts })
  if (!isAsked) return document
  const { scriptContent } = await import('../src/build/scripts.ts')
  return pageReferences(html, { lazyAttributes, scripts: scriptContent })
}

interface Room {
  readonly addresses: Addresses
  readonly names: Names
  readonly resolver: Resolver
}

/** What a reference names, and where that goes. */
interface Target {
  readonly path: SitePath
  readonly tail: string
  readonly key: Key | undefined
  /** The document names the store's copy already. */
  readonly isMoved: boolean
}

interface Place {
  readonly path: SitePath
  readonly reference: Reference
  readonly base?: string | undefined
}

function targetOf({ addresses, names, resolver }: Room, { path, reference, base }: Place): Target | undefined {
  const resolved = resolver.resolve(reference.url, path, reference.base ?? base)
  if (resolved.kind !== 'file' && resolved.kind !== 'key') return undefined
  if (resolved.path === undefined) return undefined
  const stays = whyKept(reference, addresses) !== undefined || isForeignModule(reference, resolved.path, names)
  const key = stays ? undefined : names.keyOf(resolved.path)
  return { path: resolved.path, tail: resolved.query + resolved.fragment, key, isMoved: resolved.kind === 'key' }
}

const MODULES: ReadonlySet<string> = new Set(['module', 'modulepreload', 'import', 'import-map'])

/** A module that no bundler emitted may have relative imports, which were not checked. */
function isForeignModule({ use }: Reference, path: SitePath, { keyOf }: Names): boolean {
  return MODULES.has(use) && keyOf(path) !== BUNDLE_FOLDER + path
}

function pageUrl(room: Room, place: Place): string | undefined {
  const target = targetOf(room, place)
  if (target === undefined) return undefined
  const { addresses } = room
  const own = target.isMoved ? addresses.base + encodePath(target.path) + target.tail : undefined
  if (target.key === undefined) return own
  const url = urlOfKey(addresses.url, target.key) + target.tail
  if (!place.reference.absolute || addresses.url.kind === 'host') return url
  return addresses.site === undefined ? own : new URL(url, addresses.site).href
}

function styleEdits(room: Room, css: string, { path, moves }: { path: SitePath; moves: boolean }): Edit[] {
  return cssReferences(css, { context: 'sheet' }).references.flatMap((reference) => {
    const { start, end, url, encode, frozen } = reference
    const wanted = styleUrl(room, { path, reference, moves })
    return wanted === undefined || wanted === url || frozen !== undefined
      ? []
      : [{ start, end, replacement: encode(wanted) }]
  })
}

function styleUrl(room: Room, place: Place & { readonly moves: boolean }): string | undefined {
  const { addresses } = room
  const target = targetOf(room, place)
  const isAway = place.moves && !addresses.sameOrigin
  if (target === undefined) {
    const { url } = place.reference
    return isAway && isFromRoot(url) ? absolute(addresses, place, { own: url, why: undefined }) : undefined
  }
  if (target.key !== undefined) return urlOfKey(addresses.url, target.key) + target.tail
  const own = addresses.base + encodePath(target.path) + target.tail
  if (isAway) return absolute(addresses, place, { own, why: whyAtSite(addresses, place, target) })
  return target.isMoved || place.moves ? own : undefined
}

/** The sheet with every root-relative address written in full. */
export function nameInFull(css: string, site: string): string {
  const { references } = cssReferences(css, { context: 'sheet' })
  const edits = references.flatMap(({ start, end, url, encode, frozen }) =>
    frozen === undefined && isFromRoot(url) ? [{ start, end, replacement: encode(new URL(url, site).href) }] : [],
  )
  return applyEdits(css, edits)
}

function whyAtSite(addresses: Addresses, { reference }: Place, { path }: Target): string {
  return whyKept(reference, addresses) ?? whyChosen(path, addresses) ?? `${path} works only at its own path`
}

/**
 * From a sheet on another host only an absolute URL leads back to the site.
 * @param own `why` the file stays there: undefined when the build has none, and the host answers by other means
 */
function absolute(
  { site, url }: Addresses,
  place: Place,
  { own, why }: { own: string; why: string | undefined },
): string {
  if (site !== undefined) return new URL(own, site).href
  const named = why === undefined ? "a path of the site's host" : 'a file that stays at the site'
  throw new LadingError('E_BUILD', `a style sheet names ${named}`, {
    subject: `${place.path}:${place.reference.line}: ${place.reference.url}`,
    why: `The sheet moves to ${url.href}; ${why ?? 'the build has no such file to move along'}.`,
    hint: "Set site: 'https://www.example.com', the site's own address, so that it can be named in full; or write it in full yourself.",
  })
}
