import { LadingError } from '../../words/errors.ts'
import { closest } from '../../words/units.ts'
import { type Encoding, type Encodings, EPOCH, type ImageFormat, type Recipe } from './recipe.ts'

/** How one format is encoded, as people write it. */
export interface EncodingInput {
  /** 1 to 100. @default 50 for avif, 75 for jpeg, 78 for webp */
  readonly quality?: number | undefined
  /** 0 to 9 for avif, 0 to 6 for webp. avif above 3 costs more than ten times the CPU. @default 1 for avif, 4 for webp */
  readonly effort?: number | undefined
}

/** The same, with widths of its own. */
export interface EncodingsInput extends EncodingInput {
  /** In pixels, 1 to 16383. @default the recipe's */
  readonly widths?: readonly number[] | undefined
}

/** A recipe as people write it: all optional. */
export interface RecipeInput {
  /** In pixels, 1 to 16383. @default [320, 640, 960, 1280, 1920] */
  readonly widths?: readonly number[] | undefined
  /** Which formats, and how they are encoded. Pages name avif before webp before jpeg. @default avif, and jpeg in one width, 1280, or in those that `widths` gives */
  readonly formats?: Readonly<Partial<Record<ImageFormat, EncodingsInput>>> | undefined
  /** Quality and effort of the WebP that a transparent image gets in place of jpeg. @default 80, 4 */
  readonly transparent?: EncodingInput | undefined
  /** Quality, effort and widths of the WebP that an animation becomes, and how many frames it may have. @default 70, 2, the recipe's, 300 */
  readonly animation?: (EncodingsInput & { readonly maxFrames?: number | undefined }) | undefined
  /** Drop a width that saves a smaller share of bytes over the next larger one, 0 to 0.9. @default 0.15 */
  readonly minSaving?: number | undefined
}

const DEFAULTS: Readonly<Record<ImageFormat, Omit<Encoding, 'format'>>> = {
  avif: { quality: 50, effort: 1 },
  webp: { quality: 78, effort: 4 },
  jpeg: { quality: 75, effort: 0 },
}
const TOP_EFFORT: Readonly<Record<ImageFormat, number>> = { avif: 9, webp: 6, jpeg: 0 }
/** Most wanted first. */
const FORMATS: readonly ImageFormat[] = ['avif', 'webp', 'jpeg']
/** Pixels of one side of a WebP, the narrowest of the formats. https://developers.google.com/speed/webp/faq */
const MAX_WIDTH = 16_383

const KEYS = ['widths', 'formats', 'transparent', 'animation', 'minSaving'] as const satisfies (keyof RecipeInput)[]
const ENCODING_KEYS = ['quality', 'effort'] as const satisfies (keyof EncodingInput)[]
const ENCODINGS_KEYS = [...ENCODING_KEYS, 'widths'] as const satisfies (keyof EncodingsInput)[]

const WIDTHS = [320, 640, 960, 1280, 1920]
/** Few browsers need the fallback, and every object costs: one width for all of them. */
const FALLBACK_WIDTHS = [1280]

/**
 * A recipe in its canonical form: defaults filled in, widths in order. What is not known is refused, never dropped.
 *
 * @param name for messages: `images.recipes.hero`
 * @throws E_CONFIG naming the field, what it takes, and the one that was meant
 */
