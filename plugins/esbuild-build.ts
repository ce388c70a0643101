import { dirname, resolve } from 'node:path'
import type { BuildOptions, BuildResult, PluginBuild } from 'esbuild'
import { LadingError } from '../src/build/index.ts'
import { setRecordAside } from './earlier-build.ts'
import { type Caller, esbuildCaller } from './esbuild-caller.ts'
import { type OutputRoom, sortOutputs } from './esbuild-outputs.ts'
import { toldInFull } from './failure.ts'
import { type BuildSettings, type LadingPluginOptions, settle } from './options.ts'
import { finishBuild } from './outcome.ts'
import { BUNDLE_FOLDER, corsNotice, movesAll } from './placement.ts'
import { NO_PUBLIC_FILES, type PublicFiles } from './public-files.ts'
import { recordFor, siteFolder } from './rollup-state.ts'
import { refuseNeighbours } from './script-neighbours.ts'
import { provideTypes, publicDirOf, refuseUncopied, VIRTUAL, virtualModule } from './virtual.ts'

/** esbuild's log levels that show more than warnings. Its API, the only place for plugins, shows no more by default. */
const SHOWS_INFO: ReadonlySet<string> = new Set(['info', 'debug', 'verbose'])

/** What one call of esbuild works with. */
interface EsbuildRun extends OutputRoom {
  /** The files whose addresses `virtual:lading` handed out. */
  publicFiles: PublicFiles
}

/** The setup of `lading/esbuild`. A context, which may watch or serve, is left alone. */
export function esbuildSetup(options: LadingPluginOptions): (build: PluginBuild) => Promise<void> {
  return async (build) => {
    // Before the first `await`, which would lose the caller's stack.
    const caller = esbuildCaller()
    const { initialOptions } = build
    const cwd = initialOptions.absWorkingDir ?? process.cwd()
    const publicDir = publicDirOf(options, cwd)
    await provideTypes(options, { cwd, publicDir })
    const run =
      caller === 'context' ? undefined : await toldInFull(() => begin(options, initialOptions, { cwd, caller }))
    provideVirtual(build, { options, run, publicDir })
    if (run === undefined) {
      build.onStart(() => ({
        warnings: [{ text: 'lading: a context: addresses are left as they are and nothing is sent' }],
      }))
      return
    }
    // From here on the files are no longer those that an earlier build recorded.
    build.onStart(() => setRecordAside(run.root))
    let isLast = false
    // Runs after the `onEnd` of every other plugin, whatever the plugin order, to see the errors that they add.
    build.onEnd(() => {
      if (!isLast) build.onEnd((result) => finish(run, result, build.esbuild.version))
      isLast = true
    })
  }
}

async function begin(
  options: LadingPluginOptions,
  initial: BuildOptions,
  { cwd, caller }: { readonly cwd: string; readonly caller: Caller },
): Promise<EsbuildRun> {
  const folder = resolve(cwd, initial.outdir ?? dirname(initial.outfile ?? '.'))
  const root = options.siteDir === undefined ? folder : resolve(cwd, options.siteDir)
  const settings = await settle(options, { cwd, outDir: root, base: undefined, env: process.env })
  if (caller === 'unknown' && settings.rewrite) throw unknownCaller()
  if (initial.write === false && settings.rewrite) throw unwritten()
  const below = siteFolder(root, folder)
  initial.metafile = true
  const isPointed = pointToStore(initial, settings, below('.'))
  return { settings, options: initial, isPointed, root, cwd, publicFiles: NO_PUBLIC_FILES }
}

/** @returns whether esbuild now writes the store's address */
function pointToStore(initial: BuildOptions, { rewrite, addresses }: BuildSettings, below: string): boolean {
  if (!rewrite || addresses === undefined) return false
  const { publicPath } = initial
  if (publicPath !== undefined && /^(?:[a-z]+:)?\/\//i.test(publicPath)) throw foreignPath()
  // There is one public path for chunks and pictures alike, and chunks need CORS.
  if (!movesAll(addresses)) return false
  initial.publicPath = addresses.url.href + BUNDLE_FOLDER + (below === '.' ? '' : `${below}/`)
  return true
}

async function finish(
  run: EsbuildRun,
  result: BuildResult,
  version: string,
): Promise<{ warnings: { text: string }[] } | undefined> {
  if (result.errors.length > 0 || result.metafile === undefined) return undefined
  const { outputs } = result.metafile
  const { settings, root, publicFiles } = run
  const { addresses, rewrite } = settings
  const warnings: { text: string }[] = []
  const warn = (text: string): void => void warnings.push({ text: `lading: ${text}` })
  const line = await toldInFull(async () => {
    const sorted = await sortOutputs(outputs, run)
    refuseUncopied(publicFiles.keys, root)
    if (rewrite && addresses !== undefined) await refuseNeighbours({ root, files: sorted.files, addresses })
    const record = recordFor(settings, `esbuild ${version}`, { sorted, publicFiles })
    return finishBuild({ settings, outDir: root, record, warn })
  })
  if (rewrite && addresses !== undefined && !movesAll(addresses)) warn(corsNotice(addresses))
  // esbuild gives plugins no other way to log what is not a warning.
  if (SHOWS_INFO.has(run.options.logLevel ?? '')) process.stderr.write(`lading: ${line}\n`)
  return { warnings }
}

interface VirtualRoom {
  readonly options: LadingPluginOptions
  readonly run: EsbuildRun | undefined
  readonly publicDir: string | undefined
}

function provideVirtual(build: PluginBuild, { options, run, publicDir }: VirtualRoom): void {
  build.onResolve({ filter: /^virtual:lading$/ }, () => ({ path: VIRTUAL, namespace: 'lading' }))
  build.onLoad({ filter: /^virtual:lading$/, namespace: 'lading' }, async () => {
    const place = { publicDir, base: options.base ?? '/', settings: run?.settings, isDevelopment: run === undefined }
    const { code, files } = await virtualModule(place)
    if (run !== undefined) run.publicFiles = files
    return { contents: code, loader: 'js' }
  })
}

function unknownCaller(): LadingError {
  return new LadingError('E_BUILD', 'lading cannot tell whether esbuild builds once or watches', {
    subject: 'plugins',
    why: 'Another plugin, which stands before it, waits for something in its setup.',
    hint: 'Put lading() first in the list of plugins.',
  })
}

function unwritten(): LadingError {
  return new LadingError('E_CONFIG', 'esbuild writes no files', {
    subject: 'write: false',
    why: 'What is sent is what lies on the disk.',
    hint: 'Leave write out, or leave out upload and rewrite.',
  })
}

function foreignPath(): LadingError {
  return new LadingError('E_CONFIG', "esbuild's publicPath is not a path of the site", {
    subject: 'publicPath',
    why: 'Lading writes the addresses of assets itself.',
    hint: 'Leave publicPath out.',
  })
}
