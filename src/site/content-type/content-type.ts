import { createRequire } from 'node:module'
import type { SitePath } from '../../words/model.ts'
import type { FileFacts, Magic } from '../file.ts'
import { USUAL_TYPES } from './usual-types.ts'

const require = createRequire(import.meta.url)

/**
 * Overrides the mime-types table, as servers, browsers or the platforms expect: `.ts` in a site is source text far more
 * often than video; `image/x-icon` is what every server sends for `.ico`; the extension-less well-known files have
 * their types in their own specifications.
 */
const OVERRIDES: Readonly<Record<string, string>> = {
  ts: 'text/plain',
  mts: 'text/plain',
  cts: 'text/plain',
  tsx: 'text/plain',
  jsx: 'text/plain',
  js: 'text/javascript',
  mjs: 'text/javascript',
  cjs: 'text/javascript',
  ico: 'image/x-icon',
  webmanifest: 'application/manifest+json',
  wasm: 'application/wasm',
  map: 'application/json',
  avif: 'image/avif',
  svgz: 'image/svg+xml',
  md: 'text/markdown',
  scss: 'text/plain',
  less: 'text/plain',
}

const NAMED: Readonly<Record<string, string>> = {
  'apple-app-site-association': 'application/json',
  CNAME: 'text/plain',
  LICENSE: 'text/plain',
  README: 'text/plain',
  _headers: 'text/plain',
  _redirects: 'text/plain',
}

/** Types beyond `text/*` whose charset matters to a reader. */
const TEXTUAL =
  /^(?:text\/|application\/(?:json|xml|manifest\+json|javascript|rss\+xml|atom\+xml|xhtml\+xml)$|image\/svg\+xml$)/

export interface ContentType {
  /** With charset where it is known to be right. */
  readonly value: string
  /** False when neither name nor table knew. */
  readonly known: boolean
  /** How the bytes are compressed, when they are those of a text or module. */
  readonly encoding: 'gzip' | 'br' | undefined
}

/** The type to store a file with. The charset is set only if the bytes are valid in it: it overrides `<meta>`. */
export function contentTypeOf(path: SitePath, facts: Pick<FileFacts, 'utf8' | 'magic' | 'variant'>): ContentType {
  const { variant } = facts
  if (variant !== undefined) return { ...contentTypeOf(variant.of, variant.facts), encoding: variant.encoding }
  const name = path.slice(path.lastIndexOf('/') + 1)
  const extension = extensionOf(name)
  const type = typeByName(name, extension, facts.magic)
  if (type === undefined) return { value: 'application/octet-stream', known: false, encoding: undefined }
  const textual = TEXTUAL.test(type)
  const isModule = type === 'application/wasm'
  const encoding = (textual || isModule) && facts.magic === 'gzip' ? 'gzip' : undefined
  const charset = textual && facts.utf8 && facts.magic !== 'utf16' && encoding === undefined ? '; charset=utf-8' : ''
  return { value: `${type}${charset}`, known: true, encoding }
}

/** Whether name or table know a type: {@link ContentType.known} without the rest. */
export function isTypeKnown(path: SitePath, { variant, magic }: Pick<FileFacts, 'magic' | 'variant'>): boolean {
  if (variant !== undefined) return isTypeKnown(variant.of, variant.facts)
  const name = path.slice(path.lastIndexOf('/') + 1)
  return typeByName(name, extensionOf(name), magic) !== undefined
}

function typeByName(name: string, extension: string, magic: Magic | undefined): string | undefined {
  if (extension === 'ts' && magic === 'mpegts') return 'video/mp2t'
  const named = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined
  const override = Object.hasOwn(OVERRIDES, extension) ? OVERRIDES[extension] : undefined
  return named ?? override ?? USUAL_TYPES.get(extension) ?? (extension === '' ? undefined : rareType(extension))
}

function rareType(extension: string): string | undefined {
  const { lookup }: typeof import('mime-types') = require('mime-types')
  return lookup(extension) || undefined
}

/** The lower-case extension without its dot; empty for `LICENSE` and `.htaccess`. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

/** Extensions that fit a magic number, so that no warning is due. */
const EXPECTED: Partial<Record<Magic, RegExp>> = {
  png: /^(?:png|ico|apng)$/,
  jpeg: /^(?:jpe?g|jfif)$/,
  gif: /^gif$/,
  webp: /^webp$/,
  html: /^(?:html?|xhtml|php|svg|txt|md|xml|vue|ejs|hbs|shtml|)$/,
}
const IMAGE_EXTENSION = /^(?:png|jpe?g|gif|webp|avif)$/

/** True when the bytes are plainly of another format than the name says: a page called `.png`, a PNG called `.jpg`. */
export function isMismatch(path: SitePath, magic: Magic | undefined): boolean {
  if (magic === undefined) return false
  const extension = extensionOf(path.slice(path.lastIndexOf('/') + 1))
  const expected = EXPECTED[magic]
  if (expected === undefined || expected.test(extension)) return false
  return magic === 'html' || IMAGE_EXTENSION.test(extension)
}
