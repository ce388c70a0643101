import type { Step, Target } from './work.ts'

/** Of all metadata only artist and copyright stay; location and camera do not. */
export const sign: Step<Target> = (image, { rights }) =>
  Object.keys(rights).length === 0 ? image : image.withExif({ IFD0: { ...rights } })
