import sharp, { type Metadata, type Sharp } from 'sharp'
import { printable } from '../words/errors.ts'
import { formatBytes } from '../words/units.ts'
import { isAvifSequence, pngFrames, refuseKind } from './kinds.ts'
import type { ImageLimits } from './plan/limits.ts'
import { ImageError, type ImageFacts } from './wire.ts'

/** CMYK with alpha: more channels are meant to break decoders. */
const MAX_CHANNELS = 5

/** Opens an image as untrusted input: a warning of the decoder is an error. */
export const open = (bytes: Buffer, { pixels }: { readonly pixels: number | false }, isAnimated = false): Sharp =>
  sharp(bytes, { failOn: 'warning', limitInputPixels: pixels, limitInputChannels: MAX_CHANNELS, animated: isAnimated })

/** An image's metadata, and the facts derived from it. */
export interface Looked {
  readonly facts: ImageFacts
  readonly metadata: Metadata
}

/**
 * Reads the header and refuses what is over a limit, before anything is decoded.
 * @throws ImageError
 */
export async function look(bytes: Buffer, limits: ImageLimits): Promise<Looked> {
  if (bytes.length > limits.bytes) {
    const [is, most] = [formatBytes(bytes.length), formatBytes(limits.bytes)]
    throw new ImageError('E_IMAGE_BYTES', `it has ${is}, more than the limit of ${most}`)
  }
  refuseKind(bytes)
  // no limit here: it is checked below, for a message that names the size
  const metadata = await translated(() => open(bytes, { pixels: false }).metadata())
  const facts = factsOf(bytes, metadata)
  const pixels = facts.width * facts.height * facts.frames
  if (pixels > limits.pixels) {
    const frames = facts.frames > 1 ? ` in ${facts.frames} frames` : ''
    const size = `${facts.width} x ${facts.height}${frames}, ${Math.round(pixels / 1e6)} megapixels`
    throw new ImageError('E_IMAGE_PIXELS', `it is ${size}, more than the limit of ${limits.pixels / 1e6}`)
  }
  return { facts, metadata }
}

function factsOf(bytes: Buffer, metadata: Metadata): ImageFacts {
  const { format, autoOrient, pages = 1, hasAlpha } = metadata
  const stillFrames = format === 'png' ? pngFrames(bytes) : 1
  const type = format === 'heif' ? 'image/avif' : `image/${format}`
  const isSequence = format === 'heif' && isAvifSequence(bytes)
  // other pictures inside a HEIF file, such as its thumbnail, are no frames
  const frames = Math.max(format === 'heif' ? 1 : pages, stillFrames)
  const { width, height } = autoOrient
  return { type, width, height, frames, hasAlpha, isFixed: stillFrames > 1 || isSequence }
}

/** What the decoder throws, as an error of the image. */
export async function translated<T>(deed: () => Promise<T>): Promise<T> {
  try {
    return await deed()
  } catch (error) {
    if (error instanceof ImageError) throw error
    throw imageError(error instanceof Error ? error.message : String(error))
  }
}

/** Characters of a decoder's message that are kept. */
const MESSAGE_LENGTH = 160

/** Both ways in which a reader of SVG names the place. */
const NO_XML = /XML parse error: .*?(\d+)(?: column |:)(\d+)(?: of data)?: (.+)/

function imageError(message: string): ImageError {
  const [, line, column, what = ''] = NO_XML.exec(message) ?? []
  if (line !== undefined) {
    const why = `it is no well-formed XML: line ${line}, column ${column}: ${printable(what).slice(0, MESSAGE_LENGTH)}`
    return new ImageError('E_IMAGE_CORRUPT', why, 'Correct it there, or export it again.')
  }
  const [first = ''] = printable(message.replaceAll('\n', ' '))
    .slice(0, MESSAGE_LENGTH)
    .split(/\s{2,}/)
  if (/unsupported image format/.test(message))
    return new ImageError('E_IMAGE_FORMAT', 'it is no JPEG, PNG, WebP, GIF or AVIF')
  if (/pixel limit/.test(message)) return new ImageError('E_IMAGE_PIXELS', 'it has more pixels than the limit')
  if (/channel/.test(message)) return new ImageError('E_IMAGE_FORMAT', first)
  return new ImageError('E_IMAGE_CORRUPT', `it is damaged: ${first}`)
}
