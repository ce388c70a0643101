import { join } from 'node:path'
import type { Compilation, Compiler, Stats } from 'webpack'
import { BUILD_RECORD_PATH, LadingError } from '../src/build/index.ts'
import { isAbsent } from '../src/words/system-error.ts'
import { setRecordAside } from './earlier-build.ts'
import { toldInFull } from './failure.ts'
import { type BuildSettings, type LadingPluginOptions, settle } from './options.ts'
import type { Outcome } from './outcome.ts'
import { corsNotice, movesAll } from './placement.ts'
import { type Ended, publishAll } from './webpack-ends.ts'
import { createWebpackFiles, type SortedFiles, type WebpackFiles } from './webpack-files.ts'
import { isNext, NEXT } from './webpack-frameworks.ts'
import { addCrossOrigin } from './webpack-html.ts'
import type { Host } from './webpack-kinds.ts'
import { keepWorkersAtOrigin, type OriginPath, pointToStore } from './webpack-output.ts'
import { isServer, serverOutput } from './webpack-servers.ts'
import { FIRST, LAST, whenDone } from './webpack-taps.ts'
import { afterAllBeside, followRuns } from './webpack-together.ts'
import { provideToWebpack } from './webpack-virtual.ts'

const NAME = 'lading'

/** One run of a compiler. */
interface WebpackBuild {
  readonly settings: BuildSettings
  readonly files: WebpackFiles
  /** Receives the result of this build if it is part of a larger one, to be published with the rest. */
  readonly afterAll: ((end: Ended) => void) | undefined
  sorted: SortedFiles
}

/**
 * The taps of `lading/webpack` and `lading/rspack`. Options are read in `beforeRun`, since a config file is read
 * asynchronously; only a single run has that hook, so that watch mode and the dev server never come here.
 */
export function applyToWebpack(compiler: Compiler, options: LadingPluginOptions, host: Host): void {
  const { kind } = host
  const logger = compiler.getInfrastructureLogger(NAME)
  const isForeign = isNext(compiler)
  const origin = keepWorkersAtOrigin(compiler, isForeign ? { ...options, rewrite: false } : options)
  const leave = once((what: string) => logger.info(`${what}: addresses are left as they are and nothing is sent`))
  let build: WebpackBuild | undefined
  const told = provideToWebpack(compiler, options, () => build?.settings)

  const begin = async (): Promise<void> => {
    const afterAll = host.afterAll ?? afterAllBeside(compiler)
    build = undefined
    if (compiler.options.mode === 'development') return leave('mode: development')
    if (isForeign) return await advise(compiler, await toldInFull(() => settleFor(compiler, options, origin)))
    const settings = await toldInFull(async () => {
      const made = await settleFor(compiler, options, origin)
      const warning = pointToStore(compiler, { kind, settings: made, origin })
      if (warning !== undefined) logger.warn(warning)
      return made
    })
    const { addresses, rewrite } = settings
    kind.renewCache(compiler, rewrite ? addresses : undefined)
    if (rewrite && addresses !== undefined && !movesAll(addresses)) logger.info(corsNotice(addresses))
    const files = createWebpackFiles(compiler, settings, host)
    build = { settings, files, afterAll, sorted: { files: new Map(), origin: new Set() } }
  }
  const end = async (stats: Stats): Promise<void> => {
    if (build === undefined || stats.hasErrors()) return
    const current = build
    const ended = isServer(compiler)
      ? serverOutput(stats.compilation, kind)
      : { outcome: outcomeOf(current, { compiler, host }), check: told.check, say: (text: string) => logger.info(text) }
    if (ended === undefined) return
    if (current.afterAll === undefined) await publishAll([ended])
    else current.afterAll(ended)
  }

  if (host.afterAll === undefined) followRuns(compiler, kind)
  compiler.hooks.beforeRun.tapAsync({ name: NAME, stage: FIRST }, (_compiler, done) => whenDone(begin(), done))
  compiler.hooks.watchRun.tap(NAME, () => {
    build = undefined
    leave('watching')
  })
  compiler.hooks.thisCompilation.tap(NAME, (compilation) => {
    const rewritesTo = build?.settings.rewrite ? build.settings.addresses : undefined
    kind.rebuildOnNewAddresses(compiler, compilation, rewritesTo)
    if (build === undefined) return
    const current = build
    tapCompilation(compiler, compilation, current)
    compilation.hooks.afterProcessAssets.tap(NAME, () => {
      current.sorted = current.files.sort(compilation)
    })
  })
  // From here on the files are no longer those that an earlier build recorded, even if this build fails. A server's
  // record stays: it keeps the folder from being published.
  compiler.hooks.emit.tapAsync(NAME, (_compilation, done) => {
    if (isServer(compiler)) done()
    else if (build === undefined) forgetRecord(compiler, done)
    else whenDone(setRecordAside(compiler.outputPath), done)
  })
  // An error here fails the run. `done` comes after failures too, with the files of an earlier build still there.
  const stage = host.afterAll === undefined ? LAST : FIRST
  compiler.hooks.done.tapAsync({ name: NAME, stage }, (stats, done) => whenDone(end(stats), done))
}

