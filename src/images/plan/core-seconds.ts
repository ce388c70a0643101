import { planWidths } from './plan.ts'

/** One format of a recipe, in the widths that it makes. */
export interface Encoding {
  readonly format: 'avif' | 'webp' | 'jpeg' | 'png'
  /** The encoder's own scale. @default 1 for AVIF, 4 for WebP */
  readonly effort?: number | undefined
  /** In pixels; those wider than the source are not made. */
  readonly widths: readonly number[]
}

/** What is known of an image before it is decoded. */
export interface SourceSize {
  readonly bytes: number
  readonly width?: number | undefined
  readonly height?: number | undefined
}

/** Core-seconds a megapixel; one photograph of 2725 x 2225 on an EPYC core. */
const DECODE = 0.014
const JPEG = 0.045
const PNG = 0.25
const WEBP = 0.064
/** By effort. Past 3 the price rises eightfold for a tenth of the bytes. */
const AVIF = [0.046, 0.109, 0.27, 0.46, 2.69, 3.4, 7.8, 12, 18, 27] as const
/** Fixed core-seconds of a variant, most of the cost of a small one. */
const VARIANT = 0.02

/** Pixels of a photograph for each byte of its file, where its header was not read. */
const PIXELS_PER_BYTE = 7.3

/** Core-seconds that one image takes. */
export function predictCoreSeconds(source: SourceSize, encodings: readonly Encoding[]): number {
  const [pixels, width] = sizeOf(source)
  const megapixels = pixels / 1e6
  const encoding = encodings.flatMap((made) =>
    widthsFor(made, width).map((to) => VARIANT + megapixels * (to / width) ** 2 * rateOf(made)),
  )
  return megapixels * DECODE + encoding.reduce((sum, seconds) => sum + seconds, 0)
}

/** How many variants one image gets. */
export function variantsOf(source: SourceSize, encodings: readonly Encoding[]): number {
  const [, width] = sizeOf(source)
  return encodings.reduce((sum, encoding) => sum + widthsFor(encoding, width).length, 0)
}

function sizeOf({ bytes, width, height }: SourceSize): readonly [number, number] {
  if (width && height) return [width * height, width]
  const pixels = Math.max(1, bytes * PIXELS_PER_BYTE)
  return [pixels, Math.sqrt((pixels * 4) / 3)]
}

const widthsFor = ({ widths }: Encoding, source: number): readonly number[] =>
  planWidths({ op: '', widths }, source).widths

function rateOf({ format, effort }: Encoding): number {
  if (format === 'avif') return AVIF[effort ?? 1] ?? AVIF[9]
  return { webp: WEBP, jpeg: JPEG, png: PNG }[format]
}
