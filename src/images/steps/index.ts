import type { Sharp } from 'sharp'
import { colour } from './colour.ts'
import { encode } from './encode.ts'
import { fit } from './fit.ts'
import { hold } from './hold.ts'
import { orient } from './orient.ts'
import { shrink } from './shrink.ts'
import { sign } from './sign.ts'
import type { Source, Step, Target } from './work.ts'

/** Once per source. */
export const DECODE: readonly Step<Source>[] = [orient, colour, shrink, hold]
/** Once per width that several formats share. */
export const SHRINK: readonly Step<Source & Pick<Target, 'size'>>[] = [fit, hold]
/** Once per variant, from what {@link DECODE} has left. */
export const VARIANT: readonly Step<Target>[] = [fit, sign, encode]
/** Once per variant of an animation, from the source itself. */
export const ANIMATION: readonly Step<Target>[] = [fit, encode]

export const pipe = <T>(image: Sharp, steps: readonly Step<T>[], work: T): Sharp =>
  steps.reduce((piped, step) => step(piped, work), image)
