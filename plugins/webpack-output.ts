import { createHash } from 'node:crypto'
import type { Compilation, Compiler, NormalModule, PathData } from 'webpack'
import { LadingError } from '../src/index.ts'
import type { BuildSettings, LadingPluginOptions } from './options.ts'
import { type Addresses, BUNDLE_FOLDER, isSprite, LOADS_ANYWHERE, movesAll } from './placement.ts'

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
 * so it is set whenever this build may rewrite: at the site's own path a worker is right in every mode.
 */
export function keepWorkersAtOrigin(compiler: Compiler, options: LadingPluginOptions): OriginPath {
  const { output } = compiler.options
  const { publicPath } = output
  const base = typeof publicPath === 'string' && publicPath.startsWith('/') ? publicPath : undefined
  const workers = output.workerPublicPath || base || options.base || '/'
  const mayRewrite = options.rewrite === 'always' || (options.upload ?? Boolean(process.env.LADING_UPLOAD))
  if (mayRewrite) output.workerPublicPath = workers
  return { base, workers, publicPath }
}

/**
 * Makes webpack name the store. It has one public path for scripts, style sheets and the chunks they load: when these
 * may come from `url`, that is the path; when they may not, only rules for pictures and media name the store.
 * @throws E_CONFIG for a public path that is neither a path of the site nor left out
 */
export function pointToStore(compiler: Compiler, { rewrite, addresses }: BuildSettings, origin: OriginPath): void {
  if (!rewrite || addresses === undefined) return
  refuseForeignPath(origin, addresses)
  const { output, module } = compiler.options
  const store = addresses.url.href + BUNDLE_FOLDER
  const svg = { test: /\.svg$/i, generator: { publicPath: svgPath(store, addresses) } }
  if (!movesAll(addresses)) {
    const pictures = { test: LOADS_ANYWHERE, exclude: /\.svg$/i, generator: { publicPath: store } }
    module.rules = [...module.rules.filter(isTheirs), ours(pictures), ours(svg)]
    return
  }
  output.publicPath = store
  if (addresses.sameOrigin) return
  output.crossOriginLoading ||= 'anonymous'
  module.rules = [...module.rules.filter(isTheirs), ours(svg)]
}

/** Rules of an earlier run of the same compiler are replaced, not added to. */
const OURS = new WeakSet<object>()

function isTheirs(rule: unknown): boolean {
  return typeof rule !== 'object' || rule === null || !OURS.has(rule)
}

function ours<T extends object>(rule: T): T {
  OURS.add(rule)
  return rule
}

function refuseForeignPath({ base, workers, publicPath }: OriginPath, addresses: Addresses): void {
  if (base === undefined && publicPath !== undefined && publicPath !== '' && publicPath !== 'auto') {
    throw new LadingError('E_CONFIG', "webpack's output.publicPath is not a path of the site", {
      subject: 'output.publicPath',
      why: 'Lading writes the addresses of assets itself; publicPath says where the pages lie.',
      hint: "Leave it out, or name the pages' path: publicPath: '/app/'.",
    })
  }
  if (workers === addresses.base || !workers.startsWith('/') || base !== undefined) return
  throw new LadingError('E_CONFIG', 'webpack does not know where the pages lie', {
    subject: 'output.publicPath',
    why: `Pages lie under ${addresses.base}, but workers would be looked for under ${workers}.`,
    hint: `Set output.publicPath: '${addresses.base}'.`,
  })
}

/** A sprite stays with the pages: `<use href>` never takes a piece of it from another host. */
function svgPath(store: string, addresses: Addresses): (data: PathData) => string {
  return ({ module }) => {
    // webpack types `module` loosely; a module of an asset's rule is a normal one and has its source by now.
    const source = (module as NormalModule | undefined)?.originalSource()?.source().toString() ?? ''
    return isSprite(source) ? (addresses.site ?? addresses.base) : store
  }
}

/** What a module was built for, in the part of it that webpack's cache keeps. */
const MARK = 'ladingAddresses'

/**
 * Loaders write the public path into style sheets; a persistent cache would bring back sheets with an old one.
 * `addresses` is undefined while nothing is rewritten.
 */
export function rebuildOnNewAddresses(
  compiler: Compiler,
  compilation: Compilation,
  addresses: Addresses | undefined,
): void {
  const digest = addresses && createHash('sha256').update(JSON.stringify(addresses)).digest('hex')
  const hooks = compiler.webpack.NormalModule.getCompilationHooks(compilation)
  hooks.beforeSnapshot.tap('lading', (module) => {
    if (module.buildInfo && digest !== undefined) module.buildInfo[MARK] = digest
  })
  hooks.needBuild.tapAsync('lading', (module, _context, done) => {
    if (module.buildInfo?.[MARK] === digest) done()
    else done(null, true)
  })
}
