import type { LadingConfig } from './interface.ts'

// Apart from the schema, whose library a plugin in a dev server has no need of.
const KEYS: Readonly<Record<keyof LadingConfig, true>> = {
  root: true,
  to: true,
  url: true,
  inPlace: true,
  out: true,
  host: true,
  state: true,
  site: true,
  base: true,
  cors: true,
  integrity: true,
  include: true,
  exclude: true,
  keep: true,
  feeds: true,
  lazyAttributes: true,
  allow: true,
  headers: true,
  compress: true,
  channel: true,
  order: true,
  lockTimeoutSeconds: true,
  maxDelete: true,
  keepReleases: true,
  keepDays: true,
  cdn: true,
  concurrency: true,
  requestTimeoutMs: true,
  retries: true,
  strict: true,
  force: true,
  allowControl: true,
  allowInsecure: true,
  maxFileBytes: true,
  cacheDir: true,
}

/** Every key a config may have, in the order of the interface. */
export const CONFIG_KEYS: readonly (keyof LadingConfig)[] = Object.keys(KEYS) as (keyof LadingConfig)[] // its type says so
