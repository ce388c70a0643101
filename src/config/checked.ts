import { resolve } from 'node:path'
import { LadingError } from '../words/errors.ts'
import { resolveAllowed } from './allowed.ts'
import type { Asked } from './asked.ts'
import { isLoopback } from './bucket.ts'
import { resolveCompress } from './compress.ts'
import { DEFAULTS, defaultCacheDir, defaultLockTimeoutSeconds, defaultRoot } from './defaults.ts'
import { resolveDelivery } from './delivery.ts'
import { resolveCheckedDeploy } from './deploy.ts'
import { resolveHeaderRules } from './header-rules.ts'
import type { SyncOptions, Target } from './interface.ts'
import { parseMaxDelete } from './max-delete.ts'
import { resolvePictures } from './pictures.ts'
import { checkFolder, checkPlaces, checkState } from './places.ts'
import { optionName } from './sources.ts'
import { parseTarget } from './target.ts'

/** What is needed to open the stores, without a site. */
export type StoreOptions = Pick<
  SyncOptions,
  | (
      | 'target'
      | 'state'
      | 'concurrency'
      | 'mostAtOnce'
      | 'requestTimeoutMs'
      | 'transport'
      | 'retries'
      | 'allowControl'
      | 'allowInsecure'
      | 'cacheDir'
    )
  | ('lockTimeoutMs' | 'maxDelete' | 'keepReleases' | 'keepDays')
>

/**
 * `resolveConfig` for a config whose shape has been checked. In a file of its own, so that most builds need not load
 * the library behind that check.
 *
 * @throws E_CONFIG, E_USAGE, E_URL, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT, E_HEADER_INVALID (exit 2)
 * @throws E_OUT, E_ROOT_DANGEROUS when root, `out` and stores lie inside each other (exit 3)
 */
export function resolveChecked(asked: Asked): SyncOptions {
  const { config, context } = asked
  const root = resolveRoot(asked)
  const store = resolveCheckedStore(asked)
  const delivery = resolveDelivery(asked)
  checkPlaces({ ...store, root, delivery })
  return {
    ...store,
    root,
    delivery,
    ...resolveCheckedDeploy(asked),
    cors: config.cors ?? DEFAULTS.cors,
    integrity: config.integrity ?? DEFAULTS.integrity,
    include: [...(config.include ?? DEFAULTS.include)],
    exclude: [...(config.exclude ?? DEFAULTS.exclude)],
    keep: [...(config.keep ?? DEFAULTS.keep)],
    feeds: config.feeds ?? DEFAULTS.feeds,
    lazyAttributes: [...(config.lazyAttributes ?? DEFAULTS.lazyAttributes)],
    pictures: resolvePictures(asked),
    allow: resolveAllowed(config.allow ?? DEFAULTS.allow),
    headers: resolveHeaderRules(config.headers ?? DEFAULTS.headers),
    compress: resolveCompress(config.compress ?? DEFAULTS.compress, context.sources),
    strict: config.strict ?? DEFAULTS.strict,
    force: config.force ?? DEFAULTS.force,
    maxFileBytes: numberBetween('maxFileBytes', asked),
  }
}

/** @throws E_CONFIG, E_USAGE, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT */
export function resolveCheckedStore(asked: Asked): StoreOptions {
  const { config, context } = asked
  const target = resolveTarget(asked)
  const state = config.state === undefined ? undefined : checkedTarget(config.state, 'state', asked)
  if (state !== undefined) checkState(state, target)
  return {
    ...{ target, state },
    concurrency: numberBetween('concurrency', asked),
    mostAtOnce: config.concurrency ?? MOST_AT_ONCE,
    requestTimeoutMs: numberBetween('requestTimeoutMs', asked),
    transport: resolveTransport(asked),
    retries: numberBetween('retries', asked),
    allowControl: config.allowControl ?? DEFAULTS.allowControl,
    allowInsecure: config.allowInsecure ?? DEFAULTS.allowInsecure,
    cacheDir: resolveCacheDir(asked),
    lockTimeoutMs: 1000 * numberBetween('lockTimeoutSeconds', asked),
    maxDelete: parseMaxDelete(config.maxDelete, context.sources),
    keepReleases: numberBetween('keepReleases', asked),
    keepDays: numberBetween('keepDays', asked),
  }
}

