import type { Magic } from '../file.ts'

/** Length of one MPEG transport stream packet, in bytes. ISO/IEC 13818-1 */
const TS_PACKET = 188
const TS_SYNC = 0x47

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

/** What the first bytes say the file is. `head` should hold at least 256 bytes where the file has them. */
export function magicOf(head: Uint8Array): Magic | undefined {
  const hex = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 16)).toString('hex')
  for (const [magic, offset, signature] of SIGNATURES) {
    if (hex.startsWith(signature, offset * 2)) return magic
  }
  if (isWide(head)) return 'utf16'
  if (head[0] === TS_SYNC && head[TS_PACKET] === TS_SYNC) return 'mpegts'
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 256)).toString('latin1')
  return /^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype html|html[\s>])/i.test(text) ? 'html' : undefined
}

/** ASCII in UTF-16 without a BOM: every other byte is zero, and no other. */
function isWide(head: Uint8Array): boolean {
  const units = Math.min(head.length >> 1, 32)
  if (units < 4) return false
  const zeros = [0, 0]
  for (let at = 0; at < units * 2; at += 1) if (head[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
  return (zeros[0] === units && zeros[1] === 0) || (zeros[1] === units && zeros[0] === 0)
}
