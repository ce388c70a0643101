import { ImageError } from '../wire.ts'
import { isOpaque, type Pixels } from './png.ts'

export type Colour = readonly [red: number, green: number, blue: number]

/** What opaque icons stand on, and what of the picture is seen there. */
export interface Ground {
  readonly colour: Colour
  /** Whether the picture has transparent parts. */
  readonly isBare: boolean
  /** Distance from the middle to what is farthest from it, where half a side is 1. */
  readonly reach: number
  /** The same of the square around it. */
  readonly extent: number
}

const WHITE: Colour = [255, 255, 255]

/** Difference of a channel up to which a border is of one colour: compressed as JPEG, it hardly is. */
const NEAR = 8
/** Difference of a channel from which something is seen on its ground. */
const SEEN = 32

/**
 * Looks at a picture that is drawn into its square. Where no colour is asked for, the ground is that of the picture's own
 * border, or white.
 * @throws ImageError E_IMAGE_BLANK
 */
export function groundOf(pixels: Pixels, asked: Colour | undefined): Ground {
  const isBare = !isOpaque(pixels)
  const colour = asked ?? (isBare ? undefined : borderOf(pixels)) ?? WHITE
  const { contrast, ...seen } = seenOn(pixels, colour)
  if (isBare && contrast < SEEN) throw blank(pixels, colour)
  return { colour, isBare, ...seen }
}

export const hexOf = (colour: Colour): string =>
  `#${colour.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`

function blank({ data }: Pixels, colour: Colour): ImageError {
  for (let at = 3; at < data.length; at += 4) {
    if (data[at] !== 0) return new ImageError('E_IMAGE_BLANK', `nothing of it is seen on ${hexOf(colour)}`)
  }
  return new ImageError('E_IMAGE_BLANK', 'it shows nothing', 'It is transparent everywhere: take another.')
}

function borderOf({ data, side }: Pixels): Colour | undefined {
  const at = (x: number, y: number): Colour => {
    const place = 4 * (y * side + x)
    return [data[place] ?? 0, data[place + 1] ?? 0, data[place + 2] ?? 0]
  }
  const corner = at(0, 0)
  const last = side - 1
  for (let i = 0; i < side; i++) {
    const four = [at(i, 0), at(i, last), at(0, i), at(last, i)]
    if (four.some((colour) => colour.some((channel, which) => Math.abs(channel - (corner[which] ?? 0)) > NEAR)))
      return undefined
  }
  return corner
}

/** How far the picture reaches that differs from its ground, and how much it differs at most. */
function seenOn(
  { data, side }: Pixels,
  colour: Colour,
): Pick<Ground, 'reach' | 'extent'> & { readonly contrast: number } {
  const [middle, half] = [(side - 1) / 2, side / 2]
  let [reach, extent, contrast] = [0, 0, 0]
  for (let place = 0; place < side * side; place++) {
    const alpha = (data[4 * place + 3] ?? 0) / 255
    let difference = 0
    for (let channel = 0; channel < 3; channel++) {
      difference = Math.max(difference, alpha * Math.abs((data[4 * place + channel] ?? 0) - (colour[channel] ?? 0)))
    }
    contrast = Math.max(contrast, difference)
    if (difference <= NEAR) continue
    // of each pixel, its outer corner
    const [x, y] = [Math.abs((place % side) - middle) + 0.5, Math.abs(Math.floor(place / side) - middle) + 0.5]
    reach = Math.max(reach, Math.hypot(x, y) / half)
    extent = Math.max(extent, x / half, y / half)
  }
  return { reach, extent, contrast }
}
