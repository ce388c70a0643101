import type { Sharp } from 'sharp'
import { rgbaToThumbHash } from 'thumbhash'
import type { Receipt } from './receipt.ts'

/** Pixels of the longer side; more a ThumbHash does not take. */
export const SIDE = 100

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

/** Below it a pixel shows what is behind the image. */
const OPAQUE = 128

/**
 * The mean of the most frequent of 4096 colours, `#rrggbb`. Transparent pixels do not count; where all are, white.
 *
 * @param rgba four bytes a pixel
 */
function dominantColour(rgba: Uint8Array): string {
  // of each bin: pixels, and the sums of red, green and blue
  const bins = new Float64Array(4 * 4096)
  let best = 0
  for (let at = 0; at < rgba.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = rgba.subarray(at, at + 4)
    if (alpha < OPAQUE) continue
    const bin = 4 * (((red >> 4) << 8) | ((green >> 4) << 4) | (blue >> 4))
    for (const [place, value] of [1, red, green, blue].entries()) bins[bin + place] = (bins[bin + place] ?? 0) + value
    if ((bins[bin] ?? 0) > (bins[best] ?? 0)) best = bin
  }
  const [count = 0, ...sums] = bins.subarray(best, best + 4)
  if (count === 0) return '#ffffff'
  return `#${sums
    .map((sum) =>
      Math.round(sum / count)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}
