import { LadingError } from '../words/errors.ts'
import { closest } from '../words/units.ts'
import type { LadingConfig } from './interface.ts'
import { CONFIG_KEYS } from './keys.ts'

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where a value was written. */
export interface ConfigSource {
  readonly kind: 'flag' | 'env' | 'file' | 'default'
  /** As a person would look it up: `--concurrency`, `LADING_CONCURRENCY`, `lading.config.ts`. */
  readonly name: string
  /** What was written where a number should stand. */
  readonly text?: string | undefined
}

export type ConfigSources = Readonly<Partial<Record<keyof LadingConfig, ConfigSource>>>

/** One source's values. */
export interface ConfigLayer {
  readonly values: LadingConfig
  source(key: keyof LadingConfig): ConfigSource
}

/** Three options for one choice: a layer that sets one of them overrides the choice of a lower layer. */
const DELIVERY_KEYS = ['inPlace', 'out', 'host'] as const satisfies readonly (keyof LadingConfig)[]

/** Merges layers, highest first, key by key; remembers where each value came from. */
export function mergeLayers(layers: readonly ConfigLayer[]): { config: LadingConfig; sources: ConfigSources } {
  const config: Record<string, unknown> = {}
  const sources: Record<string, ConfigSource> = {}
  let isDeliveryTaken = false
  for (const layer of layers) {
    // `false` declines one of the three and chooses none.
    const decides = DELIVERY_KEYS.some((key) => layer.values[key] !== undefined && layer.values[key] !== false)
    for (const key of keysOf(layer.values)) {
      if (layer.values[key] === undefined || key in config) continue
      if (isDeliveryTaken && DELIVERY_KEYS.some((other) => other === key)) continue
      config[key] = layer.values[key]
      sources[key] = layer.source(key)
    }
    isDeliveryTaken ||= decides
  }
  return { config, sources }
}

// Object.keys forgets the key type; the values come from checkConfig or from our own readers, which know all keys.
const keysOf = (values: LadingConfig): (keyof LadingConfig)[] => Object.keys(values) as (keyof LadingConfig)[]

type Reader = (text: string, name: string) => unknown

const asText: Reader = (text) => text

const asNumber: Reader = (text) => (text.trim() === '' ? Number.NaN : Number(text))

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  1: true,
  yes: true,
  false: false,
  0: false,
  no: false,
}

const asBoolean: Reader = (text, name) => {
  const value = Object.hasOwn(BOOLEANS, text.toLowerCase()) ? BOOLEANS[text.toLowerCase()] : undefined
  if (value !== undefined) return value
  throw new LadingError('E_USAGE', `${name} must be true or false`, {
    subject: `${name}=${text}`,
    hint: `Write ${name}=true or ${name}=false, or unset it.`,
  })
}

/** Options that the environment can set. Lists are not among them: globs hold commas. */
const ENV_READERS = {
  root: asText,
  to: asText,
  url: asText,
  inPlace: asBoolean,
  out: asText,
  host: asBoolean,
  state: asText,
  site: asText,
  base: asText,
  cors: asBoolean,
  integrity: asBoolean,
  compress: asText,
  feeds: asBoolean,
  pictures: asText,
  channel: asText,
  order: asText,
  lockTimeoutSeconds: asNumber,
  maxDelete: asText,
  keepReleases: asNumber,
  keepDays: asNumber,
  cdn: asText,
  concurrency: asNumber,
  requestTimeoutMs: asNumber,
  transport: asText,
  retries: asNumber,
  strict: asBoolean,
  force: asBoolean,
  allowControl: asBoolean,
  allowInsecure: asBoolean,
  maxFileBytes: asNumber,
  cacheDir: asText,
} as const satisfies Partial<Record<keyof LadingConfig, Reader>>

/** `requestTimeoutMs` -> `LADING_REQUEST_TIMEOUT_MS`; undefined for options that the environment cannot set. */
export function environmentName(key: keyof LadingConfig): string | undefined {
  return Object.hasOwn(ENV_READERS, key) ? variableOf(key) : undefined
}

const variableOf = (key: string): string => `LADING_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`

/** Read elsewhere: by the plugins, by the batch mode, and by this project's own tests, whose seeds end with `_SEED`. */
const OTHER_VARIABLES = [
  'LADING_UPLOAD',
  'LADING_BATCH_KEY',
  'LADING_BATCH_PUBLIC_KEYS',
  'LADING_BATCH_QUEUES',
  'LADING_BATCH_GROUP',
  'LADING_TEST_REPORTS',
  'LADING_REQUIRE_BROWSER',
  'LADING_REQUIRE_SERVERS',
  'LADING_SERVERS',
  'LADING_FRAMEWORKS',
  'LADING_KILLS',
  'LADING_SIZE',
]

/** Refuses `LADING_*` variables that nothing reads: whoever set one expects an effect. */
function refuseUnknown(env: Environment): void {
  const known = [...Object.keys(ENV_READERS).map(variableOf), ...OTHER_VARIABLES]
  const isUnknown = (name: string): boolean => !known.includes(name) && !name.endsWith('_SEED')
  const unknown = Object.keys(env).find((name) => name.startsWith('LADING_') && env[name] && isUnknown(name))
  if (unknown === undefined) return
  const list = CONFIG_KEYS.find((key) => variableOf(key) === unknown)
  if (list !== undefined) {
    const flag = ['include', 'exclude', 'keep'].includes(list) ? `the flag --${list} or ` : ''
    throw new LadingError('E_USAGE', `${unknown} is not read from the environment`, {
      why: `"${list}" is a list, and what it holds may contain every character that could divide it.`,
      hint: `Unset it; use ${flag}${list}: [...] in lading.config.ts.`,
    })
  }
  const meant = closest(unknown, [...Object.keys(ENV_READERS).map(variableOf), 'LADING_UPLOAD'])
  throw new LadingError('E_USAGE', `there is no variable ${unknown}`, {
    hint: meant ? `Did you mean ${meant}?` : 'Unset it; `lading config --explain KEY` names the variable of an option.',
  })
}

/**
 * The `LADING_*` variables as a layer. An empty variable counts as unset.
 *
 * @throws E_USAGE for a switch that is neither true nor false, and for a variable that sets nothing
 */
export function environmentLayer(env: Environment): ConfigLayer {
  refuseUnknown(env)
  const values: Record<string, unknown> = {}
  for (const [key, read] of Object.entries(ENV_READERS)) {
    const name = environmentName(key as keyof typeof ENV_READERS) ?? '' // the keys of ENV_READERS itself
    const text = env[name]
    if (text !== undefined && text !== '') values[key] = read(text, name)
  }
  return {
    values,
    source: (key) => {
      const name = environmentName(key) ?? key
      return { kind: 'env', name, ...(Number.isNaN(values[key]) && { text: env[name] }) }
    },
  }
}

/** How messages name an option: by the place where the person wrote it. */
export function optionName(key: keyof LadingConfig, sources: ConfigSources | undefined): string {
  const source = sources?.[key]
  if (source === undefined || source.kind === 'default') return key
  return source.kind === 'file' ? `${key} in ${source.name}` : source.name
}
