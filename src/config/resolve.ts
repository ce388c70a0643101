import { resolve } from 'node:path'
import { LadingError } from '../errors.ts'
import type { Order } from '../plan/order.ts'
import { parseBase, parsePublicUrl, parseSite } from './address.ts'
import { resolveAllowed } from './allowed.ts'
import { isLoopback } from './bucket.ts'
import { parseCdn } from './cdn.ts'
import {
  CHANNEL,
  DEFAULTS,
  defaultCacheDir,
  defaultChannel,
  defaultLockTimeoutSeconds,
  defaultRoot,
  sanitizeChannel,
} from './defaults.ts'
import { resolveHeaderRules } from './header-rules.ts'
import type { CdnTarget, Delivery, LadingConfig, SyncOptions, Target } from './interface.ts'
import { parseMaxDelete } from './max-delete.ts'
import { defaultOrder, parseOrder } from './order.ts'
import { checkFolder, checkPlaces } from './places.ts'
import { checkConfig } from './schema.ts'
import { type ConfigSources, type Environment, optionName } from './sources.ts'
import { parseTarget } from './target.ts'

export interface ResolveContext {
  /** Relative paths resolve against it; absolute. */
  readonly cwd: string
  readonly env: Environment
  /** Where each value was written, so that messages name that place. */
  readonly sources?: ConfigSources | undefined
}

/** What the steps of this file hand around. */
interface Asked {
  readonly config: LadingConfig
  readonly context: ResolveContext
}

/** What is needed to open the stores, without a site. */
export type StoreOptions = Pick<
  SyncOptions,
  | (
      | 'target'
      | 'state'
      | 'concurrency'
      | 'requestTimeoutMs'
      | 'retries'
      | 'allowControl'
      | 'allowInsecure'
      | 'cacheDir'
    )
  | ('lockTimeoutMs' | 'maxDelete' | 'keepReleases' | 'keepDays')
>

/**
 * The one door between what a person writes and what the program reads: defaults, checks, absolute paths.
 * Reads no file's content and changes nothing.
 *
 * @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_URL, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT, E_HEADER_INVALID (exit 2)
 * @throws E_OUT, E_ROOT_DANGEROUS when root, `out` and stores lie inside each other (exit 3)
 */
export function resolveConfig(input: LadingConfig, context: ResolveContext): SyncOptions {
  const asked: Asked = { config: checkConfig(input, { name: 'options' }), context }
  const { config } = asked
  const root = resolveRoot(asked)
  const store = resolveStore(config, context)
  const delivery = resolveDelivery(asked)
  checkPlaces({ root, delivery, target: store.target, state: store.state })
  return {
    ...store,
    root,
    delivery,
    ...resolveDeploy(config, context),
    cors: config.cors ?? DEFAULTS.cors,
    include: [...(config.include ?? DEFAULTS.include)],
    exclude: [...(config.exclude ?? DEFAULTS.exclude)],
    keep: [...(config.keep ?? DEFAULTS.keep)],
    allow: resolveAllowed(config.allow ?? DEFAULTS.allow),
    headers: resolveHeaderRules(config.headers ?? DEFAULTS.headers),
    strict: config.strict ?? DEFAULTS.strict,
    force: config.force ?? DEFAULTS.force,
    maxFileBytes: numberBetween('maxFileBytes', asked),
  }
}

/**
 * The part of {@link resolveConfig} that concerns the stores: what `releases` needs on a machine without the site.
 *
 * @throws E_CONFIG, E_CONFIG_SECRET, E_USAGE, E_PREFIX, E_BUCKET_NAME, E_ENDPOINT
 */
