import { parseJson } from '../../plan/state-file.ts'
import type { ErrorCode } from '../../words/errors.ts'
import type { Digest, Key } from '../../words/model.ts'
import type { ImageFormat } from './recipe.ts'

/** The image that something was made of. */
export interface ReceiptSource {
  /** Its object, where it lies in a store. */
  readonly key?: Key | undefined
  /** Its path below the folder or store that was read. */
  readonly path?: string | undefined
  readonly sha256: Digest
  readonly bytes: number
  /** In pixels, upright: after its orientation was applied. 0 if unknown. */
  readonly width: number
  readonly height: number
  /** `image/jpeg`; empty if unknown. */
  readonly type: string
}

/** One image that was made. */
export interface Variant {
  /** See `Operation.op`. */
  readonly op: string
  /** In pixels, of one frame. */
  readonly width: number
  readonly height: number
  readonly format: ImageFormat
  readonly bytes: number
  readonly key: Key
}

/**
 *   larger-than-source     the source is narrower; it is never enlarged
 *   larger-than-original   it has at least as many bytes as the original, which serves better
 *   larger-than-fallback   it has at least as many bytes as the fallback of the same width
 *   saves-little           it saves too small a share of the bytes of the next larger width
 *   too-slow               the encoder was stopped; a lower effort was taken instead
 *   too-many-frames        an animation above the recipe's frames stays as it is
 *   too-long-for-format    the format has no images with so long a side: screenshots of whole pages
 *   animated               an animation of a kind that is not converted stays as it is: animated PNG and AVIF
 */
export type DropReason =
  | 'larger-than-source'
  | 'larger-than-original'
  | 'larger-than-fallback'
  | 'saves-little'
  | 'too-slow'
  | 'too-many-frames'
  | 'too-long-for-format'
  | 'animated'

/** Something that the recipe asks for and that is not there. */
export interface Dropped {
  readonly op?: string | undefined
  readonly width?: number | undefined
  readonly reason: DropReason
}

/** What was made of one source. Markup refers only to variants that are in a receipt. */
export interface Receipt {
  readonly v: 1
  readonly src: ReceiptSource
  /** See `recipeId`. */
  readonly recipe: string
  /** By format, most wanted first, then by ascending width. Empty: the original is the best version. */
  readonly variants: readonly Variant[]
  readonly dropped: readonly Dropped[]
  /** Base64. https://evanw.github.io/thumbhash/ */
  readonly thumbhash: string
  /** The colour that most of the image has, `#rrggbb`. */
  readonly colour: string
  readonly engine: { readonly sharp: string; readonly libvips: string }
  /** CPU time of the rendering process. */
  readonly cpuMs: number
}

/** The receipt of an image that could not be rendered. */
export interface FailureReceipt {
  readonly v: 1
  readonly src: ReceiptSource
  readonly recipe: string
  readonly code: ErrorCode
  readonly message: string
  readonly attempts: number
}

/** @returns `undefined` for what is no receipt of this version */
export function parseReceipt(bytes: Uint8Array): Receipt | undefined {
  const value = parseJson(bytes)
  return isReceipt(value) ? value : undefined
}

/** As it is stored. */
export const receiptBytes = (receipt: Receipt | FailureReceipt): Uint8Array =>
  Buffer.from(`${JSON.stringify(receipt)}\n`)

export function isReceipt(value: unknown): value is Receipt {
  if (!isRecord(value) || value.v !== 1 || !isSource(value.src)) return false
  const { recipe, variants, dropped, thumbhash, colour } = value
  const areTexts = [recipe, thumbhash, colour].every((text) => typeof text === 'string')
  return areTexts && Array.isArray(variants) && variants.every(isVariant) && Array.isArray(dropped)
}

export function isFailureReceipt(value: unknown): value is FailureReceipt {
  if (!isRecord(value) || value.v !== 1 || !isSource(value.src)) return false
  return [value.recipe, value.code, value.message].every((text) => typeof text === 'string')
}

const FORMATS: readonly unknown[] = ['avif', 'webp', 'jpeg']

function isVariant(value: unknown): value is Variant {
  if (!isRecord(value)) return false
  const { op, width, height, format, bytes, key } = value
  return typeof op === 'string' && typeof key === 'string' && FORMATS.includes(format) && areSizes(width, height, bytes)
}

function isSource(value: unknown): value is ReceiptSource {
  if (!isRecord(value)) return false
  const { sha256, bytes, width, height, type } = value
  const isDigest = typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)
  return isDigest && typeof type === 'string' && areSizes(bytes, width, height)
}

const areSizes = (...sizes: readonly unknown[]): boolean => sizes.every((size) => Number.isSafeInteger(size))

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
