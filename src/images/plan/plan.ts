import type { Dropped } from './receipt.ts'
import type { ImageFormat, Operation } from './recipe.ts'

/** The size of an image in pixels; of an animation, one frame's. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** The widths that a source gets, and those that it is too narrow for. */
export interface PlannedWidths {
  /** Ascending. */
  readonly widths: readonly number[]
  readonly dropped: readonly Dropped[]
}

/** Nothing is enlarged: the first width above the source's becomes the source's own, wider ones are dropped. */
export function planWidths({ op, widths }: Pick<Operation, 'op' | 'widths'>, source: number): PlannedWidths {
  const fitting = widths.filter((width) => width <= source)
  const [next, ...wider] = widths.filter((width) => width > source)
  const own = next === undefined || fitting.at(-1) === source ? [] : [source]
  const over = own.length > 0 || next === undefined ? wider : [next, ...wider]
  return {
    widths: [...fitting, ...own],
    dropped: over.map((width) => ({ op, width, reason: 'larger-than-source' })),
  }
}

/**
 * The longest side, in pixels, that an encoder takes.
 * https://github.com/lovell/sharp/issues/3741, https://developers.google.com/speed/webp/faq, JPEG_MAX_DIMENSION of libjpeg
 */
const LONGEST_SIDE: Readonly<Record<ImageFormat, number>> = { avif: 16_384, webp: 16_383, jpeg: 65_500 }

export const isTooLong = ({ width, height }: Size, format: ImageFormat): boolean =>
  Math.max(width, height) > LONGEST_SIDE[format]

/** The size at a width, at least one pixel high; passed to the encoder, so that nothing else rounds it differently. */
export function sizeAt(source: Size, width: number): Size {
  return { width, height: Math.max(1, Math.round((source.height * width) / source.width)) }
}
