import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RsbuildPluginAPI } from '@rsbuild/core'
import type { LadingPluginOptions } from '../../plugins/webpack.ts'
import { project, type WebpackBuild } from './builds.ts'
import { OTHERS, SOURCES } from './others.ts'
import { buildRsbuild } from './rsbuild-builds.ts'
import { KIN } from './rspack-builds.ts'

export interface Attempt {
  /** The output goes to `<folder>/dist`. */
  readonly folder: string
  readonly options: LadingPluginOptions
}

/** One way to fail. */
export interface Failure {
  readonly what: string
  /** Spoils the output's folder before the build. */
  readonly spoil?: (outDir: string) => void
  /** Rejects. */
  build(attempt: Attempt): Promise<unknown>
}

export interface FailingBundler {
  readonly name: string
  readonly failures: readonly Failure[]
  /** The application as it was before, and nothing that fails. */
  earlier(attempt: Attempt): Promise<unknown>
}

type Files = Readonly<Record<string, string>>

const SITE: Files = {
  'src/index.html': '<!doctype html><title>x</title><img src="/logo.png">',
  'src/main.js': "import('./later.js').then(({ words }) => { document.title = words })\n",
  'src/later.js': "export const words = 'later'\n",
  'public/logo.png': 'the logo',
}

const EARLIER: Files = { 'src/later.js': "export const words = 'earlier'\n" }

/** Sources that no bundler can build. */
const BROKEN: Readonly<Record<string, Files>> = {
  'an import that leads nowhere': { 'src/later.js': "import './not-there.js'\n" },
  'code that cannot be parsed': { 'src/later.js': 'let = = 1\n' },
}

const boom = (): never => {
  throw new Error('boom')
}

/** Where a folder has to be, there is a file. */
function fileFor(folder: string): NonNullable<Failure['spoil']> {
  return (outDir) => {
    rmSync(join(outDir, folder), { recursive: true, force: true })
    mkdirSync(outDir, { recursive: true })
    writeFileSync(join(outDir, folder), 'in the way')
  }
}

/** Every write to this file of the output fails as on a full disk. https://man7.org/linux/man-pages/man4/full.4.html */
function fullDisk(file: string): NonNullable<Failure['spoil']> {
  return (outDir) => {
    mkdirSync(dirname(join(outDir, file)), { recursive: true })
    rmSync(join(outDir, file), { force: true })
    symlinkSync('/dev/full', join(outDir, file))
  }
}

/** Hooks of the compiler, and of a compilation, whose errors both bundlers hand to the callback of a run. */
const HOOKS = ['beforeRun', 'run', 'beforeCompile', 'make', 'finishMake', 'afterCompile', 'emit', 'assetEmitted']
const LATE_HOOKS = ['afterEmit', 'done']
const COMPILATION_HOOKS = [
  'finishModules',
  'optimizeTree',
  'optimizeChunkModules',
  'processAssets',
  'afterSeal',
  'chunkHash',
]

/** Those that only one of them has, or whose errors only one of them hands on. The others: `uncaught.test.ts`. */
const OWN_HOOKS: Readonly<Record<string, { readonly compiler: readonly string[]; readonly made: readonly string[] }>> =
  {
    webpack: { compiler: ['readRecords', 'emitRecords'], made: ['contentHash', 'renderManifest', 'chunkAsset'] },
    rspack: {
      compiler: ['thisCompilation', 'compilation', 'shouldEmit'],
      made: [
        ...['buildModule', 'succeedModule', 'seal', 'optimizeModules', 'afterOptimizeModules', 'beforeModuleIds'],
        ...['additionalTreeRuntimeRequirements', 'runtimeModule', 'afterProcessAssets'],
      ],
    },
  }

type Plugin = NonNullable<NonNullable<WebpackBuild['config']>['plugins']>[number]
type Tappable = Readonly<Record<string, { tap(name: string, run: () => never): void } | undefined>>

/** By name: the lists above hold what each bundler has. */
function throwIn(hooks: object, name: string): void {
  const hook = (hooks as Tappable)[name]
  if (hook === undefined) throw new Error(`there is no hook ${name}`)
  hook.tap('thrower', boom)
}

const inCompiler = (name: string): Plugin => ({ apply: ({ hooks }) => throwIn(hooks, name) })
const inCompilation = (name: string): Plugin => ({
  apply: ({ hooks }) => hooks.compilation.tap('thrower', (made) => throwIn(made.hooks, name)),
})
const addingError: Plugin = {
  apply: ({ hooks, webpack }) =>
    hooks.thisCompilation.tap('x', ({ errors }) => void errors.push(new webpack.WebpackError('boom'))),
}

const THROWING_LOADER: Pick<WebpackBuild, 'config'> = {
  config: { module: { rules: [{ test: /later\.js$/, loader: './loader.cjs' }] }, resolveLoader: {} },
}

