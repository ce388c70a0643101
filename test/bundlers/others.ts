import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as esbuild from 'esbuild'
import * as rolldown from 'rolldown'
import { type Plugin, rollup, watch } from 'rollup'
import ladingEsbuild, { type LadingPluginOptions } from '../../plugins/esbuild.ts'
import ladingRolldown from '../../plugins/rolldown.ts'
import ladingRollup from '../../plugins/rollup.ts'
import { project, tempFolder } from './builds.ts'

/** One build with the plugin from source. */
export interface OtherBuild {
  readonly options?: LadingPluginOptions
  /** Sources; `src/main.js` is the entry. @default {@link SOURCES} */
  readonly files?: Readonly<Record<string, string>>
  /** Where the sources lie. @default a fresh folder with `files` */
  readonly root?: string
  readonly folder?: string
  /** Which hook throws, in a plugin that stands after ours. */
  readonly failing?: string
  /** @default names with a hash */
  readonly entryNames?: string
  readonly outputs?: number
  readonly external?: string[]
  /** esbuild's. @default 'silent' */
  readonly logLevel?: esbuild.LogLevel
}

export interface OtherBuilt {
  readonly outDir: string
  /** What lading has said in the bundler's own log; esbuild tells only warnings, and those of everybody. */
  readonly said: Said
}

export interface Said {
  readonly info: string[]
  readonly warn: string[]
}

/** A bundler that makes no pages of its own. */
export interface OtherBundler {
  readonly name: 'rollup' | 'rolldown' | 'esbuild'
  /** Hooks in which another plugin may throw. */
  readonly hooks: readonly string[]
  build(build?: OtherBuild): Promise<OtherBuilt>
  /** Builds in watch mode, once, and ends. */
  watch(build: OtherBuild): Promise<OtherBuilt>
}

/** Told apart by their bytes. */
export const SOURCES: Readonly<Record<string, string>> = {
  'src/main.js': `import ship from './ship.png'
import './main.css'
globalThis.shown = [ship]
globalThis.later = () => import('./later.js').then(({ words }) => words)
`,
  'src/later.js': "export const words = 'later'\n",
  'src/main.css': 'body{background:url(./wave.png)}\n',
  'src/ship.png': 'picture of a ship',
  'src/wave.png': 'picture of a wave',
}

const PAGE = '<!doctype html><title>x</title><img src="/img/logo.png">'

interface Place {
  readonly folder: string
  readonly root: string
  readonly outDir: string
  readonly options: LadingPluginOptions
}

/** Public files lie in the output already, as scripts of such projects copy them. */
function place({ files = SOURCES, root = project(files), folder = tempFolder(), options }: OtherBuild): Place {
  const outDir = join(folder, 'dist')
  mkdirSync(join(outDir, 'img'), { recursive: true })
  mkdirSync(join(root, 'public/img'), { recursive: true })
  for (const copy of [outDir, join(root, 'public')]) writeFileSync(join(copy, 'img/logo.png'), 'the logo')
  writeFileSync(join(outDir, 'about.html'), PAGE)
  const own = {
    config: false,
    siteDir: outDir,
    publicDir: join(root, 'public'),
    cacheDir: join(folder, 'cache'),
  } as const
  return { folder, root, outDir, options: { ...own, ...options } }
}

/** Pictures by `ROLLUP_FILE_URL`, style sheets and a page as other plugins emit them. */
function emitter(): Plugin {
  return {
    name: 'emitter',
    load(id) {
      if (!/\.(?:png|css)$/.test(id)) return undefined
      const source = readFileSync(id)
      const reference = this.emitFile({ type: 'asset', name: basename(id), source })
      return {
        code: id.endsWith('.css') ? '' : `export default import.meta.ROLLUP_FILE_URL_${reference}`,
        moduleSideEffects: true,
        // Rolldown goes by the extension otherwise.
        ...{ moduleType: 'js' },
      }
    },
    generateBundle(_output, bundle) {
      // Without a hash, as copies of files that sheets name often are.
      this.emitFile({ type: 'asset', fileName: 'assets/wave.png', source: 'picture of a wave' })
      const entry = Object.values(bundle).find((file) => file.type === 'chunk' && file.isEntry)?.fileName
      const sheet = Object.keys(bundle).find((name) => name.endsWith('.css'))
      const link = sheet === undefined ? '' : `<link rel="stylesheet" href="/${sheet}">`
      const source = `<!doctype html><title>x</title>${link}<script type="module" src="/${entry}"></script>`
      this.emitFile({ type: 'asset', fileName: 'index.html', source })
    },
  }
}

interface Log {
  readonly message: string
  readonly plugin?: string | undefined
}

/** A log handler of Rollup or Rolldown that shows nothing, and keeps what lading says. */
function listen(): { readonly said: Said; onLog(level: string, log: Log): void } {
  const said: Said = { info: [], warn: [] }
  const onLog = (level: string, { message, plugin }: Log): void => {
    if (plugin === 'lading' && (level === 'info' || level === 'warn')) said[level].push(message)
  }
  return { said, onLog }
}

/** Throws in one hook. */
function thrower(hook: string | undefined): Plugin[] {
  const boom = (): never => {
    throw new Error('boom')
  }
  return hook === undefined ? [] : [{ name: 'thrower', [hook]: boom }]
}

/** Those that both have. */
const HOOKS = [
  ...['options', 'buildStart', 'resolveId', 'load', 'transform', 'moduleParsed', 'resolveDynamicImport', 'buildEnd'],
  ...['outputOptions', 'renderStart', 'banner', 'footer', 'intro', 'outro', 'augmentChunkHash', 'renderChunk'],
  ...['generateBundle', 'writeBundle', 'closeBundle'],
]

