import { cssReferences } from '../rewrite/css/css.ts'
import { htmlReferences } from '../rewrite/html/html.ts'
import { pageLinks } from '../rewrite/html/page-links.ts'
import { webManifestReferences } from '../rewrite/json/webmanifest.ts'
import { withLines } from '../rewrite/lines.ts'
import type { DocumentReferences, Reference } from '../rewrite/reference.ts'
import { moduleReferences } from '../rewrite/script/module.ts'
import { webAddress } from './ask.ts'
import { isHashedByUs } from './site.ts'
import type { PageContext, Use } from './use.ts'

/** How a document is parsed for further references. */
export type ReadAs = 'page' | 'sheet' | 'manifest' | 'module'

const READ_AS: ReadonlyMap<Use['use'], ReadAs> = new Map<Use['use'], ReadAs>([
  ['page', 'page'],
  ['stylesheet', 'sheet'],
  ['css-import', 'sheet'],
  ['manifest', 'manifest'],
  ['module', 'module'],
  ['modulepreload', 'module'],
  ['import', 'module'],
  ['import-map', 'module'],
])

/** How what is loaded for a use is parsed for further references; undefined when it is not. */
export const readAs = ({ use }: Pick<Use, 'use'>): ReadAs | undefined => READ_AS.get(use)

/** https://mimesniff.spec.whatwg.org/#javascript-mime-type */
export const SCRIPT_TYPE: RegExp =
  /^(?:text|application)\/(?:x-)?(?:javascript|ecmascript)$|^text\/(?:javascript1\.[0-5]|jscript|livescript)$/

/** Whether a content type fits how the body is to be parsed. A mismatch is a finding, not a document. */
export const canRead: Readonly<Record<ReadAs, (type: string) => boolean>> = {
  page: isPageType,
  sheet: (type) => type === 'text/css',
  manifest: (type) => /^application\/(?:[a-z.-]+\+)?json$|^text\/json$/.test(type),
  module: (type) => SCRIPT_TYPE.test(type),
}

export function isPageType(type: string): boolean {
  return type === 'text/html' || type === 'application/xhtml+xml'
}

export interface LiveDocument {
  readonly url: string
  readonly body: Uint8Array
  readonly headers: Headers
  readonly as: ReadAs
  /** The page that loads it; a page itself. */
  readonly page: PageContext
}

/** Everything that a document of the live site names, absolute. */
export function usesOf({ url: from, body, headers, as, page }: LiveDocument): Use[] {
  const text = decode(body, headers)
  const { references, base } = READERS[as](text)
  const context = { from, page, base: base === undefined ? from : (webAddress(base, from) ?? from) }
  const links = as === 'page' ? pageLinks(text) : []
  return [
    ...references.flatMap((reference) => useOf(reference, context)),
    ...links.flatMap((link) => useOf({ ...link, use: 'page', loadClass: 'D' }, context)),
  ]
}

type Named = Pick<DocumentReferences, 'references' | 'base'>

const READERS: Readonly<Record<ReadAs, (text: string) => Named>> = {
  page: htmlReferences,
  sheet: (text) => cssReferences(text, { context: 'sheet' }),
  manifest: webManifestReferences,
  module: (text) => ({ references: withLines(text, moduleReferences(text).references), base: undefined }),
}

interface Context {
  readonly from: string
  readonly page: PageContext
  readonly base: string
}

type Written = Pick<Reference, 'url' | 'line' | 'place' | 'loadClass' | 'tag' | 'base'> & Pick<Use, 'use'>

function useOf({ url: written, line, place, use, loadClass, tag, base }: Written, context: Context): Use[] {
  // a bare fragment refers to the document itself; class D is not the address of an asset, so nothing loads it
  if (written === '' || written.startsWith('#') || (use !== 'page' && loadClass === 'D')) return []
  const from = base === undefined ? context.base : (webAddress(base, context.base) ?? context.base)
  const url = webAddress(written, from)
  if (url === undefined || !isSurelyLoaded(use, url)) return []
  const { username, password } = new URL(written, from)
  const integrity = tag?.integrity?.value
  const hasUser = username + password !== ''
  return [{ from: context.from, page: context.page, line, place, url, use, loadClass, integrity, via: [], hasUser }]
}

const PICTURE = /\.(?:avif|gif|jpe?g|mp4|png|svg|webm|webp)$/i

/** Attributes with arbitrary values count only where they contain one of our hashed names, or lazy-loaded pictures. */
function isSurelyLoaded(use: Use['use'], url: string): boolean {
  if (use === 'structured-data') return isHashedByUs(url)
  return use !== 'lazy' || isHashedByUs(url) || PICTURE.test(new URL(url).pathname)
}

/** By the charset of the header. A `<meta>` matters only to addresses with letters beyond ASCII, which say UTF-8 anyway. */
function decode(body: Uint8Array, headers: Headers): string {
  const charset = /charset\s*=\s*"?([^\s";]+)/i.exec(headers.get('content-type') ?? '')?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return new TextDecoder().decode(body)
  }
}
