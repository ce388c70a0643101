import sharp, { type PngOptions } from 'sharp'

/** Decoded pixels, four bytes each. */
export interface Pixels {
  readonly data: Buffer
  readonly side: number
}

/** Ways to write the same pixels; which is the shortest depends on the picture. An `effort` would mean a palette. */
const WAYS: readonly PngOptions[] = [
  { compressionLevel: 9, adaptiveFiltering: false },
  { compressionLevel: 9, adaptiveFiltering: true },
]
const PALETTE: PngOptions = { compressionLevel: 9, palette: true, colours: 256, quality: 100, dither: 0, effort: 10 }

/** Colours of a palette. https://www.w3.org/TR/png-3/#11PLTE */
const MOST_COLOURS = 256

/**
 * The shortest PNG of these pixels that changes none of them: with a palette where that holds every colour. A picture with
 * more colours keeps them, for a logo is a brand before it is a number of bytes.
 *
 * @param hasPalette false for readers that know true colour with alpha alone
 */
export async function shortestPng(
  pixels: Pixels,
  { hasPalette = true }: { readonly hasPalette?: boolean } = {},
): Promise<Buffer> {
  const { data, side } = pixels
  const image = () => {
    const all = sharp(data, { raw: { width: side, height: side, channels: 4 } })
    return hasPalette && isOpaque(pixels) ? all.removeAlpha() : all
  }
  const written: Buffer[] = []
  for (const way of WAYS) written.push(await image().png(way).toBuffer())
  if (hasPalette && countColours(data) <= MOST_COLOURS) {
    const indexed = await image().png(PALETTE).toBuffer()
    if (await isSame(indexed, data)) written.push(indexed)
  }
  return written.reduce((best, one) => (one.length < best.length ? one : best))
}

export function isOpaque({ data }: Pick<Pixels, 'data'>): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false
  return true
}

/** Colours, up to one more than a palette has. */
function countColours(data: Buffer): number {
  const colours = new Set<number>()
  for (let at = 0; at < data.length && colours.size <= MOST_COLOURS; at += 4) colours.add(data.readUInt32BE(at))
  return colours.size
}

/** Quantising is not bound to find the very colours. What is transparent has none. */
async function isSame(png: Buffer, data: Buffer): Promise<boolean> {
  const again = await sharp(png).toColourspace('srgb').ensureAlpha().raw().toBuffer()
  for (let at = 0; at < data.length; at += 4) {
    if (again[at + 3] === 0 && data[at + 3] === 0) continue
    if (again.readUInt32BE(at) !== data.readUInt32BE(at)) return false
  }
  return again.length === data.length
}