function webpackKin([name, { build }]: (typeof KIN)[number]): FailingBundler {
  const { compiler = [], made = [] } = OWN_HOOKS[name] ?? {}
  const whole = async ({ config, root = project(SITE), ...more }: WebpackBuild): Promise<void> => {
    const optimization = { minimize: false, ...config?.optimization }
    const { errors } = await build({ ...more, root, config: { ...config, optimization } })
    if (errors.length > 0) throw new Error(errors.join('\n'))
  }
  const broken = (files: Files, more: Partial<WebpackBuild> = {}) => {
    return (attempt: Attempt) => whole({ root: project({ ...SITE, ...files }), ...attempt, ...more })
  }
  const withPlugin = (plugin: Plugin) => (attempt: Attempt) => whole({ ...attempt, config: { plugins: [plugin] } })
  // What is in the way would be cleaned away.
  const unclean = (attempt: Attempt) => whole({ ...attempt, config: { output: { clean: false } } })
  const notThere = BROKEN['an import that leads nowhere'] ?? {}
  return {
    name,
    earlier: broken(EARLIER),
    failures: [
      ...Object.entries(BROKEN).map(([what, files]) => ({ what, build: broken(files) })),
      {
        what: 'an import that leads nowhere, where files are emitted all the same',
        build: broken(notThere, { config: { optimization: { emitOnErrors: true } } }),
      },
      {
        what: 'a loader that throws',
        build: broken({ 'loader.cjs': "module.exports = () => { throw new Error('boom') }" }, THROWING_LOADER),
      },
      { what: 'an error that a plugin adds', build: withPlugin(addingError) },
      { what: 'a file where a folder of the output should be', spoil: fileFor('js'), build: unclean },
      { what: 'a full disk', spoil: fullDisk('index.html'), build: unclean },
      ...[...HOOKS, ...LATE_HOOKS, ...compiler].map((hook) => throwing(hook, withPlugin(inCompiler(hook)))),
      ...[...COMPILATION_HOOKS, ...made].map((hook) => throwing(hook, withPlugin(inCompilation(hook)))),
    ],
  }
}

function throwing(hook: string, build: Failure['build']): Failure {
  return { what: `another plugin throwing in ${hook}`, build }
}

const RSBUILD_HOOKS = [
  ...['modifyRsbuildConfig', 'modifyEnvironmentConfig', 'modifyBundlerChain', 'modifyRspackConfig'],
  ...['onBeforeCreateCompiler', 'onAfterCreateCompiler', 'onBeforeBuild', 'onBeforeEnvironmentCompile'],
  ...['modifyHTMLTags', 'modifyHTML', 'onAfterEnvironmentCompile', 'onAfterBuild'],
] as const

function withRsbuild(): FailingBundler {
  const html = { template: './src/index.html' }
  const files = { ...SITE, 'src/index.js': "import './main.js'\n" }
  const build = (attempt: Attempt, more: Files = {}, setup?: (api: RsbuildPluginAPI) => void): Promise<unknown> => {
    const plugins = setup ? [{ name: 'thrower', setup }] : []
    const config = { html, plugins, output: { cleanDistPath: false } }
    return buildRsbuild({ root: project({ ...files, ...more }), ...attempt, config })
  }
  const withSetup = (setup: (api: RsbuildPluginAPI) => void) => (attempt: Attempt) => build(attempt, {}, setup)
  return {
    name: 'rsbuild',
    earlier: (attempt) => build(attempt, EARLIER),
    failures: [
      ...Object.entries(BROKEN).map(([what, more]) => ({ what, build: (attempt: Attempt) => build(attempt, more) })),
      {
        what: 'an import that leads nowhere, where files are emitted all the same',
        build: (attempt) =>
          build(attempt, BROKEN['an import that leads nowhere'], ({ modifyRspackConfig }) =>
            modifyRspackConfig((config) => {
              config.optimization = { ...config.optimization, emitOnErrors: true }
            }),
          ),
      },
      { what: 'a file where a folder of the output should be', spoil: fileFor('static'), build: (to) => build(to) },
      { what: 'a full disk', spoil: fullDisk('index.html'), build: (attempt) => build(attempt) },
      throwing(
        'transform',
        withSetup(({ transform }) => transform({ test: /later\.js$/ }, boom)),
      ),
      throwing(
        'resolve',
        withSetup(({ resolve }) => resolve(boom)),
      ),
      throwing(
        'processAssets',
        withSetup(({ processAssets }) => processAssets({ stage: 'report' }, boom)),
      ),
      ...RSBUILD_HOOKS.map((hook) =>
        throwing(
          hook,
          withSetup((api) => api[hook](boom)),
        ),
      ),
    ],
  }
}

function other({ name, build, hooks }: (typeof OTHERS)[number]): FailingBundler {
  const whole = (attempt: Attempt): Promise<unknown> => build(attempt)
  return {
    name,
    earlier: (attempt) => build({ ...attempt, files: { ...SOURCES, ...EARLIER } }),
    failures: [
      ...Object.entries(BROKEN).map(([what, more]) => ({
        what,
        build: (attempt: Attempt) => build({ ...attempt, files: { ...SOURCES, ...more } }),
      })),
      { what: 'a file where a folder of the output should be', spoil: fileFor('chunks'), build: whole },
      {
        what: 'a full disk',
        spoil: fullDisk('main.js'),
        build: (attempt) => build({ ...attempt, entryNames: '[name]' }),
      },
      ...hooks.map((failing) => throwing(failing, (attempt) => build({ ...attempt, failing }))),
    ],
  }
}

/** Every bundler besides Vite, whose own table is `vite-publish.test.ts`. */
export const FAILING: readonly FailingBundler[] = [...KIN.map(webpackKin), withRsbuild(), ...OTHERS.map(other)]
