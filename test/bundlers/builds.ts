import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { Writable } from 'node:stream'
import CopyPlugin from 'copy-webpack-plugin'
import HtmlPlugin from 'html-webpack-plugin'
import CssPlugin from 'mini-css-extract-plugin'
import * as vite8 from 'vite'
import { type Compiler, type Configuration, webpack } from 'webpack'
import ladingVite, { type LadingPluginOptions } from '../../plugins/vite.ts'
import ladingWebpack from '../../plugins/webpack.ts'
import { after } from '../rig/tidying.ts'
import type { ViteModule } from './vites.ts'

const examples = resolve(import.meta.dirname, '../../examples')

const folders: string[] = []
after('file', () => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder that lives as long as the test file. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lading-test-'))
  folders.push(folder)
  return folder
}

/** A folder with these files. @param folder default: a fresh one */
export function project(files: Readonly<Record<string, string>>, folder: string = tempFolder()): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** Every file below a folder, sorted, `/`-separated. */
export function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/')).sort()
}

/** The text of the one file whose path matches. */
export function textOf(folder: string, pattern: RegExp): string {
  const [path, ...more] = filesIn(folder).filter((name) => pattern.test(name))
  if (path === undefined || more.length > 0) throw new Error(`${more.length} files too many or none match ${pattern}`)
  return readFileSync(join(folder, path), 'utf8')
}

/** What the plugin wrote for `lading sync`. */
export interface WrittenRecord {
  readonly bundler: string
  readonly url: string
  readonly cors: boolean
  readonly rewritten: boolean
  readonly files: readonly (readonly [path: string, key: string, immutable: boolean])[]
  readonly origin: readonly string[]
  readonly server?: 'all' | readonly string[]
  readonly sent: readonly string[]
  readonly store?: string
}

export function recordOf(outDir: string): WrittenRecord {
  return JSON.parse(readFileSync(join(outDir, '.lading/build.json'), 'utf8'))
}

/** The key that the record gives to a path. */
export function keyOf(record: WrittenRecord, path: string): string | undefined {
  return record.files.find(([file]) => file === path)?.[1]
}

/** Every key that pages, scripts and style sheets of a build name below `url`. */
export function keysNamedIn(outDir: string, url: string): Set<string> {
  const keys = new Set<string>()
  for (const path of filesIn(outDir).filter((name) => /\.(?:html|js|css)$/.test(name))) {
    const parts = readFileSync(join(outDir, path), 'utf8').split(url).slice(1)
    for (const part of parts) keys.add(part.split(/["'`)\s,>?#]/, 1)[0] ?? '')
  }
  return keys
}

/** What a build left, and what it said. */
export interface Built {
  /** Absolute. */
  readonly outDir: string
  /** Our lines in the bundler's log. */
  readonly log: readonly string[]
}

export interface ViteBuild {
  /** @default examples/vite */
  readonly root?: string
  readonly options?: LadingPluginOptions
  readonly config?: vite8.InlineConfig
  /** @default a fresh folder */
  readonly folder?: string
  /** One of `VITES`. @default Vite 8 */
  readonly vite?: ViteModule
}

/** The config of a build with the plugin from source, and the log it writes to. */
export function viteConfig({ root, options, config = {}, folder = tempFolder() }: ViteBuild): {
  readonly config: vite8.InlineConfig
  readonly built: Built
} {
  const outDir = join(folder, 'dist')
  const log: string[] = []
  const info = (line: string): void => {
    if (line.startsWith('lading')) log.push(line)
  }
  const lading = ladingVite({ cacheDir: join(folder, 'cache'), ...options })
  return {
    built: { outDir, log },
    config: {
      root: root ?? join(examples, 'vite'),
      configFile: false,
      logLevel: 'silent',
      customLogger: { ...vite8.createLogger('silent'), info },
      ...config,
      plugins: [lading, config.plugins],
      build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, ...config.build },
    },
  }
}

/** Builds with Vite. Rejects when the build does. */
export async function buildVite(options: ViteBuild = {}): Promise<Built> {
  const { config, built } = viteConfig(options)
  await (options.vite ?? vite8).build(config)
  return built
}

export interface WebpackBuild {
  /** @default examples/webpack */
  readonly root?: string
  readonly options?: LadingPluginOptions
  readonly config?: Configuration
  readonly html?: HtmlPlugin.Options
  /** Name of the style sheets. */
  readonly sheets?: string
  readonly folder?: string
}

export interface WebpackBuilt extends Built {
  /** Messages of a compilation that failed. */
  readonly errors: readonly string[]
}

/** A compiler for the example (or `root`) with the plugin from source. */
export function webpackCompiler(options: WebpackBuild): { readonly compiler: Compiler; readonly built: Built } {
  const folder = options.folder ?? tempFolder()
  const outDir = join(folder, 'dist')
  const log: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log.push(...String(chunk).split('\n').filter(Boolean))
      done()
    },
  })
  const config = options.config ?? {}
  const lading = ladingWebpack({ cacheDir: join(folder, 'cache'), ...options.options })
  const compiler = webpack({
    ...exampleConfig(options.root ?? join(examples, 'webpack')),
    ...config,
    infrastructureLogging: { level: 'info', stream },
    output: { ...OUTPUT, path: outDir, ...config.output },
    plugins: [
      new HtmlPlugin({ template: './src/index.html', ...options.html }),
      new CssPlugin({ filename: options.sheets ?? 'css/[name].[contenthash].css' }),
      new CopyPlugin({ patterns: [{ from: 'public', noErrorOnMissing: true }] }),
      lading,
      ...(config.plugins ?? []),
    ],
  })
  if (compiler === null) throw new Error('webpack made no compiler')
  return { compiler, built: { outDir, log } }
}

const OUTPUT: Configuration['output'] = {
  filename: 'js/[name].[contenthash].js',
  assetModuleFilename: 'media/[name].[contenthash][ext]',
  publicPath: '/',
  clean: true,
}

/** As examples/webpack has it. */
function exampleConfig(context: string): Configuration {
  const css = { loader: 'css-loader', options: { url: { filter: (url: string) => !url.startsWith('/') } } }
  return {
    mode: 'production',
    context,
    entry: './src/main.js',
    resolveLoader: { modules: [resolve(examples, '../node_modules')] },
    module: {
      rules: [
        { test: /\.css$/, use: [CssPlugin.loader, css] },
        { test: /\.(?:png|svg|ttf)$/, type: 'asset/resource' },
      ],
    },
  }
}

/** Builds with webpack. Rejects when the run does; errors of the compilation come back. */
export async function buildWebpack(options: WebpackBuild = {}): Promise<WebpackBuilt> {
  const { compiler, built } = webpackCompiler(options)
  const errors = await new Promise<string[]>((done, fail) => {
    compiler.run((error, stats) => {
      const messages = stats?.toJson({ all: false, errors: true }).errors?.map(({ message }) => message) ?? []
      compiler.close((closing) => (error || closing ? fail(error ?? closing) : done(messages)))
    })
  })
  return { ...built, errors }
}
