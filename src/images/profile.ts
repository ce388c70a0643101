import type { Metadata } from 'sharp'

/** Larger profiles describe one device and would weigh more than a small image; such images become sRGB. */
const MOST_BYTES = 16 * 1024

/** Whether an image has an RGB colour profile that is worth its bytes; sRGB needs none. */
export function hasWideProfile({ icc, space, depth }: Pick<Metadata, 'icc' | 'space' | 'depth'>): boolean {
  if (icc === undefined || icc.length > MOST_BYTES || space !== 'srgb' || depth !== 'uchar') return false
  // https://www.color.org/specification/ICC.1-2022-05.pdf, 7.2.8: the profile's colour space
  if (icc.toString('latin1', 16, 20) !== 'RGB ') return false
  return !['latin1', 'utf16le'].some((encoding) => {
    const name = Buffer.from('sRGB', encoding === 'latin1' ? 'latin1' : 'utf16le')
    return icc.includes(encoding === 'latin1' ? name : name.swap16())
  })
}