/** Once, of the compilers that build one app. */
async function advise(compiler: Compiler, settings: BuildSettings): Promise<void> {
  if (isServer(compiler)) return
  const { adviceFor, tellOnce } = await import('./framework-advice.ts')
  const line = adviceFor(NEXT, settings, compiler.outputPath)
  tellOnce(line, compiler.context, (text) => compiler.getInfrastructureLogger(NAME).info(text))
}

/** Uses the bundler's output file system, which may be in memory. */
function forgetRecord({ outputFileSystem, outputPath }: Compiler, done: (error?: Error) => void): void {
  const unlinked = (error?: NodeJS.ErrnoException | null): void => {
    if (error && !isAbsent(error)) done(error)
    else done()
  }
  if (outputFileSystem?.unlink === undefined) done()
  else outputFileSystem.unlink(join(outputPath, BUILD_RECORD_PATH), unlinked)
}

/** Watch mode calls this again with every change. */
function once(say: (what: string) => void): (what: string) => void {
  let isSaid = false
  return (what) => {
    if (!isSaid) say(what)
    isSaid = true
  }
}

function settleFor(compiler: Compiler, options: LadingPluginOptions, { base }: OriginPath): Promise<BuildSettings> {
  return settle(options, { cwd: compiler.context, outDir: compiler.outputPath, base, env: process.env })
}

function tapCompilation(compiler: Compiler, compilation: Compilation, { settings, files }: WebpackBuild): void {
  const { addresses, rewrite } = settings
  if (!rewrite || addresses === undefined || isServer(compiler)) return
  if (addresses.cors && !addresses.sameOrigin) addCrossOrigin(compiler, compilation, addresses.url)
  const { PROCESS_ASSETS_STAGE_OPTIMIZE_SIZE, PROCESS_ASSETS_STAGE_OPTIMIZE_TRANSFER, PROCESS_ASSETS_STAGE_REPORT } =
    compiler.webpack.Compilation
  // Style sheets, before webpack names them by content hash and makes their source maps.
  const { processAssets } = compilation.hooks
  processAssets.tapAsync({ name: NAME, stage: PROCESS_ASSETS_STAGE_OPTIMIZE_SIZE + 50 }, (_assets, done) =>
    whenDone(
      toldToWebpack(compiler, () => files.relinkStyles(compilation, addresses)),
      done,
    ),
  )
  // Pages when every name in them is final, before anything compresses them, and before Workbox's plugins take their
  // digests. https://github.com/GoogleChrome/workbox/blob/v7/packages/workbox-webpack-plugin/src/generate-sw.ts
  processAssets.tapAsync({ name: NAME, stage: PROCESS_ASSETS_STAGE_OPTIMIZE_TRANSFER - 11 }, (_assets, done) =>
    whenDone(
      toldToWebpack(compiler, () => files.relinkPages(compilation, addresses)),
      done,
    ),
  )
  processAssets.tap({ name: NAME, stage: PROCESS_ASSETS_STAGE_REPORT }, () => {
    const warning = files.warningOf(compilation, addresses)
    if (warning !== undefined) compiler.getInfrastructureLogger(NAME).warn(warning)
  })
  processAssets.tapAsync({ name: NAME, stage: PROCESS_ASSETS_STAGE_OPTIMIZE_TRANSFER - 1 }, (_assets, done) =>
    whenDone(
      toldToWebpack(compiler, async () => files.checkListed(compilation, addresses)),
      done,
    ),
  )
}

/** While it compiles, webpack wraps every error but its own, and prints what it wraps four times. */
async function toldToWebpack(compiler: Compiler, work: () => Promise<void>): Promise<void> {
  try {
    await toldInFull(work)
  } catch (error) {
    if (!(error instanceof LadingError)) throw error
    const told = new compiler.webpack.WebpackError(error.message)
    if (error.stack !== undefined) told.stack = error.stack
    throw told
  }
}

function outcomeOf(
  { settings, sorted }: WebpackBuild,
  { compiler, host }: { compiler: Compiler; host: Host },
): Outcome {
  const { addresses, rewrite } = settings
  const record = {
    bundler: host.kind.nameOf(compiler),
    url: addresses?.url.href ?? '',
    cors: addresses?.cors ?? false,
    rewritten: rewrite,
    ...sorted,
    sent: new Set<string>(),
    store: undefined,
  }
  // The list of warnings in the stats is closed by now: what is said here goes through the logger.
  const warn = (text: string): void => compiler.getInfrastructureLogger(NAME).warn(text)
  return { settings, outDir: compiler.outputPath, record, warn }
}
