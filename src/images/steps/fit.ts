import type { Step, Target } from './work.ts'

/** To the width of one variant, its profile kept. */
export const fit: Step<Pick<Target, 'size' | 'isWide'>> = (image, { size: { width, height }, isWide }) => {
  const sized = image.resize({ width, height, fit: 'fill' })
  return isWide ? sized.keepIccProfile() : sized
}
