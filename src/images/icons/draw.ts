import sharp, { type Sharp } from 'sharp'
import { look, open, translated } from '../look.ts'
import { ICO, type IconPlan, type IconShape } from '../plan/icon-set.ts'
import { judgeSvg, type SvgProblem, svgText } from '../plan/svg-source.ts'
import { type DrawnIcons, type IconsRequest, ImageError } from '../wire.ts'
import { type Ground, groundOf, hexOf } from './ground.ts'
import { type Pixels, shortestPng } from './png.ts'

/** A source that can be drawn. */
interface Art {
  /** Draws it into a square of this side, whole and in its middle; the rest is transparent. */
  readonly at: (side: number) => Promise<Pixels>
  readonly hasText: boolean
}

/** Sides of the square in which a picture is looked at. */
const LOOKED_AT = 256

/** The share of an icon that the safe zone's circle is wide. https://www.w3.org/TR/appmanifest/#icon-masks */
const SAFE = 0.8

/** The share of a touch icon that a transparent picture takes at most: what lies behind it is seen all around. */
const PADDED = 140 / 180

/**
 * Draws the icons of one source. Runs in a child only.
 * @throws ImageError
 */
export async function drawIcons(request: IconsRequest): Promise<DrawnIcons> {
  const source = Buffer.from(request.bytes.buffer, request.bytes.byteOffset, request.bytes.byteLength)
  return translated(async () => {
    const art = request.isVector ? await vectorArt(source) : await rasterArt(source, request)
    const ground = groundOf(await art.at(LOOKED_AT), request.background)
    const icons: DrawnIcons['icons'][number][] = []
    for (const plan of request.plans) icons.push({ name: plan.name, bytes: await drawn(art, ground, plan) })
    return { background: hexOf(ground.colour), icons, hasText: art.hasText }
  })
}

/** Pixels of an inch. At 72, a drawing without inches keeps to the grid of pixels; in browsers, an inch has 96. */
const GRID = 72
const INCH = 96

/** A drawing has no pixels, and so no limit of them: it is drawn at the size that is needed, whatever size it names. */
async function vectorArt(source: Buffer): Promise<Art> {
  sharp.unblock({ operation: ['VipsForeignLoadSvgBuffer'] })
  const text = accepted(svgText(source))
  const opened = (density: number): Sharp => sharp(source, { failOn: 'warning', density, limitInputPixels: false })
  await opened(GRID).metadata() // strict, and with a limit of nesting, which the reader that judges has not
  const { hasText, hasPhysicalUnits } = accepted(judgeSvg(text))
  return { at: (side) => squared(opened(hasPhysicalUnits ? INCH : GRID), side), hasText }
}

function accepted<T extends string | object>(judged: T | SvgProblem): T {
  if (typeof judged === 'object' && 'message' in judged)
    throw new ImageError('E_IMAGE_FORMAT', judged.message, judged.hint)
  return judged
}

async function rasterArt(source: Buffer, { limits, plans }: IconsRequest): Promise<Art> {
  const { facts } = await look(source, limits)
  const { width, height, frames, isFixed } = facts
  if (frames > 1 || isFixed) throw new ImageError('E_IMAGE_FORMAT', 'it is animated')
  const largest = plans.reduce((most, plan) => (plan.side > most.side ? plan : most))
  if (Math.max(width, height) < largest.side) {
    const message = `it is ${width} x ${height}, and ${largest.name} would be enlarged from it`
    throw new ImageError('E_IMAGE_SMALL', message)
  }
  return { at: (side) => squared(open(source, limits).autoOrient(), side), hasText: false }
}

async function squared(image: Sharp, side: number): Promise<Pixels> {
  const data = await image
    .resize({ width: side, height: side, fit: 'contain', background: '#0000' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer()
  return { data, side }
}

async function drawn(art: Art, ground: Ground, { name, side, shape }: IconPlan): Promise<Buffer> {
  if (shape === 'bare') return shortestPng(await art.at(side), { hasPalette: name !== ICO.name })
  const room = Math.floor(side * shareOf(shape, ground))
  const inner = room - ((side - room) % 2) // as much on both sides
  const [r, g, b] = ground.colour
  const { data } = await art.at(inner)
  const at = (side - inner) / 2
  const composed = await sharp({
    create: { width: side, height: side, channels: 4, background: { r, g, b, alpha: 1 } },
  })
    .composite([{ input: data, raw: { width: inner, height: inner, channels: 4 }, left: at, top: at }])
    .raw()
    .toBuffer()
  return shortestPng({ data: composed, side })
}

/** How much of an icon's side the picture takes. Its square may reach out of the safe zone; what is seen in it does not. */
function shareOf(shape: IconShape, { isBare, reach, extent }: Ground): number {
  if (shape === 'masked') return Math.min(1, SAFE / reach)
  return isBare ? Math.min(1, PADDED / extent) : 1
}
