import { createHash } from 'node:crypto'
import type { Compiler as RspackCompiler } from '@rspack/core'
import type { Chunk, Compilation, Compiler, RuleSetRule } from 'webpack'
import type { Addresses } from './placement.ts'
import type { Ended } from './webpack-ends.ts'

/** Where webpack and Rspack differ; the rest of their interfaces is the same. */
export interface Kind {
  /** Name and version, for the build's record. */
  nameOf(compiler: Compiler): string
  /** Whether a worker starts from this chunk. */
  isWorker(chunk: Chunk, compilation: Compilation): boolean
  /**
   * Lays rules under those of the config for asset modules: a `generator.publicPath` of the user's is kept, since it goes
   * with an `outputPath`. Those of an earlier run of the same compiler are replaced.
   */
  setAssetRules(compiler: Compiler, rules: readonly RuleSetRule[]): void
  /** Before a run: a persistent cache must not bring back an earlier build's addresses. */
  renewCache(compiler: Compiler, addresses: Addresses | undefined): void
  /** The same, in a compilation. `addresses` is undefined while nothing is rewritten. */
  rebuildOnNewAddresses(compiler: Compiler, compilation: Compilation, addresses: Addresses | undefined): void
}

/** Rspack has webpack's interface by design, written down in types of its own; what differs is in `RSPACK`. */
export function asWebpack(compiler: RspackCompiler): Compiler {
  return compiler as unknown as Compiler
}

/** What a plugin runs in. */
export interface Host {
  readonly kind: Kind
  /** Folders (absolute) that are copied to the output, in full or in part, unknown to the bundler. */
  publicDirs(): readonly string[]
  /** Receives the result of a successful build, to publish once all sibling compilers succeed. @default at once */
  afterAll?(end: Ended): void
}

export const WEBPACK: Kind = {
  nameOf: ({ webpack }) => `webpack ${webpack.version}`,
  // Older versions of webpack 5 do not mark workers, but only workers load their chunks by importScripts. Chunks that a
  // worker shares with pages have its options too; it starts from the one with the runtime.
  isWorker(chunk) {
    const entry = chunk.getEntryOptions()
    if (entry === undefined || !chunk.hasRuntime()) return false
    return ('worker' in entry && entry.worker === true) || entry.chunkLoading === 'import-scripts'
  },
  setAssetRules({ options: { module } }, rules) {
    module.rules = [...rules.map(ours), ...module.rules.filter(isTheirs)]
  },
  renewCache: () => undefined,
  rebuildOnNewAddresses,
}

export const RSPACK: Kind = {
  nameOf: ({ webpack }) => `rspack ${versionOf(webpack)}`,
  // Rspack marks no workers. They start a runtime of their own, and no page names them as an entry.
  isWorker(chunk, { entrypoints }) {
    return chunk.hasRuntime() && ![...entrypoints.values()].some((entry) => entry.chunks.includes(chunk))
  },
  // A generator needs its asset type in the same rule, so these are nested in typed rules, whose type they inherit.
  setAssetRules({ options: { module } }, rules) {
    layInside([...module.rules, ...module.defaultRules], rules)
  },
  renewCache({ options }, addresses) {
    if (addresses === undefined) return
    const { experiments } = options
    Object.assign(options, { cache: withVersion(options.cache, addresses) })
    // Where Rspack 1 has it.
    if ('cache' in experiments) Object.assign(experiments, { cache: withVersion(experiments.cache, addresses) })
  },
  rebuildOnNewAddresses: () => undefined,
}

/** The option of a persistent cache, with a version that invalidates what was cached for other addresses. */
function withVersion(cache: unknown, addresses: Addresses): unknown {
  if (typeof cache !== 'object' || cache === null || !('type' in cache) || cache.type !== 'persistent') return cache
  const version = 'version' in cache ? String(cache.version ?? '') : ''
  return { ...cache, version: `${version}lading-${digestOf(addresses)}` }
}

/** `webpack.version` is the version of webpack that Rspack stands in for. */
function versionOf(rspack: object): string {
  return 'rspackVersion' in rspack ? String(rspack.rspackVersion) : ''
}

/** Rules of ours, so that they are never added twice. */
const OURS = new WeakSet<object>()

function isTheirs(rule: unknown): boolean {
  return typeof rule !== 'object' || rule === null || !OURS.has(rule)
}

function ours(rule: RuleSetRule): RuleSetRule {
  OURS.add(rule)
  return rule
}

function hasPublicPath(generator: unknown): boolean {
  return typeof generator === 'object' && generator !== null && 'publicPath' in generator
}

/** Whether `module.generator` sets a public path for all rules without their own. */
export function namesAssets({ options: { module } }: Compiler): boolean {
  return ['asset', 'asset/resource'].some((type) => hasPublicPath(module.generator[type]))
}

type Rules = Compiler['options']['module']['rules']

function layInside(into: Rules, rules: readonly RuleSetRule[]): void {
  for (const rule of into) {
    if (typeof rule !== 'object' || rule === null || OURS.has(rule)) continue
    for (const inner of [rule.oneOf, rule.rules]) if (inner) layInside(inner, rules)
    if ((rule.type !== 'asset' && rule.type !== 'asset/resource') || hasPublicPath(rule.generator)) continue
    rule.rules = [...(rule.rules ?? []).filter(isTheirs), ...rules.map((each) => ours({ ...each }))]
  }
}

/** Key in `buildInfo`, the part of a module that webpack caches: the addresses that it was built for. */
const MARK = 'ladingAddresses'

function digestOf(addresses: Addresses): string {
  return createHash('sha256').update(JSON.stringify(addresses)).digest('hex')
}

/** Loaders write the public path into style sheets; a persistent cache would bring back sheets with an old one. */
function rebuildOnNewAddresses(compiler: Compiler, compilation: Compilation, addresses: Addresses | undefined): void {
  const digest = addresses && digestOf(addresses)
  const hooks = compiler.webpack.NormalModule.getCompilationHooks(compilation)
  hooks.beforeSnapshot.tap('lading', (module) => {
    if (module.buildInfo && digest !== undefined) module.buildInfo[MARK] = digest
  })
  hooks.needBuild.tapAsync('lading', (module, _context, done) => {
    if (module.buildInfo?.[MARK] === digest) done()
    else done(null, true)
  })
}
