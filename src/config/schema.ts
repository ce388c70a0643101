import { createRequire } from 'node:module'
import type { BaseIssue } from 'valibot'
import { LadingError } from '../words/errors.ts'
import { closest } from '../words/units.ts'
import type { LadingConfig } from './interface.ts'
import { CONFIG_KEYS } from './keys.ts'
import { looksSecret, maskAddress } from './mask.ts'
import { isPlain, type Shapes, shapesBy } from './shapes.ts'

const require = createRequire(import.meta.url)

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
  if (isPlain(value)) return value
  const v: typeof import('valibot') = require('valibot')
  const shapes = shapesBy(v)
  const result = v.safeParse(shapes.config, value)
  if (result.success) return result.output
  const problems = result.issues.map((issue) => describe(issue, place, shapes))
  const keys = new Set(result.issues.map(({ path }) => CONFIG_KEYS.find((key) => key === path?.[0].key)))
  const [key] = keys.size === 1 ? keys : []
  const [first = ''] = problems
  throw new LadingError(
    'E_CONFIG',
    problems.length === 1 ? first : `${problems.length} problems in the configuration`,
    {
      subject: place.name,
      details: problems.length === 1 ? [] : problems,
      hint:
        key === undefined
          ? 'lading config --explain KEY says what an option takes.'
          : `lading config --explain ${key} says what it takes.`,
    },
  )
}

function describe(issue: BaseIssue<unknown>, place: ConfigPlace, shapes: Shapes): string {
  const keys = (issue.path ?? []).map((item) => item.key)
  const path = pathText(keys)
  const at = lineOf(place, keys)
  if (keys.length === 0) return `the configuration must be an object, got ${issue.received}`
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return `unknown option ${path}${at}${suggestion(keys, shapes)}`
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${path} is missing${at}`
  return `${path}${at}: expected ${expectation(issue.expected)}, got ${shown(issue.input)}`
}

function suggestion(keys: readonly unknown[], { innerKeys }: Shapes): string {
  const known = (keys.length > 1 ? innerKeys.get(keys[0]) : undefined) ?? CONFIG_KEYS
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
