import * as v from 'valibot'
import { LadingError } from '../errors.ts'
import type { RecipeInput } from '../images/define-recipe.ts'
import { closest } from '../units.ts'
import type { LadingConfig } from './interface.ts'
import { CONFIG_KEYS } from './keys.ts'
import { looksSecret, maskAddress } from './mask.ts'

const text = v.optional(v.string())
const flag = v.optional(v.boolean())
const numberOrText = v.optional(v.union([v.string(), v.number()]))
const number = v.optional(v.union([v.number(), v.nan()])) // NaN is out of range, not of another type
const globs = v.optional(v.array(v.string()))

const HeaderRuleSchema = v.strictObject({
  match: v.union([v.string(), v.array(v.string())]),
  cacheControl: text,
  contentType: text,
  contentDisposition: text,
  contentLanguage: text,
  contentEncoding: text,
})

const CompressRuleSchema = v.strictObject({
  match: v.union([v.string(), v.array(v.string())]),
  encoding: v.picklist(['gzip', 'br', 'identity']),
  level: number,
  minBytes: number,
})

const compressRules = v.array(CompressRuleSchema)
/** A list is checked as one, since a union does not say which of its rules is wrong. */
const compress = v.optional(
  v.lazy((input) => (Array.isArray(input) ? compressRules : v.union([v.string(), compressRules]))),
)

/** What is in a recipe is checked where it is used: by `defineRecipe`, which the API shares. */
const recipe = v.custom<RecipeInput>((value) => typeof value === 'object' && value !== null)

const ImagesSchema = v.strictObject({
  recipes: v.optional(v.record(v.string(), recipe)),
  limits: v.optional(
    v.strictObject({ bytes: number, pixels: number, memoryBytes: number, seconds: number, patience: number }),
  ),
})

const PicturesSchema = v.strictObject({
  manifest: v.string(),
  sizes: text,
  placeholder: v.optional(v.union([v.literal('colour'), v.literal(false)])),
  dimensions: flag,
})

/** An object is checked as one, since a union does not say what in it is wrong. */
const pictures = v.optional(v.lazy((input) => (typeof input === 'string' ? v.string() : PicturesSchema)))

const AllowedFindingSchema = v.strictObject({
  path: v.string(),
  rule: v.string(),
  sha256: v.string(),
  reason: v.string(),
})

/** The shape alone; ranges and addresses are the matter of `resolveConfig`, which knows where a value came from. */
const ConfigSchema = v.strictObject({
  root: text,
  to: text,
  url: text,
  inPlace: flag,
  out: text,
  host: flag,
  state: text,
  site: text,
  base: text,
  cors: flag,
  integrity: flag,
  include: globs,
  exclude: globs,
  keep: globs,
  feeds: flag,
  lazyAttributes: v.optional(v.array(v.string())),
  pictures,
  allow: v.optional(v.array(AllowedFindingSchema)),
  headers: v.optional(v.array(HeaderRuleSchema)),
  compress,
  images: v.optional(ImagesSchema),
  channel: text,
  order: numberOrText,
  lockTimeoutSeconds: number,
  maxDelete: numberOrText,
  keepReleases: number,
  keepDays: number,
  cdn: text,
  concurrency: number,
  requestTimeoutMs: number,
  transport: v.optional(v.picklist(['fast', 'sdk'])),
  retries: number,
  strict: flag,
  force: flag,
  allowControl: flag,
  allowInsecure: flag,
  maxFileBytes: number,
  cacheDir: text,
} satisfies Record<keyof LadingConfig, unknown>)

/** Keys of inner objects. */
const INNER_KEYS: ReadonlyMap<unknown, readonly string[]> = new Map<unknown, readonly string[]>([
  ['headers', v.keyof(HeaderRuleSchema).options],
  ['pictures', v.keyof(PicturesSchema).options],
  ['compress', v.keyof(CompressRuleSchema).options],
  ['allow', v.keyof(AllowedFindingSchema).options],
  ['images', v.keyof(ImagesSchema).options],
])

/** Where a config was read: its name for messages, and its text when it came from a file. */
export interface ConfigPlace {
  readonly name: string
  readonly text?: string | undefined
}

/**
 * Checks the shape of what a person wrote: every key known, every value of its type, no secrets.
 *
 * @throws E_CONFIG with one detail per problem: path, what was got, what is expected, "did you mean"
 * @throws E_CONFIG_SECRET when a value or a key's name is a credential; the value is not repeated
 */
