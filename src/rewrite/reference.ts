import type { ImageTag } from './html/picture.ts'

/**
 * What a URL in a document is used for. The use decides whether the URL may name another host
 * (DESIGN 6, measured in Chromium):
 *
 *   A  loads cross-origin as it is
 *   B  needs CORS on the other host
 *   C  never works cross-origin
 *   D  is not an asset's address: never edited
 */
export type LoadClass = 'A' | 'B' | 'C' | 'D'

/** Names of uses; each stands for one class (two where `crossorigin` matters). */
export type ReferenceUse =
  | 'image'
  | 'media'
  | 'track'
  | 'embed'
  | 'stylesheet'
  | 'script'
  | 'module'
  | 'modulepreload'
  | 'preload'
  | 'icon'
  | 'manifest'
  | 'meta'
  | 'svg-image'
  | 'svg-use'
  | 'font'
  | 'css-image'
  | 'css-import'
  | 'css-mask'
  | 'css-filter'
  | 'css-custom-property'
  | 'manifest-icon'
  | 'import'
  | 'import-url'
  | 'import-map'
  | 'structured-data'
  | 'lazy'
  | 'feed'

/**
 * The tag around a reference, where `crossorigin` and `integrity` can be written as they are. A key in the `integrity`
 * of an import map has one too, although there is no tag: its hash is the value, and nothing can be put in.
 */
export interface ReferenceTag {
  /** Where ` name="value"` can be put in: right after the last attribute, or after the tag's name; -1 in an import map. */
  readonly insertAt: number
  /** The tag carries `crossorigin`; what an import map leads to is always asked for with CORS. */
  readonly crossorigin: boolean
  /** The value of its `integrity` and its place; undefined when it carries none. */
  readonly integrity: { readonly value: string; readonly start: number; readonly end: number } | undefined
}

/** One URL in a text, with its exact place. */
export interface Reference {
  /** Where the URL as written starts in the text, in UTF-16 code units. */
  readonly start: number
  /** Where it ends (exclusive). */
  readonly end: number
  /** The URL as the parser hands it to the URL parser: entities and escapes decoded, outer white space cut. */
  readonly url: string
  readonly use: ReferenceUse
  readonly loadClass: LoadClass
  /** True when the URL must be written with scheme and host, wherever it stands (Open Graph, custom properties). */
  readonly absolute: boolean
  /** The tag carries `integrity`: changing the bytes or dropping CORS would block it. */
  readonly integrity: boolean
  /** Of a script or link; undefined elsewhere, and inside `srcdoc`, where what is put in would have to be escaped. */
  readonly tag?: ReferenceTag | undefined
  /** Against which it resolves, instead of the document's: inside a `srcdoc` with a `<base>` of its own. @default the document's */
  readonly base?: string | undefined
  /** Why the text around it may not change by one byte (a hash in the page's CSP names it); undefined when it may. */
  readonly frozen?: string | undefined
  /** 1-based. */
  readonly line: number
  /** For messages: `img[src]`, `@font-face src`, `icons[0].src`. */
  readonly place: string
  /** The text that stands for `url` at this place, escaped once per context (CSS inside an attribute: twice). */
  encode(url: string): string
}

/** What one document says: its references and the base against which they resolve. */
export interface DocumentReferences {
  /** In order of `start`, never overlapping. */
  readonly references: readonly Reference[]
  /** The first `<base href>` outside `<template>`, decoded; undefined for CSS and JSON. */
  readonly base: string | undefined
  /** Of each `<meta http-equiv="content-security-policy">`, decoded. @default none */
  readonly csp?: readonly string[] | undefined
  /**
   * URLs, as written, whose meaning an import map gives or changes: the keys of `imports` that are URLs, those of
   * `scopes`, and folders that it leads to. What lies there must keep its address. @default none
   */
  readonly importMapKeys?: readonly string[] | undefined
  /** Its images that name a file by `src`, those in frames left out. @default none */
  readonly images?: readonly ImageTag[] | undefined
  /**
   * Why the page may load modules from addresses that it does not show (an inline script imports a computed specifier);
   * undefined if it does not. @default undefined
   */
  readonly opaque?: string | undefined
}

/** What to write in place of a reference. */
export interface Replacement {
  readonly url: string
  /** The tag must carry `crossorigin`; it gets an empty one where it has none. @default false */
  readonly crossorigin?: boolean | undefined
  /** What `integrity` must say. @default as it is */
  readonly integrity?: string | undefined
}

/** What to do with a reference: write this there, or leave it as it is. */
export type Decide = (reference: Reference) => string | Replacement | undefined
