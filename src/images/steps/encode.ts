import type { Step, Target } from './work.ts'

/** Into the operation's format. */
export const encode: Step<Target> = (image, { operation: { format, quality, effort } }) => {
  switch (format) {
    case 'avif':
      return image.avif({ quality, effort })
    case 'webp':
      return image.webp({ quality, effort })
    case 'jpeg':
      return image.jpeg({ quality, mozjpeg: true })
  }
}
