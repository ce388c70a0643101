import type { Source, Step } from './work.ts'

/** Keeps the decoded pixels: as they are, or with their profile, for which a PNG without compression is the envelope. */
export const hold: Step<Source> = (image, { isWide }) =>
  isWide ? image.png({ compressionLevel: 0, adaptiveFiltering: false }) : image.raw()
