import { project, type WebpackBuild } from './builds.ts'
import {
  type Attempt,
  BROKEN,
  boom,
  EARLIER,
  type FailingBundler,
  type Files,
  fileFor,
  fullDisk,
  SITE,
  throwing,
} from './failing-sources.ts'
import type { KIN } from './rspack-builds.ts'

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

/** Those that only one of them has, or whose errors only one of them hands on. The others: `uncaught.sweep.test.ts`. */
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

export function webpackKin([name, { build }]: (typeof KIN)[number]): FailingBundler {
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
