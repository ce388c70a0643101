import { type Encoding, predictCoreSeconds, type SourceSize, variantsOf } from '../../images/plan/core-seconds.ts'
import { IMAGE_LIMITS } from '../../images/plan/limits.ts'
import { pixelsOf } from './admission.ts'

/** What an image is expected to take, and to become. */
export interface Work {
  readonly coreSeconds: number
  readonly variants: number
}

const NOTHING: Work = { coreSeconds: 0, variants: 0 }

/**
 * The work of one image. Its header says what it likes: by claiming more pixels than workers decode, a few bytes would
 * ask for days of a fleet, and get a refusal.
 */
export function workOf(source: SourceSize, encodings: readonly Encoding[]): Work {
  if (pixelsOf(source) > IMAGE_LIMITS.pixels) return NOTHING
  return { coreSeconds: predictCoreSeconds(source, encodings), variants: variantsOf(source, encodings) }
}
