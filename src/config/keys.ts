import type { LadingConfig } from './interface.ts'

/** What a person usually writes there. `rules`: objects; `compress` may be a list of them too, and `pictures` one. */
export type Kind = 'text' | 'texts' | 'flag' | 'number' | 'numberOrText' | 'rules'

// Separate from the schema, so that most builds, and all dev servers, need not load its library.
export const KINDS: Readonly<Record<keyof LadingConfig, Kind>> = {
  root: 'text',
  to: 'text',
  url: 'text',
  inPlace: 'flag',
  out: 'text',
  host: 'flag',
  state: 'text',
  site: 'text',
  base: 'text',
  cors: 'flag',
  integrity: 'flag',
  include: 'texts',
  exclude: 'texts',
  keep: 'texts',
  feeds: 'flag',
  lazyAttributes: 'texts',
  pictures: 'text',
  allow: 'rules',
  headers: 'rules',
  compress: 'text',
  images: 'rules',
  channel: 'text',
  order: 'numberOrText',
  lockTimeoutSeconds: 'number',
  maxDelete: 'numberOrText',
  keepReleases: 'number',
  keepDays: 'number',
  cdn: 'text',
  concurrency: 'number',
  requestTimeoutMs: 'number',
  transport: 'text',
  retries: 'number',
  strict: 'flag',
  force: 'flag',
  allowControl: 'flag',
  allowInsecure: 'flag',
  maxFileBytes: 'number',
  cacheDir: 'text',
}

/** Every key a config may have, in the order of the interface. */
export const CONFIG_KEYS: readonly (keyof LadingConfig)[] = Object.keys(KINDS) as (keyof LadingConfig)[] // its type says so
