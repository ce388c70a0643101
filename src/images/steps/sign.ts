import type { Step, Target } from './work.ts'

/** Of all metadata, whose work it is stays; where it was taken, and with what, does not. */
export const sign: Step<Target> = (image, { rights }) =>
  Object.keys(rights).length === 0 ? image : image.withExif({ IFD0: { ...rights } })
