import type { Magic } from '../file.ts'

/** Length of one MPEG transport stream packet, in bytes. ISO/IEC 13818-1 */
const TS_PACKET = 188
const TS_SYNC = 0x47

/** How far a page's doctype is looked for, in bytes. */
const HTML_HEAD = 256
const LESS_THAN = 0x3c
/** The first byte of UTF-8's byte order mark. */
const BOM = 0xef
/** What `\s` is in Latin-1. */
const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0])

/** What, at which offset in bytes, and its bytes in hexadecimal. */
const SIGNATURES: readonly (readonly [Magic, number, string])[] = [
  ['png', 0, '89504e470d0a1a0a'],
  ['jpeg', 0, 'ffd8ff'],
  ['gif', 0, '474946383961'],
  ['gif', 0, '474946383761'],
  ['webp', 8, '57454250'],
  ['avif', 4, '6674797061766966'],
  ['ico', 0, '00000100'],
  ['pdf', 0, '255044462d'],
  ['gzip', 0, '1f8b08'],
  ['zip', 0, '504b0304'],
  ['woff2', 0, '774f4632'],
  ['woff', 0, '774f4646'],
  ['wasm', 0, '0061736d'],
  ['utf16', 0, 'feff'],
  ['utf16', 0, 'fffe'],
]

/** The same, decoded once: this is asked for every file. */
const DECODED = SIGNATURES.map(([magic, offset, hex]) => ({ magic, offset, bytes: Buffer.from(hex, 'hex') }))

/** What the first bytes say the file is. `head` should hold at least 256 bytes where the file has them. */
export function magicOf(head: Uint8Array): Magic | undefined {
  for (const { magic, offset, bytes } of DECODED) if (standsAt(head, offset, bytes)) return magic
  if (isWide(head)) return 'utf16'
  if (head[0] === TS_SYNC && head[TS_PACKET] === TS_SYNC) return 'mpegts'
  return startsMarkup(head) && isHtml(head) ? 'html' : undefined
}

function standsAt(head: Uint8Array, offset: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (head[offset + at] !== bytes[at]) return false
  return true
}

/** ASCII in UTF-16 without a BOM: every other byte is zero, and no other. */
function isWide(head: Uint8Array): boolean {
  const units = Math.min(head.length >> 1, 32)
  const zero = head[0] === 0 ? 0 : 1
  if (units < 4) return false
  for (let at = 0; at < units * 2; at++) if ((head[at] === 0) !== (at % 2 === zero)) return false
  return true
}

/** Whether a page may start here, which most files say in their first byte. */
function startsMarkup(head: Uint8Array): boolean {
  let at = 0
  while (at < HTML_HEAD && BLANKS.has(head[at] ?? 0)) at++
  return head[at] === LESS_THAN || head[at] === BOM
}

const isHtml = (head: Uint8Array): boolean =>
  /^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype html|html[\s>])/i.test(
    Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, HTML_HEAD)).toString('latin1'),
  )