export function checkConfig(value: unknown, place: ConfigPlace): LadingConfig {
  if (Array.isArray(value))
    throw new LadingError('E_CONFIG', 'the configuration must be an object, got a list', { subject: place.name })
  refuseSecrets(value, place)
  const result = v.safeParse(ConfigSchema, value)
  if (result.success) return result.output
  const problems = result.issues.map((issue) => describe(issue, place))
  const [first = ''] = problems
  throw new LadingError(
    'E_CONFIG',
    problems.length === 1 ? first : `${problems.length} problems in the configuration`,
    {
      subject: place.name,
      details: problems.length === 1 ? [] : problems,
      hint: 'lading config --explain KEY says what an option takes.',
    },
  )
}

type Issue = v.InferIssue<typeof ConfigSchema>

function describe(issue: Issue, place: ConfigPlace): string {
  const keys = (issue.path ?? []).map((item) => item.key)
  const path = pathText(keys)
  const at = lineOf(place, keys)
  if (keys.length === 0) return `the configuration must be an object, got ${issue.received}`
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `unknown option ${path}${at}${suggestion(keys)}`
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${path} is missing${at}`
  return `${path}${at}: expected ${expectation(issue.expected)}, got ${shown(issue.input)}`
}

function suggestion(keys: readonly unknown[]): string {
  const known = (keys.length > 1 ? INNER_KEYS.get(keys[0]) : undefined) ?? CONFIG_KEYS
  const meant = closest(String(keys.at(-1)), known)
  return meant === undefined ? '' : `; did you mean "${meant}"?`
}

/** valibot's `(string | Array)` as people say it. */
const expectation = (expected: string | null): string =>
  (expected ?? 'another value')
    .replace(/^\((.*)\)$/, '$1')
    .replace(' | NaN', '')
    .replaceAll('|', 'or')
    .replace('Array', 'a list')
    .replace('Object', 'an object')

function shown(input: unknown): string {
  if (typeof input === 'string') {
    const masked = maskAddress(input)
    return `the string ${JSON.stringify(masked.length > 40 ? `${masked.slice(0, 39)}…` : masked)}`
  }
  if (Array.isArray(input)) return 'a list'
  if (input === null || typeof input !== 'object')
    return `${typeof input === 'number' ? 'the number ' : ''}${String(input)}`
  return 'an object'
}

/** `['headers', 2, 'match']` -> `headers[2].match`. */
function pathText(keys: readonly unknown[]): string {
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('')
}

/** ` (line 4)` where the key stands, when it stands in the file exactly once. */
function lineOf(place: ConfigPlace, keys: readonly unknown[]): string {
  const name = keys.findLast((key) => typeof key === 'string')
  if (place.text === undefined || typeof name !== 'string') return ''
  const literal = name.replace(/\W/g, '\\$&')
  const key = new RegExp(`(?:^|[\\s{,])["']?${literal}["']?\\s*:`)
  const found = place.text.split('\n').flatMap((line, index) => (key.test(line) ? [index + 1] : []))
  return found.length === 1 ? ` (line ${found[0]})` : ''
}

const SECRET_KEYS =
  /^(?:secret|accessKey|accessKeyId|secretKey|secretAccessKey|sessionToken|credentials|password|apiKey|apiToken|token)$/i

function refuseSecrets(value: unknown, place: ConfigPlace, path: readonly unknown[] = []): void {
  const name = path.at(-1)
  if (path.length === 1 && (name === 'to' || name === 'state')) return // read by parseTarget, which masks them
  const isSecret =
    (typeof name === 'string' && SECRET_KEYS.test(name)) || (typeof value === 'string' && looksSecret(value))
  if (isSecret) {
    throw new LadingError('E_CONFIG_SECRET', `${pathText(path)} is a credential`, {
      subject: place.name,
      why: 'A config is committed and shared; whoever reads it could write to the store.',
      hint: 'Remove it and replace it at the provider; use AWS_* variables, a profile or the CI (OIDC).',
    })
  }
  if (typeof value !== 'object' || value === null || path.length > 4) return
  for (const [key, inner] of Object.entries(value)) {
    refuseSecrets(inner, place, [...path, Array.isArray(value) ? Number(key) : key])
  }
}
