import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'

/** How many pixels of two pictures differ, anti-aliasing left out. Pictures of different size differ in every pixel. */
export function differingPixels(a: Buffer, b: Buffer): number {
  if (a.equals(b)) return 0
  const [left, right] = [PNG.sync.read(a), PNG.sync.read(b)]
  const { width, height } = left
  if (width !== right.width || height !== right.height) return Math.max(width * height, right.width * right.height)
  return pixelmatch(left.data, right.data, undefined, width, height, { threshold: 0 })
}
