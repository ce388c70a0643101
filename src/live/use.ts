import type { LoadClass, ReferenceUse } from '../rewrite/reference.ts'

/** The page that loads something, directly or through a style sheet. */
export interface PageContext {
  readonly url: string
  /** It answers `Cross-Origin-Embedder-Policy: require-corp`. */
  readonly requiresCorp: boolean
}

/** One reference of the live site. */
export interface Use {
  /** Address of the document that names it. */
  readonly from: string
  /** 1-based line of that document. */
  readonly line: number
  /** `img[src]`, `@font-face src`. */
  readonly place: string
  /** Absolute, without fragment and user. */
  readonly url: string
  /** It is written with a user name or password; never asked for, and not repeated. */
  readonly hasUser: boolean
  /** `page`: navigation; everything else is loaded. */
  readonly use: ReferenceUse | 'page'
  readonly loadClass: LoadClass
  /** As written in the tag. */
  readonly integrity: string | undefined
  /** The addresses that led here by redirects, the one that the document names first. */
  readonly via: readonly string[]
  readonly page: PageContext
}

/** What makes two references the same to a visitor: they are judged once. */
export function useKey({ url, use, loadClass, integrity, via, page, hasUser }: Use): string {
  return [url, use, loadClass, integrity ?? '', via.join(' '), page.requiresCorp, hasUser].join('\n')
}

/** Navigation, or something that the document loads as a document of its own. */
export const isLink = ({ use }: Use): boolean => use === 'page'

export const originOf = (url: string): string => new URL(url).origin