function resolveRoot({ config, context }: Asked): string {
  const root = config.root ?? defaultRoot(context.cwd)
  if (root !== undefined && root.trim() !== '') return resolve(context.cwd, root)
  throw new LadingError('E_USAGE', 'no folder to load was given', {
    why: root === undefined ? 'There is no build folder of a project here either.' : 'Its name is empty.',
    hint: 'Name it: lading plan dist --to STORE, lading explain FILE --root dist --to STORE, or root: "dist" in lading.config.ts.',
  })
}

function resolveTarget(asked: Asked): Target {
  if (asked.config.to !== undefined) return checkedTarget(asked.config.to, 'to', asked)
  throw new LadingError('E_USAGE', 'no store was given', {
    why: 'Lading has to know where objects go.',
    hint: 'Give --to s3://BUCKET/PREFIX or --to FOLDER, or set `to` in lading.config.ts.',
  })
}

function checkedTarget(text: string, key: 'to' | 'state', { config, context }: Asked): Target {
  const target = parseTarget(text, context.cwd)
  if (target.kind === 'folder') checkFolder(target.path, optionName(key, context.sources))
  if (target.kind === 'folder' || target.endpoint === undefined) return target
  const endpoint = new URL(target.endpoint)
  if (endpoint.protocol === 'https:' || isLoopback(endpoint.hostname) || config.allowInsecure) return target
  throw new LadingError('E_ENDPOINT', `the endpoint of ${optionName(key, context.sources)} is plain http`, {
    subject: target.endpoint,
    why: 'Signed requests would cross the network readable.',
    hint: `Write endpoint=https://${endpoint.host}, or set allowInsecure: true where the network is your own.`,
  })
}

/** How far concurrent uploads may grow where no number is configured and latency dominates. */
const MOST_AT_ONCE = 256

type Ranged =
  | ('concurrency' | 'requestTimeoutMs' | 'retries' | 'lockTimeoutSeconds')
  | ('keepReleases' | 'keepDays' | 'maxFileBytes')

/** Inclusive. The timeout's top is an hour: beyond it a stalled run would look alive for a working day. */
const RANGES: Readonly<Record<Ranged, readonly [least: number, most: number]>> = {
  concurrency: [1, 1024],
  requestTimeoutMs: [1, 3_600_000],
  retries: [0, 20],
  lockTimeoutSeconds: [0, 86_400],
  keepReleases: [1, 1000],
  keepDays: [0, 3650],
  maxFileBytes: [1, Number.MAX_SAFE_INTEGER],
}

/** @throws E_CONFIG, E_USAGE when it is out of range */
export function numberBetween(key: Ranged, { config, context }: Asked): number {
  const fallback = key === 'lockTimeoutSeconds' ? defaultLockTimeoutSeconds(context.env) : DEFAULTS[key]
  const value = config[key] ?? fallback
  const [least, most] = RANGES[key]
  if (Number.isInteger(value) && value >= least && value <= most) return value
  const { kind, text } = context.sources?.[key] ?? {}
  const got = text === undefined ? String(value) : JSON.stringify(text)
  throw new LadingError(
    kind === 'file' ? 'E_CONFIG' : 'E_USAGE',
    `${optionName(key, context.sources)} is out of range`,
    {
      why: `It must be a whole number from ${least} to ${most}, got ${got}.`,
      hint: `Leave it out for ${fallback}.`,
    },
  )
}

/** Values from the environment and the command line can be any text. */
function resolveTransport({ config, context }: Asked): StoreOptions['transport'] {
  const value: string = config.transport ?? DEFAULTS.transport
  if (value === 'fast' || value === 'sdk') return value
  const code = context.sources?.transport?.kind === 'file' ? 'E_CONFIG' : 'E_USAGE'
  throw new LadingError(code, `${optionName('transport', context.sources)} is not a way to send`, {
    why: `It must be "fast" or "sdk", got ${JSON.stringify(value)}.`,
    hint: 'Leave it out for fast.',
  })
}

export function resolveCacheDir({ config, context }: Asked): string {
  const dir = config.cacheDir ?? ''
  return dir.trim() === '' ? defaultCacheDir(context.cwd, context.env) : resolve(context.cwd, dir)
}
