/** How far browsers look for a `<meta>`, in bytes. https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding */
const PRESCAN = 1024

/** Names of UTF-8. https://encoding.spec.whatwg.org/#names-and-labels */
const UTF8_NAME = /^(?:x-)?(?:unicode[\d-]*)?utf-?8$/i

/**
 * Whether a page's `<meta>` names a charset other than UTF-8. Where all bytes are ASCII they bear out any charset, and
 * the one that is named still decides how the page encodes queries and forms.
 */
export function speaksOfOtherCharset(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, PRESCAN)).toString('latin1')
  const charset = /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"';/>]+)/i.exec(text)?.[1]
  return charset !== undefined && !UTF8_NAME.test(charset)
}
