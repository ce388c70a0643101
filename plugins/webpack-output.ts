import { readFileSync } from 'node:fs'
import type { Compiler, RuleSetRule } from 'webpack'
import { LadingError } from '../src/build/index.ts'
import { type BuildSettings, type LadingPluginOptions, mayRewrite } from './options.ts'
import { type Addresses, BUNDLE_FOLDER, isSprite, LOADS_ANYWHERE, movesAll } from './placement.ts'
import { type Kind, namesAssets } from './webpack-kinds.ts'
import { makesModules } from './webpack-modules.ts'

/** Where the pages lie, as webpack's own options say it. */
export interface OriginPath {
  /** `output.publicPath` when it is a path of the site. */
  readonly base: string | undefined
  /** Where workers are looked for. */
  readonly workers: string
  /** As it was written. */
  readonly publicPath: unknown
}

/**
 * Workers never load from another host. webpack reads `output.workerPublicPath` once, before a config file can be read,
 * so it is set whenever this build may rewrite: a worker at the site's own path works in every mode. In a module that
 * path resolves to the module's host, so there the site's full address is used, if known by then.
 */
export function keepWorkersAtOrigin(compiler: Compiler, options: LadingPluginOptions): OriginPath {
  const { output } = compiler.options
  const { publicPath } = output
  const site = options.site ?? process.env.LADING_SITE
  const base = isPathOfSite(publicPath) ? publicPath : undefined
  const workers = output.workerPublicPath || base || options.base || '/'
  // An invalid site is refused later, with the other options.
  const isNamedInFull = site !== undefined && URL.canParse(site) && makesModules(compiler)
  if (mayRewrite(options, process.env)) {
    output.workerPublicPath ||= isNamedInFull ? new URL(workers, site).href : workers
  }
  return { base, workers, publicPath }
}

function isPathOfSite(publicPath: unknown): publicPath is string {
  return typeof publicPath === 'string' && /^\/(?!\/)/.test(publicPath) && !hasPlaceholder(publicPath)
}

function isAbsolute(publicPath: unknown): publicPath is string {
  return typeof publicPath === 'string' && /^(?:https?:)?\/\//i.test(publicPath) && !hasPlaceholder(publicPath)
}

/** `[fullhash]` and its kin: only webpack knows what will stand there. */
function hasPlaceholder(publicPath: string): boolean {
  return /\[[^\]]+\]/.test(publicPath)
}

/** Arguments of `pointToStore`. */
export interface Pointing {
  readonly kind: Kind
  readonly settings: BuildSettings
  readonly origin: OriginPath
}

/**
 * Makes the bundler name the store. It has one public path for scripts, style sheets and the chunks they load: when
 * these may come from `url`, that is the path; when they may not, only rules for pictures and media name the store.
 * @returns what the log has to warn of
 * @throws E_CONFIG for a public path that is not a fixed address
 */
export function pointToStore(compiler: Compiler, { kind, settings, origin }: Pointing): string | undefined {
  const { rewrite, addresses } = settings
  if (!rewrite || addresses === undefined) return undefined
  refuseUnfixed(origin)
  refuseUnknownPath(origin, addresses)
  const { output } = compiler.options
  const store = addresses.url.href + BUNDLE_FOLDER
  setAssetRules(compiler, kind, addresses)
  if (!movesAll(addresses)) return undefined
  const isKept = isAbsolute(origin.publicPath) && origin.publicPath !== store
  if (!isKept) output.publicPath = store
  if (!addresses.sameOrigin) output.crossOriginLoading ||= 'anonymous'
  if (!isKept) return undefined
  return (
    `output.publicPath is ${origin.publicPath}, but assets lie under ${store}: it is kept, ` +
    'and has to lead to the same files (leave it out, and Lading sets it)'
  )
}

function setAssetRules(compiler: Compiler, kind: Kind, addresses: Addresses): void {
  if (addresses.sameOrigin || namesAssets(compiler)) return
  const pictures = { test: LOADS_ANYWHERE, generator: { publicPath: addresses.url.href + BUNDLE_FOLDER } }
  kind.setAssetRules(compiler, [...(movesAll(addresses) ? [] : [pictures]), spritesAtSite(addresses)])
}

/** A sprite stays with the pages: `<use href>` never takes a piece of it from another host. */
function spritesAtSite(addresses: Addresses): RuleSetRule {
  return { test: isSpriteFile, generator: { publicPath: addresses.site ?? addresses.base } }
}

function isSpriteFile(file: string): boolean {
  if (!/\.svg$/i.test(file)) return false
  try {
    return isSprite(readFileSync(file, 'utf8'))
  } catch {
    // A virtual module, not on disk.
    return false
  }
}

function refuseUnfixed({ publicPath }: OriginPath): void {
  const isFunction = typeof publicPath === 'function'
  if (!isFunction && !(typeof publicPath === 'string' && hasPlaceholder(publicPath))) return
  throw new LadingError('E_CONFIG', `output.publicPath ${isFunction ? 'is a function' : 'holds a placeholder'}`, {
    subject: isFunction ? 'output.publicPath' : `output.publicPath: '${publicPath}'`,
    why: 'Pages and style sheets are pointed at one address, which has to be known before the build.',
    hint: "Leave it out, or name the pages' path: publicPath: '/app/'.",
  })
}

function refuseUnknownPath({ base, workers, publicPath }: OriginPath, addresses: Addresses): void {
  if (isAbsolute(publicPath)) {
    if (movesAll(addresses)) return
    throw new LadingError('E_CONFIG', 'output.publicPath names a host, but scripts stay at the site', {
      subject: 'output.publicPath',
      why: `cors is not set for ${addresses.url.href}: only pictures and media go there.`,
      hint: "Set cors: true, or name the pages' path: publicPath: '/'.",
    })
  }
  if (base === undefined && publicPath !== undefined && publicPath !== '' && publicPath !== 'auto') {
    throw new LadingError('E_CONFIG', 'output.publicPath is not a path of the site', {
      subject: 'output.publicPath',
      why: 'Lading writes the addresses of assets itself; publicPath says where the pages lie.',
      hint: "Leave it out, or name the pages' path: publicPath: '/app/'.",
    })
  }
  if (workers === addresses.base || !workers.startsWith('/') || base !== undefined) return
  throw new LadingError('E_CONFIG', 'the bundler does not know where the pages lie', {
    subject: 'output.publicPath',
    why: `Pages lie under ${addresses.base}, but workers would be looked for under ${workers}.`,
    hint: `Set output.publicPath: '${addresses.base}'.`,
  })
}
