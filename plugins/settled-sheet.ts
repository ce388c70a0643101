import type { Key } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER } from './placement.ts'
import type { Names } from './relink.ts'

/** What checking a document needs to know of the store. */
export interface StoreView {
  /** Its public address; ends with `/`. */
  readonly href: string
  /** Whether a reference to this key may stay as it is. `isCode`: it may load more than a picture. */
  isNamed(key: Key, isCode?: boolean): boolean
}

/** The store as the build knows it: a file may be named by its current key, if it can be loaded from there. */
export function storeView({ url, cors }: Addresses, { pathOf, keyOf }: Names): StoreView {
  return {
    href: url.href,
    isNamed(key, isCode = false) {
      const path = cors ? pathOf(key) : undefined
      // A module that no bundler emitted may import others from where it lies.
      return path !== undefined && keyOf(path) === key && (!isCode || key === BUNDLE_FOLDER + path)
    },
  }
}

/** CSS functions that take a URL; no others do. */
const TAKES_URL = /(?:url|src|image-set)$/i

/** Properties whose pictures and fonts load from another host that allows it, and that nothing else takes over. */
const LOADS = /^\s*(?:background(?:-image)?|border-image(?:-source)?|list-style(?:-image)?|content|cursor|src)\s*:/i

/** Between the URLs of one value: nothing that could hide where a declaration begins. */
const PLAIN_VALUE = /^(?:[\w\s,.%#()+/-]|format\("[\w-]+"\))*$/i

/** Characters that stand for themselves in a URL, and end no URL. */
const PLAIN_KEY = /^[\w./@~-]+$/

/**
 * Whether a sheet loads only what `store` has, by its addresses there. A fast check without a parser, true for most
 * sheets of bundlers. False is inconclusive: then the sheet has to be parsed. So is true for invalid values such as
 * `f(;background:url(...))`, but nothing is loaded from those.
 */
export function isSettled(css: string, store: StoreView): boolean {
  if (css.includes('\\') || /@import/i.test(css)) return false
  let settled = 0
  for (let at = css.indexOf('('); at >= 0; at = css.indexOf('(', at + 1)) {
    const name = TAKES_URL.exec(css.slice(Math.max(settled, at - 9), at))?.[0]
    if (name === undefined) continue
    const end = name.toLowerCase() === 'url' ? css.indexOf(')', at) : -1
    if (end < 0 || !isStored(css.slice(at + 1, end), store)) return false
    if (!isPlainPlace(css.slice(settled, at - name.length), settled > 0)) return false
    settled = end + 1
  }
  return true
}

function isStored(argument: string, store: StoreView): boolean {
  const quote = /^["']/.exec(argument)?.[0] ?? ''
  return argument.endsWith(quote) && isStoredUrl(argument.slice(quote.length, argument.length - quote.length), store)
}

/** Whether a URL names what the store has, written as Lading would. `isCode`: it may load more. @default a picture */
export function isStoredUrl(url: string, { href, isNamed }: StoreView, isCode = false): boolean {
  const key = url.slice(href.length)
  return url.startsWith(href) && PLAIN_KEY.test(key) && isNamed(key, isCode)
}

/** @param before what stands before a URL, back to the last one that was `seen` */
function isPlainPlace(before: string, seen: boolean): boolean {
  const start = Math.max(before.lastIndexOf(';'), before.lastIndexOf('{'), before.lastIndexOf('}'))
  if (start < 0 && seen) return PLAIN_VALUE.test(before)
  const declaration = before.slice(start + 1)
  const property = LOADS.exec(declaration)?.[0]
  return property !== undefined && PLAIN_VALUE.test(declaration.slice(property.length))
}