export function resolveStore(input: LadingConfig, context: ResolveContext): StoreOptions {
  const asked: Asked = { config: checkConfig(input, { name: 'options' }), context }
  const { config } = asked
  return {
    target: resolveTarget(asked),
    state: config.state === undefined ? undefined : checkedTarget(config.state, 'state', asked),
    concurrency: numberBetween('concurrency', asked),
    requestTimeoutMs: numberBetween('requestTimeoutMs', asked),
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

/**
 * The part that every deploy has, whether it comes from a site or from an earlier release.
 *
 * @throws E_USAGE, E_URL
 */
export function resolveDeploy(
  input: LadingConfig,
  context: ResolveContext,
): Pick<SyncOptions, 'channel' | 'order' | 'cdn' | 'base' | 'site'> {
  const asked: Asked = { config: checkConfig(input, { name: 'options' }), context }
  return { ...resolveSite(asked), channel: resolveChannel(asked), order: resolveOrder(asked), cdn: resolveCdn(asked) }
}

function resolveRoot({ config, context }: Asked): string {
  const root = config.root ?? defaultRoot(context.cwd)
  if (root !== undefined && root.trim() !== '') return resolve(context.cwd, root)
  throw new LadingError('E_USAGE', 'no folder to load was given', {
    why: root === undefined ? 'There is no build folder of a project here either.' : 'Its name is empty.',
    hint: 'Name it: lading plan dist --to STORE, or root: "dist" in lading.config.ts.',
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

const DELIVERY_HELP = [
  '--in-place   rewrite the pages where they are; your origin serves them',
  '--out DIR    write the whole origin, pages rewritten, into DIR',
  '--host       put the rewritten pages into the store too',
]

function resolveDelivery(asked: Asked): Delivery {
  const { config, context } = asked
  const chosen = [config.inPlace && '--in-place', config.out !== undefined && '--out', config.host && '--host'].filter(
    Boolean,
  )
  if (chosen.length > 1) {
    throw new LadingError('E_USAGE', `${chosen.join(' and ')} exclude each other`, {
      why: 'Pages go to one place.',
      details: DELIVERY_HELP,
      hint: 'Keep one of them.',
    })
  }
  if (config.url === undefined) {
    if (chosen.length === 0) return { mode: 'mirror' }
    throw new LadingError('E_USAGE', `${chosen[0]} needs the public address of the store`, {
      hint: 'Add --url https://cdn.example.com/, or a path of the site such as --url /_a/.',
    })
  }
  const url = parsePublicUrl(config.url, optionName('url', context.sources))
  if (config.inPlace) return { mode: 'offload', url, pages: 'in-place' }
  if (config.host) return { mode: 'host', url }
  if (config.out === undefined) throw noDelivery(optionName('url', context.sources))
  if (config.out.trim() === '') throw new LadingError('E_USAGE', 'the folder of --out has no name')
  return { mode: 'offload', url, pages: 'out', dir: resolve(context.cwd, config.out) }
}

const noDelivery = (option: string): LadingError =>
  new LadingError('E_USAGE', `${option} needs to know where the rewritten pages go`, {
    details: DELIVERY_HELP,
    hint: 'Add one of the three.',
  })

/** `site` and `base` say the same path; either may say it alone. */
function resolveSite({ config, context }: Asked): Pick<SyncOptions, 'site' | 'base'> {
  const base = config.base === undefined ? undefined : parseBase(config.base, optionName('base', context.sources))
  if (config.site === undefined) return { site: undefined, base: base ?? DEFAULTS.base }
  const url = new URL(parseSite(config.site, optionName('site', context.sources)))
  if (base !== undefined && url.pathname !== '/' && url.pathname !== base) {
    throw new LadingError('E_URL', 'site and base name different paths', {
      subject: `${url.href} and ${base}`,
      hint: 'Write the path in one of them.',
    })
  }
  const path = base ?? url.pathname
  return { site: url.origin + path, base: path }
}

function resolveChannel({ config, context }: Asked): string {
  if (config.channel === undefined) return defaultChannel(context.env).name
  if (CHANNEL.test(config.channel)) return config.channel
  const usable = sanitizeChannel(config.channel)
  throw new LadingError('E_USAGE', `"${config.channel}" cannot name a channel`, {
    subject: optionName('channel', context.sources),
    why: 'A channel has up to 64 letters, digits, dots, hyphens and underscores.',
    hint: usable === '' ? 'Write a name such as production.' : `Write ${usable}.`,
  })
}

function resolveOrder({ config, context }: Asked): Order | undefined {
  const given = parseOrder(config.order, context.sources)
  if (given !== undefined) return given
  const found = defaultOrder(context.env)
  return found && { counter: found.counter, number: found.number }
}

function resolveCdn({ config, context }: Asked): CdnTarget | undefined {
  return config.cdn === undefined ? undefined : parseCdn(config.cdn, optionName('cdn', context.sources))
}

/** Inclusive. The timeout's top is an hour: beyond it a stalled run would look alive for a working day. */
const RANGES = {
  concurrency: [1, 1024],
  requestTimeoutMs: [1, 3_600_000],
  retries: [0, 20],
  lockTimeoutSeconds: [0, 86_400],
  keepReleases: [1, 1000],
  keepDays: [0, 3650],
  maxFileBytes: [1, Number.MAX_SAFE_INTEGER],
} as const

function numberBetween(key: keyof typeof RANGES, { config, context }: Asked): number {
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

function resolveCacheDir({ config, context }: Asked): string {
  const dir = config.cacheDir ?? ''
  return dir.trim() === '' ? defaultCacheDir(context.cwd, context.env) : resolve(context.cwd, dir)
}
