import { join } from 'node:path'
import { type RspackOptions, rspack } from '@rspack/core'
import { type Compiler, type Configuration, type MultiCompiler, webpack } from 'webpack'
import ladingRspack from '../../plugins/rspack.ts'
import ladingWebpack, { type LadingPluginOptions } from '../../plugins/webpack.ts'
import { project, tempFolder } from './builds.ts'

/** A config of the array: for browsers or for a server. */
export interface Side {
  readonly name: 'client' | 'admin' | 'server'
  /** @default nothing fails */
  readonly fails?: 'an import that leads nowhere' | 'a plugin that throws' | 'a plugin that throws before it runs'
  /** Folder that it writes into. @default its name */
  readonly into?: string
  /** Folder of its sources. @default that of all others */
  readonly context?: string
  /** A file that it copies. @default none */
  readonly copies?: string
  /** @default none */
  readonly dependencies?: readonly Side['name'][]
  /** @default the plugin, which uploads */
  readonly options?: LadingPluginOptions | 'no plugin'
}

export interface Several {
  /** Has a store in `store`, and an output for each side by its name. */
  readonly folder: string
  readonly compiler: MultiCompiler
  /** The sources of a side, to be written anew. */
  readonly sourceOf: (name: Side['name']) => string
}

export interface SeveralOptions {
  readonly parallelism?: number
}

type Make = (sides: readonly Side[], options?: SeveralOptions) => Several

const thrower = {
  apply: ({ hooks }: Compiler): void =>
    hooks.make.tap('thrower', () => {
      throw new Error('boom')
    }),
}

const earlyThrower = {
  apply: ({ hooks }: Compiler): void =>
    hooks.beforeRun.tap('thrower', () => {
      throw new Error('boom')
    }),
}

/** As the plugins for copying do it. */
const copier = (name: string) => ({
  apply: (compiler: Compiler): void =>
    compiler.hooks.thisCompilation.tap('copier', (compilation) => {
      compilation.hooks.processAssets.tap({ name: 'copier', stage: -2000 }, () =>
        compilation.emitAsset(name, new compiler.webpack.sources.RawSource(`of ${name}`), {
          copied: true,
          sourceFilename: name,
        }),
      )
    }),
})

const SOURCES = {
  'client.js': "document.title = 'client'\n",
  'admin.js': "document.title = 'admin'\n",
  'server.js': "import './a.png'\nconsole.log('server')\n",
  'a.png': 'x',
}

function configOf(side: Side, { folder, root }: { folder: string; root: string }, lading: typeof ladingWebpack) {
  const { name, fails, into = name, context = root, copies, dependencies = [], options = {} } = side
  const upload = { url: 'https://cdn.example.com/x/', cors: true, to: join(folder, 'store'), upload: true } as const
  const config: Configuration = {
    name,
    mode: 'production',
    infrastructureLogging: { level: 'error' },
    context,
    entry: join(root, `${name}.js`),
    dependencies: [...dependencies],
    target: name === 'server' ? 'node' : 'web',
    module: { rules: [{ test: /\.png$/, type: 'asset/resource' }] },
    output: {
      path: join(folder, into),
      filename: name === 'server' ? 'server.js' : `${name}.[contenthash].js`,
      publicPath: '/',
    },
    plugins: [
      ...(copies === undefined ? [] : [copier(copies)]),
      ...(options === 'no plugin' ? [] : [lading({ ...upload, cacheDir: join(folder, 'cache'), ...options })]),
      ...(fails === 'a plugin that throws' ? [thrower] : []),
      ...(fails === 'a plugin that throws before it runs' ? [earlyThrower] : []),
    ],
  }
  return config
}

function maker(lading: typeof ladingWebpack, bundle: (configs: Configuration[]) => MultiCompiler): Make {
  return (sides, { parallelism } = {}) => {
    const folder = tempFolder()
    const broken = sides.filter(({ fails }) => fails === 'an import that leads nowhere')
    const root = project({
      ...SOURCES,
      ...Object.fromEntries(broken.map(({ name }) => [`${name}.js`, "import './not-there.js'\n"])),
    })
    const configs = sides.map((side) => configOf(side, { folder, root }, lading))
    const compiler = bundle(parallelism === undefined ? configs : Object.assign(configs, { parallelism }))
    return { folder, compiler, sourceOf: (name) => join(root, `${name}.js`) }
  }
}

/** Both bundlers, by name. The configs hold what both know, and the tests call what both compilers have. */
export const SEVERAL: readonly (readonly [name: string, make: Make])[] = [
  ['webpack', maker(ladingWebpack, (configs) => webpack(configs) as unknown as MultiCompiler)],
  [
    'rspack',
    maker(
      ladingRspack as unknown as typeof ladingWebpack,
      (configs) => rspack(configs as readonly RspackOptions[]) as unknown as MultiCompiler,
    ),
  ],
]

type Result = { hasErrors(): boolean; toString(options: object): string }
type Runs = { run(callback: (error: Error | null, stats?: Result) => void): void }

/**
 * Runs one compiler or several, until none is at work: a run fails while others of it go on. Rejects when the run does, or
 * what it compiled has errors.
 */
export async function run(compiler: Runs & (Compiler | MultiCompiler)): Promise<void> {
  const failure = await new Promise<Error | undefined>((done) => {
    compiler.run((error, stats) => {
      const errors = stats?.hasErrors() ? new Error(stats.toString({ all: false, errors: true })) : undefined
      done(error ?? errors)
    })
  })
  await Promise.all(('compilers' in compiler ? compiler.compilers : [compiler]).map(idle))
  if (failure !== undefined) throw failure
}

async function idle({ running, hooks }: Compiler): Promise<void> {
  if (running) await new Promise<void>((done) => hooks.afterDone.tap('idle', () => done()))
}
