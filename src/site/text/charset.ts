import { isAscii } from 'node:buffer'
import { isScript, isStyle } from '../../plan/classify.ts'
import type { SitePath } from '../../words/model.ts'

/** How far browsers look for a `<meta>`, in bytes. https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding */
const PRESCAN = 1024

/** Names of UTF-8. https://encoding.spec.whatwg.org/#names-and-labels */
const UTF8_NAME = /^(?:x-)?(?:unicode[\d-]*)?utf-?8$/i

/** The charset of a text that declares none. */
const WESTERN = 'windows-1252'

/**
 * Whether a page's `<meta>` names a charset other than UTF-8. ASCII bytes are valid in any charset, but the declared
 * one still decides how the page encodes queries and forms.
 */
export function speaksOfOtherCharset(head: Uint8Array): boolean {
  const charset = metaCharset(headOf(head))
  return charset !== undefined && !UTF8_NAME.test(charset)
}

/**
 * The charset of a text that may not be labelled UTF-8, by what it says itself: `<meta>`, the XML declaration,
 * `@charset`. If a text declares none, its escape sequences decide.
 */
export function charsetOf(path: SitePath, bytes: Uint8Array): string {
  const head = headOf(bytes)
  // exactly so, or it does not count: https://drafts.csswg.org/css-syntax/#determine-the-fallback-encoding
  const named = isStyle(path) ? /^@charset "([^"]*)";/.exec(head)?.[1] : (metaCharset(head) ?? xmlCharset(head))
  return (
    (isScript(path) ? undefined : named?.trim()) ??
    (isAscii(bytes) && JAPANESE_ESCAPE.test(latin1(bytes)) ? 'iso-2022-jp' : WESTERN)
  )
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what switches
const JAPANESE_ESCAPE = /\x1b(?:\$[@B]|\([BJI])/

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

const headOf = (bytes: Uint8Array): string => latin1(bytes.subarray(0, PRESCAN))

const metaCharset = (head: string): string | undefined =>
  /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"';/>]+)/i.exec(head)?.[1]

const xmlCharset = (head: string): string | undefined =>
  /^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']/i.exec(head)?.[1]
