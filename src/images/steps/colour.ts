import type { Source, Step } from './work.ts'

/**
 * A profile worth keeping stays, with the pixels unchanged; all else (CMYK, grey, 16 bit, huge profiles) becomes sRGB.
 */
export const colour: Step<Source> = (image, { isWide }) =>
  (isWide ? image.keepIccProfile() : image).toColourspace('srgb')
