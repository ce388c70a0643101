/**
 * Memory per pixel of a source while it is rendered: 12 bytes, five times over, measured with eleven variants at once.
 */
const BYTES_PER_PIXEL = 60

/** The share of the memory that images may take. */
const MEMORY_SHARE = 0.6

/** Pixels assumed for an image of unknown size: a photograph. */
const UNKNOWN_PIXELS = 12_000_000

/** How many pixels may be rendered at once in so much memory. */
export function pixelBudget(memoryBytes: number): number {
  return Math.floor((memoryBytes * MEMORY_SHARE) / BYTES_PER_PIXEL)
}

export function pixelsOf({
  width,
  height,
}: {
  readonly width?: number | undefined
  readonly height?: number | undefined
}): number {
  return width === undefined || height === undefined ? UNKNOWN_PIXELS : width * height
}

/** Whether one more image may start. One larger than the whole budget is rendered alone. */
export function isAdmitted(pixels: number, inFlight: readonly number[], budget: number): boolean {
  const taken = inFlight.reduce((sum, each) => sum + each, 0)
  return inFlight.length === 0 || taken + pixels <= budget
}