export function defineRecipe(input: RecipeInput, name = 'the recipe'): Recipe {
  checkKeys(input, KEYS, name)
  const { transparent = {}, animation = {}, minSaving = 0.15 } = input
  const formats = input.formats ?? { avif: {}, jpeg: { widths: input.widths ?? FALLBACK_WIDTHS } }
  checkKeys(formats, FORMATS, `${name}.formats`)
  checkKeys(transparent, ENCODING_KEYS, `${name}.transparent`)
  checkKeys(animation, [...ENCODINGS_KEYS, 'maxFrames'], `${name}.animation`)
  const { maxFrames = 300, ...moving } = animation
  const wanted = FORMATS.filter((format) => formats[format] !== undefined)
  if (wanted.length === 0) throw wrong(`${name}.formats`, 'at least one of avif, webp and jpeg', formats)
  const widths = widthsOf(input.widths ?? WIDTHS, `${name}.widths`)
  return {
    v: 1,
    epoch: EPOCH,
    encodings: wanted.map((format) =>
      encodings(format, formats[format] ?? {}, { widths, name: `${name}.formats.${format}` }),
    ),
    transparent: encoding('webp', { quality: 80, ...transparent }, `${name}.transparent`),
    animation: {
      ...encodings('webp', { quality: 70, effort: 2, ...moving }, { widths, name: `${name}.animation` }),
      maxFrames: numberIn(maxFrames, [1, 10_000], `${name}.animation.maxFrames`),
    },
    minSaving: shareIn(minSaving, `${name}.minSaving`),
  }
}

function checkKeys(value: unknown, known: readonly string[], name: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'an object', value)
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown === undefined) return
  const meant = closest(unknown, known)
  throw new LadingError('E_CONFIG', `unknown option ${name}.${unknown}`, {
    subject: `${name}.${unknown}`,
    hint: meant === undefined ? `It takes ${known.join(', ')}.` : `Did you mean "${meant}"?`,
  })
}

interface Place {
  readonly name: string
  /** Used where none are given. */
  readonly widths: readonly number[]
}

function encodings(format: ImageFormat, input: EncodingsInput, { name, widths }: Place): Encodings {
  checkKeys(input, ENCODINGS_KEYS, name)
  const { widths: own = widths, ...rest } = input
  return { ...encoding(format, rest, name), widths: widthsOf(own, `${name}.widths`) }
}

function encoding(format: ImageFormat, input: EncodingInput, name: string): Encoding {
  const { quality = DEFAULTS[format].quality, effort = DEFAULTS[format].effort } = input
  return {
    format,
    quality: numberIn(quality, [1, 100], `${name}.quality`),
    effort: numberIn(effort, [0, TOP_EFFORT[format]], `${name}.effort`),
  }
}

function widthsOf(widths: unknown, name: string): readonly number[] {
  if (!Array.isArray(widths) || widths.length === 0) throw wrong(name, 'a list of widths in pixels', widths)
  const checked = widths.map((width: unknown) => numberIn(width, [1, MAX_WIDTH], name))
  return [...new Set(checked)].sort((a, b) => a - b)
}

function numberIn(value: unknown, [least, most]: readonly [number, number], name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
  throw wrong(name, `a whole number from ${least} to ${most}`, value)
}

function shareIn(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 0.9) return value
  throw wrong(name, 'a share from 0 to 0.9', value)
}

const wrong = (name: string, expected: string, got: unknown): LadingError =>
  new LadingError('E_CONFIG', `${name}: expected ${expected}, got ${JSON.stringify(got) ?? String(got)}`, {
    subject: name,
  })

/** The recipes that come with Lading. */
const PRESETS: Readonly<Record<string, RecipeInput>> = {
  web: {},
  thumb: { widths: [160, 320] },
}

/**
 * A recipe by its name: the configuration's, which may replace those that come with Lading.
 * @throws E_CONFIG, E_USAGE for a name that nothing has
 */
export function findRecipe(name: string, own: Readonly<Record<string, RecipeInput>> = {}): Recipe {
  const input = Object.hasOwn(own, name) ? own[name] : Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined
  if (input !== undefined) return defineRecipe(input, `images.recipes.${name}`)
  const names = [...new Set([...Object.keys(PRESETS), ...Object.keys(own)])]
  const meant = closest(name, names)
  throw new LadingError('E_USAGE', `there is no recipe called "${name}"`, {
    subject: name,
    hint: meant === undefined ? `There are ${names.join(', ')}.` : `Did you mean "${meant}"?`,
  })
}
