/** What one image may take. */
export interface ImageLimits {
  /** Of the file. @default 50_000_000 */
  readonly bytes: number
  /** Width x height x frames. @default 50_000_000 */
  readonly pixels: number
  /** Memory of the rendering process above what it takes at rest, in bytes. @default 512 MiB */
  readonly memoryBytes: number
  /** Least wall clock before a render is stopped, in seconds; one that is predicted to take long gets more. @default 20 */
  readonly seconds: number
  /**
   * A render is stopped after this many times its prediction, which knows neither the machine nor its load. @default 8
   */
  readonly patience: number
}

export const IMAGE_LIMITS: ImageLimits = {
  bytes: 50_000_000,
  pixels: 50_000_000,
  memoryBytes: 512 * 1024 * 1024,
  seconds: 20,
  patience: 8,
}

/** Wall clock after which a render is stopped, in seconds. */
export const secondsFor = ({ seconds, patience }: ImageLimits, predicted: number): number =>
  Math.max(seconds, patience * predicted)
