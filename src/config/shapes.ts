import type * as valibot from 'valibot'
import type { RecipeInput } from '../images/plan/define-recipe.ts'
import type { LadingConfig } from './interface.ts'
import { KINDS, type Kind } from './keys.ts'

/** Options whose type is more than one word; {@link KINDS} has what a person usually writes there. */
const SHAPED = ['pictures', 'allow', 'headers', 'compress', 'images'] as const
type Shaped = (typeof SHAPED)[number]
type Plain = Exclude<Kind, 'rules'>

const isShaped = (key: string): boolean => SHAPED.some((shaped) => shaped === key)

const CHECKS: Readonly<Record<Plain, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number', // NaN is out of range, not of another type
  numberOrText: (value) => typeof value === 'string' || (typeof value === 'number' && !Number.isNaN(value)),
  texts: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
}

/** Checks of options whose type is one word. A config of only such options loads no schema library. */
const PLAIN: ReadonlyMap<string, Plain> = new Map(
  Object.entries(KINDS).flatMap(([key, kind]) => (isShaped(key) || kind === 'rules' ? [] : [[key, kind] as const])),
)

/** Whether the config passes these checks alone. One that does not may be valid all the same. */
export function isPlain(value: unknown): value is LadingConfig {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).every(([key, given]) => {
    const kind = PLAIN.get(key)
    return kind !== undefined && (given === undefined || CHECKS[kind](given))
  })
}

/** The shape alone; ranges and addresses are the matter of `resolveConfig`, which knows where a value came from. */
export interface Shapes {
  readonly config: valibot.GenericSchema<unknown, LadingConfig>
  /** Keys of inner objects. */
  readonly innerKeys: ReadonlyMap<unknown, readonly string[]>
}

/** @param v the package, loaded lazily: most configurations are plain */
export function shapesBy(v: typeof valibot): Shapes {
  const text = v.optional(v.string())
  const number = v.optional(v.union([v.number(), v.nan()]))
  const schemas = {
    text,
    flag: v.optional(v.boolean()),
    number,
    numberOrText: v.optional(v.union([v.string(), v.number()])),
    texts: v.optional(v.array(v.string())),
  } satisfies Record<Plain, valibot.GenericSchema>
  const headerRule = v.strictObject({
    match: v.union([v.string(), v.array(v.string())]),
    cacheControl: text,
    contentType: text,
    contentDisposition: text,
    contentLanguage: text,
    contentEncoding: text,
  })
  const compressRule = v.strictObject({
    match: v.union([v.string(), v.array(v.string())]),
    encoding: v.picklist(['gzip', 'br', 'identity']),
    level: number,
    minBytes: number,
  })
  const picturesObject = v.strictObject({
    manifest: v.string(),
    sizes: text,
    placeholder: v.optional(v.union([v.literal('colour'), v.literal(false)])),
    dimensions: schemas.flag,
  })
  const finding = v.strictObject({ path: v.string(), rule: v.string(), sha256: v.string(), reason: v.string() })
  // What is in a recipe is checked where it is used: by `defineRecipe`, which the API shares.
  const recipe = v.custom<RecipeInput>((value) => typeof value === 'object' && value !== null)
  const images = v.strictObject({
    recipes: v.optional(v.record(v.string(), recipe)),
    limits: v.optional(
      v.strictObject({ bytes: number, pixels: number, memoryBytes: number, seconds: number, patience: number }),
    ),
  })
  const compressRules = v.array(compressRule)
  // Lists and objects are checked as such, since a union does not say what in them is wrong.
  const others = {
    pictures: v.optional(v.lazy((input) => (typeof input === 'string' ? v.string() : picturesObject))),
    allow: v.optional(v.array(finding)),
    headers: v.optional(v.array(headerRule)),
    compress: v.optional(
      v.lazy((input) => (Array.isArray(input) ? compressRules : v.union([v.string(), compressRules]))),
    ),
    images: v.optional(images),
  } satisfies Record<Shaped, unknown>
  const plain = Object.fromEntries([...PLAIN].map(([key, kind]) => [key, schemas[kind]]))
  return {
    // the compiler has seen above that each option has its shape, and sees no keys in `fromEntries`
    config: v.strictObject({ ...plain, ...others }) as valibot.GenericSchema<unknown, LadingConfig>,
    innerKeys: new Map(
      Object.entries({
        headers: headerRule,
        pictures: picturesObject,
        compress: compressRule,
        allow: finding,
        images,
      }).map(([key, schema]) => [key, Object.keys(schema.entries)]),
    ),
  }
}
