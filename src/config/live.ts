import type { LiveOptions } from '../verbs/verify-live.ts'
import { LadingError } from '../words/errors.ts'
import { parsePage, parsePublicUrl } from './address.ts'
import type { Asked, ResolveContext } from './asked.ts'
import { numberBetween } from './checked.ts'
import type { LadingConfig } from './interface.ts'
import { checkConfig } from './schema.ts'
import { optionName } from './sources.ts'

/** What is asked for on the line, besides the configuration. */
export interface LiveAsked {
  /** `https://www.example.com/`. */
  readonly live: string
  /** @default 1000 */
  readonly maxPages?: unknown
  /** @default false */
  readonly external?: boolean | undefined
}

/** A live site is asked more gently than a store: its server may be a small one. */
const CONCURRENCY = 16
const MAX_PAGES = 1000

/**
 * What looking at a live site needs; no store.
 *
 * @throws E_URL, E_USAGE, E_CONFIG
 */
export function resolveLive(
  input: LadingConfig,
  { live, maxPages, external }: LiveAsked,
  context: ResolveContext,
): LiveOptions {
  const asked: Asked = { config: checkConfig(input, { name: 'options' }), context }
  const { url, concurrency } = asked.config
  return {
    start: parsePage(live, '--live'),
    url: url === undefined ? undefined : parsePublicUrl(url, optionName('url', context.sources)),
    maxPages: pagesFrom(maxPages),
    external: external ?? false,
    concurrency: concurrency === undefined ? CONCURRENCY : numberBetween('concurrency', asked),
    requestTimeoutMs: numberBetween('requestTimeoutMs', asked),
  }
}

function pagesFrom(value: unknown): number {
  if (value === undefined) return MAX_PAGES
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  throw new LadingError('E_USAGE', '--max-pages is no number of pages', {
    subject: String(value),
    hint: `Write a whole number from 1; leave it out for ${MAX_PAGES}.`,
  })
}
