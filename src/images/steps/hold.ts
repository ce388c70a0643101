import type { Source, Step } from './work.ts'

/** Keeps the decoded pixels: raw, or as an uncompressed PNG where their profile has to stay with them. */
export const hold: Step<Source> = (image, { isWide }) =>
  isWide ? image.png({ compressionLevel: 0, adaptiveFiltering: false }) : image.raw()
