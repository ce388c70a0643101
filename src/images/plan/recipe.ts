import { createHash } from 'node:crypto'
import type { Digest, Key } from '../../words/model.ts'
import { canonicalJson } from './canonical.ts'
import { variantKey, variantsPrefix } from './keys.ts'

/**
 * Bumped when the same recipe has to give other bytes: it is part of every name. Encoder versions are not, since mixed
 * machines of a fleet have to agree on names; they are in the receipt.
 */
export const EPOCH = 1

/** In order of preference: `<picture>` gives a browser the first one that it supports. */
export type ImageFormat = 'avif' | 'webp' | 'jpeg'

/** How one format is encoded. */
export interface Encoding {
  readonly format: ImageFormat
  /** 1 to 100. */
  readonly quality: number
  /** CPU spent on fewer bytes: 0 to 9 for avif, 0 to 6 for webp; jpeg has none and it is 0. */
  readonly effort: number
}

/** What one format is made of, in which widths. */
export interface Encodings extends Encoding {
  /** In pixels, ascending, unique. */
  readonly widths: readonly number[]
}

/** What is made of one source, in canonical form with all defaults filled in; `defineRecipe` makes it. */
export interface Recipe {
  readonly v: 1
  readonly epoch: number
  /** Most wanted first; the last is the fallback. At most one of a format. */
  readonly encodings: readonly Encodings[]
  /** What a transparent image gets in place of jpeg, which cannot carry it, in the widths of jpeg. */
  readonly transparent: Encoding
  /** What an animation becomes, when it has at most so many frames. */
  readonly animation: Encodings & { readonly maxFrames: number }
  /** The share of bytes that a width has to save over the next larger one, 0 to 1. */
  readonly minSaving: number
}

/** One way to encode, under the name that its variants carry. */
export interface Operation extends Encodings {
  /** 10 hexadecimal digits: the epoch and every parameter that changes this one variant, except its width. */
  readonly op: string
  readonly isAnimated: boolean
}

const digest = (value: object): string => createHash('sha256').update(canonicalJson(value)).digest('hex')

/** `r1-9f2c41d07b6a`: names the recipe and everything that it says. */
export const recipeId = (recipe: Recipe): string => `r${recipe.epoch}-${digest(recipe).slice(0, 12)}`

/**
 * The operation of an encoding. Its digest covers the largest width of the whole recipe: a source is decoded once at
 * that width, and the narrower variants are shrunk from there.
 */
function operation(recipe: Recipe, { format, quality, effort, widths }: Encodings, isAnimated = false): Operation {
  const base = isAnimated ? 0 : Math.max(...recipe.encodings.flatMap((one) => one.widths))
  const op = digest({ epoch: recipe.epoch, base, isAnimated, format, quality, effort }).slice(0, 10)
  return { op, format, quality, effort, widths, isAnimated }
}

/** How an image is encoded, most wanted first. */
export function operationsFor(recipe: Recipe, kind: 'opaque' | 'transparent' | 'animated'): readonly Operation[] {
  if (kind === 'animated') return [operation(recipe, recipe.animation, true)]
  const encodings = recipe.encodings.map((one) =>
    kind === 'transparent' && one.format === 'jpeg' ? { ...one, ...recipe.transparent } : one,
  )
  // a recipe of webp and jpeg would make a transparent image as webp twice
  const first = encodings.filter(({ format }, index) => encodings.findIndex((one) => one.format === format) === index)
  return first.map((one) => operation(recipe, one))
}

/** The same recipe with no encoder above `effort`: what is tried when the first attempt took too long. */
export function withEffort(recipe: Recipe, effort: number): Recipe {
  const lower = <T extends Encoding>(one: T): T => ({ ...one, effort: Math.min(one.effort, effort) })
  return {
    ...recipe,
    encodings: recipe.encodings.map(lower),
    transparent: lower(recipe.transparent),
    animation: lower(recipe.animation),
  }
}

/** What a format's files are called. */
const EXTENSIONS: Readonly<Record<ImageFormat, string>> = { avif: 'avif', webp: 'webp', jpeg: 'jpg' }

/** `v/ab/ab12…/<op>-<w>.<fmt>`, known before any work is done, from the source and the recipe alone. */
export const variantKeyOf = (sha256: Digest, { op, format }: Pick<Operation, 'op' | 'format'>, width: number): Key =>
  variantKey(sha256, op, width, EXTENSIONS[format])

/** Where `lading images` keeps what it made of a source by a recipe. */
export const receiptKeyOf = (sha256: Digest, recipe: string): Key => `${variantsPrefix(sha256)}${recipe}.json`
