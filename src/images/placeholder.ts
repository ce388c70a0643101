import type { Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { Receipt } from './plan/receipt.ts'

/**
 * Pixels of the longer side. A ThumbHash takes up to 100, but keeps only seven frequencies of them, for which 64 do.
 */
export const SIDE = 64

/** What a page can show until the image is there: a by-product of pixels that are decoded anyway. */
export async function placeholderOf(image: Sharp): Promise<Pick<Receipt, 'thumbhash' | 'colour'>> {
  const { data, info } = await image
    .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const hash = rgbaToThumbHash(info.width, info.height, data)
  return { thumbhash: Buffer.from(hash).toString('base64'), colour: dominantColour(data) }
}

/** Alpha below which a pixel counts as transparent. */
const OPAQUE = 128

/** Four bits of each channel. */
const BINS = 4096

/**
 * The mean of the most frequent of 4096 colours, `#rrggbb`. Transparent pixels do not count; where all are, white.
 * Allocates nothing per pixel: it often runs for a process's first image, before the JIT has compiled anything.
 *
 * @param rgba four bytes a pixel
 */
function dominantColour(rgba: Uint8Array): string {
  const counts = new Uint32Array(BINS)
  for (let at = 0; at < rgba.length; at += 4) {
    const bin = binAt(rgba, at)
    if (bin >= 0) counts[bin] = (counts[bin] ?? 0) + 1
  }
  const most = Math.max(...counts)
  if (most === 0) return '#ffffff'
  const best = counts.indexOf(most)
  let [red, green, blue] = [0, 0, 0]
  for (let at = 0; at < rgba.length; at += 4) {
    if (binAt(rgba, at) !== best) continue
    red += rgba[at] ?? 0
    green += rgba[at + 1] ?? 0
    blue += rgba[at + 2] ?? 0
  }
  return `#${[red, green, blue]
    .map((sum) =>
      Math.round(sum / most)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}

/** The colour of the pixel at an offset, or -1 for a transparent one. */
function binAt(rgba: Uint8Array, at: number): number {
  if ((rgba[at + 3] ?? 0) < OPAQUE) return -1
  return (((rgba[at] ?? 0) >> 4) << 8) | (((rgba[at + 1] ?? 0) >> 4) << 4) | ((rgba[at + 2] ?? 0) >> 4)
}
