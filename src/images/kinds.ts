import { ImageError } from './wire.ts'

/**
 * File types that are refused by their first bytes, before any decoder sees them, and the message. The loaders refuse
 * other unsupported types.
 */
const REFUSED: readonly (readonly [is: (head: string) => boolean, what: string])[] = [
  [(head) => head === '', 'it is empty'],
  [
    (head) =>
      /^(?:\uFEFF|\xEF\xBB\xBF)?\s*(?:<\?xml[^>]*>|<!--[\s\S]*?-->|<!DOCTYPE svg[^>]*>|\s)*<svg[\s>]/i.test(head),
    'it is an SVG, which is sharp at every width as it is',
  ],
  [(head) => /^\s*<(?:!doctype html|html|head|body|script)/i.test(head), 'it is an HTML page'],
  [(head) => /^....ftyp(?:heic|heix|hevc|hevx|heim|heis)/s.test(head), 'it is HEIC; export it as JPEG or AVIF'],
  [(head) => /^(?:II\*\0|MM\0\*)/.test(head), 'it is a TIFF; export it as PNG or JPEG'],
  [(head) => head.startsWith('%PDF-'), 'it is a PDF'],
  [(head) => head.startsWith('8BPS'), 'it is a Photoshop document'],
  [(head) => /^P[1-7]\s/.test(head), 'it is a portable pixmap'],
  [(head) => head.startsWith('\0\0\x01\0'), 'it is an icon'],
  [(head) => head.startsWith('BM'), 'it is a bitmap'],
]

/** Enough to look past a comment before the root of an SVG. */
const HEAD_BYTES = 4096

/** @throws ImageError E_IMAGE_FORMAT for what is known to be something else than the images that are rendered */
export function refuseKind(bytes: Buffer): void {
  const head = bytes.toString('latin1', 0, HEAD_BYTES)
  const refused = REFUSED.find(([is]) => is(head))
  if (refused !== undefined) throw new ImageError('E_IMAGE_FORMAT', refused[1])
}

/** Frames of an animated PNG, which decoders take for a still one; 1 for others. https://www.w3.org/TR/png-3/#acTL-chunk */
export function pngFrames(bytes: Buffer): number {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const name = bytes.toString('latin1', at + 4, at + 8)
    if (name === 'IDAT') return 1
    if (name === 'acTL') return Math.max(1, bytes.readUInt32BE(at + 8))
    at += 12 + bytes.readUInt32BE(at)
  }
  return 1
}

/** Whether it is a sequence of AVIF images, of which decoders show the first. */
export const isAvifSequence = (bytes: Buffer): boolean => bytes.toString('latin1', 4, 12) === 'ftypavis'
