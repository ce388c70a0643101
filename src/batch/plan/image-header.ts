/** What the first bytes of an image say, without decoding it. A hint: the worker looks for itself. */
export interface ImageHeader {
  /** `image/jpeg`. */
  readonly type: string
  /** In pixels, as stored: an orientation in the metadata may turn them. */
  readonly width: number
  readonly height: number
}

/**
 * Reads the size of a PNG, GIF, WebP or JPEG.
 *
 * @returns `undefined` for what is none of them, or is too short to tell
 */
export function imageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return png(data) ?? gif(data) ?? webp(data) ?? jpeg(data)
  } catch (error) {
    // Truncated within its header.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** https://www.w3.org/TR/png-3/#11IHDR */
function png(data: Buffer): ImageHeader | undefined {
  if (data.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n' || data.toString('latin1', 12, 16) !== 'IHDR')
    return undefined
  return sized('image/png', data.readUInt32BE(16), data.readUInt32BE(20))
}

/** https://www.w3.org/Graphics/GIF/spec-gif89a.txt, 18 */
function gif(data: Buffer): ImageHeader | undefined {
  if (!/^GIF8[79]a/.test(data.toString('latin1', 0, 6))) return undefined
  return sized('image/gif', data.readUInt16LE(6), data.readUInt16LE(8))
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function webp(data: Buffer): ImageHeader | undefined {
  if (data.toString('latin1', 0, 4) !== 'RIFF' || data.toString('latin1', 8, 12) !== 'WEBP') return undefined
  switch (data.toString('latin1', 12, 16)) {
    case 'VP8X':
      return sized('image/webp', data.readUIntLE(24, 3) + 1, data.readUIntLE(27, 3) + 1)
    case 'VP8 ':
      return sized('image/webp', data.readUInt16LE(26) & 0x3fff, data.readUInt16LE(28) & 0x3fff)
    case 'VP8L': {
      const bits = data.readUInt32LE(21)
      return sized('image/webp', (bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)
    }
    default:
      return undefined
  }
}

/** Walks the segments to the frame's header. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.2.2 */
function jpeg(data: Buffer): ImageHeader | undefined {
  if (data.toString('latin1', 0, 2) !== '\xff\xd8') return undefined
  for (let at = 2; at + 4 <= data.length; ) {
    if (data[at] !== 0xff) return undefined
    const marker = data[at + 1] ?? 0
    if (marker === 0xff)
      at += 1 // fill
    else if (isFrame(marker)) return sized('image/jpeg', data.readUInt16BE(at + 7), data.readUInt16BE(at + 5))
    else at += 2 + data.readUInt16BE(at + 2)
  }
  return undefined
}

/** SOF0 to SOF15, without DHT, JPG and DAC, whose codes lie in that range. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** The longest side of a PNG; no other format has longer ones. https://www.w3.org/TR/png-3/#7Integers-and-byte-order */
const LONGEST = 2 ** 31 - 1

const sized = (type: string, width: number, height: number): ImageHeader | undefined =>
  width > 0 && height > 0 && Math.max(width, height) <= LONGEST ? { type, width, height } : undefined