const names = (entryNames = '[name]-[hash]') => ({
  entryFileNames: `${entryNames}.js`,
  chunkFileNames: 'chunks/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
})

const withRollup: OtherBundler = {
  name: 'rollup',
  hooks: [...HOOKS, 'renderDynamicImport'],
  async build(build = {}) {
    const { root, outDir, options } = place(build)
    const plugins = [emitter(), ladingRollup(options), ...thrower(build.failing)]
    const { said, onLog } = listen()
    const { external = [] } = build
    const bundle = await rollup({ input: join(root, 'src/main.js'), external, plugins, onLog })
    try {
      for (let count = build.outputs ?? 1; count > 0; count -= 1) {
        await bundle.write({ dir: outDir, ...names(build.entryNames) })
      }
    } finally {
      await bundle.close()
    }
    return { outDir, said }
  },
  async watch(build) {
    const { root, outDir, options } = place(build)
    const plugins = [emitter(), ladingRollup(options)]
    const { said, onLog } = listen()
    const watcher = watch({
      input: join(root, 'src/main.js'),
      plugins,
      output: { dir: outDir, ...names() },
      onLog,
    })
    await new Promise<void>((done, fail) => {
      watcher.on('event', async (event) => {
        if (event.code === 'BUNDLE_END' || event.code === 'ERROR') await event.result?.close()
        if (event.code === 'ERROR') fail(event.error)
        if (event.code === 'END') done()
      })
    })
    await watcher.close()
    return { outDir, said }
  },
}

/** Rolldown's plugins have Rollup's hooks by design, in types of its own. */
const forRolldown = (plugins: Plugin[]): rolldown.Plugin[] => plugins as unknown as rolldown.Plugin[]

const withRolldown: OtherBundler = {
  name: 'rolldown',
  hooks: HOOKS,
  async build(build = {}) {
    const { root, outDir, options } = place(build)
    const plugins = [...forRolldown([emitter()]), ladingRolldown(options), ...forRolldown(thrower(build.failing))]
    const { said, onLog } = listen()
    const { external = [] } = build
    const bundle = await rolldown.rolldown({ input: join(root, 'src/main.js'), external, plugins, onLog })
    try {
      for (let count = build.outputs ?? 1; count > 0; count -= 1) {
        await bundle.write({ dir: outDir, ...names(build.entryNames) })
      }
    } finally {
      await bundle.close()
    }
    return { outDir, said }
  },
  async watch(build) {
    const { root, outDir, options } = place(build)
    const plugins = [...forRolldown([emitter()]), ladingRolldown(options)]
    const { said, onLog } = listen()
    const watcher = rolldown.watch({
      input: join(root, 'src/main.js'),
      plugins,
      output: { dir: outDir, ...names() },
      onLog,
    })
    await new Promise<void>((done, fail) => {
      watcher.on('event', async (event) => {
        if (event.code === 'BUNDLE_END' || event.code === 'ERROR') await event.result?.close()
        if (event.code === 'ERROR') fail(event.error)
        if (event.code === 'END') done()
      })
    })
    await watcher.close()
    return { outDir, said }
  },
}

function esbuildOptions(build: OtherBuild): { readonly outDir: string; readonly config: esbuild.BuildOptions } {
  const { root, outDir, options } = place(build)
  const failing: esbuild.Plugin = {
    name: 'thrower',
    setup({ onStart, onResolve, onLoad, onEnd }) {
      const boom = (): never => {
        throw new Error('boom')
      }
      if (build.failing === 'setup') boom()
      if (build.failing === 'onStart') onStart(boom)
      if (build.failing === 'onResolve') onResolve({ filter: /later/ }, boom)
      if (build.failing === 'onLoad') onLoad({ filter: /later/ }, boom)
      if (build.failing === 'onEnd') onEnd(boom)
      if (build.failing === 'onEnd with errors') onEnd(() => ({ errors: [{ text: 'boom' }] }))
    },
  }
  return {
    outDir,
    config: {
      absWorkingDir: root,
      ...{ entryPoints: ['src/main.js'], outdir: outDir, bundle: true, format: 'esm', splitting: true },
      external: build.external ?? [],
      ...{
        entryNames: build.entryNames ?? '[name]-[hash]',
        chunkNames: 'chunks/[name]-[hash]',
        assetNames: 'assets/[name]-[hash]',
      },
      ...{ loader: { '.png': 'file' }, logLevel: 'silent', plugins: [ladingEsbuild(options), failing] },
    },
  }
}

function saidIn(warnings: readonly esbuild.Message[]): Said {
  return { info: [], warn: warnings.map(({ text }) => text) }
}

const withEsbuild: OtherBundler = {
  name: 'esbuild',
  hooks: ['setup', 'onStart', 'onResolve', 'onLoad', 'onEnd', 'onEnd with errors'],
  async build(build = {}) {
    const { outDir, config } = esbuildOptions(build)
    const { warnings } = await esbuild.build({ ...config, logLevel: build.logLevel ?? 'silent' })
    return { outDir, said: saidIn(warnings) }
  },
  async watch(build) {
    const { outDir, config } = esbuildOptions(build)
    const context = await esbuild.context(config)
    await context.rebuild()
    const { warnings } = await context.rebuild()
    await context.dispose()
    return { outDir, said: saidIn(warnings) }
  },
}

export const OTHERS: readonly OtherBundler[] = [withRollup, withRolldown, withEsbuild]
