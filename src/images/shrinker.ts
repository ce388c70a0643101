import sharp, { type OutputInfo, type Sharp } from 'sharp'
import type { Size } from './plan/plan.ts'
import { pipe, SHRINK } from './steps/index.ts'

interface Held {
  readonly data: Buffer
  readonly info: OutputInfo
}

/** Reopens pixels that `hold` has kept. */
export function reopenedAs({ data, info: { width, height, channels } }: Held, isWide: boolean): Sharp {
  return isWide ? sharp(data) : sharp(data, { raw: { width, height, channels } })
}

/**
 * Gives an image at a size: already resized where several outputs share that width, so that a format costs only its
 * encoding; else as it is, since the encoding pass resizes it.
 *
 * @param image opens the image to resize
 * @param often widths, one entry for each output
 */
export function createShrinker(
  image: () => Sharp,
  { isWide, often }: { readonly isWide: boolean; readonly often: readonly number[] },
): (size: Size) => Promise<Sharp> {
  const shared = new Set(often.filter((width, place) => often.indexOf(width) !== place))
  const held = new Map<number, Promise<Held>>()
  return async (size) => {
    if (!shared.has(size.width)) return image()
    const known =
      held.get(size.width) ?? pipe(image(), SHRINK, { size, base: size, isWide }).toBuffer({ resolveWithObject: true })
    held.set(size.width, known)
    return reopenedAs(await known, isWide)
  }
}
