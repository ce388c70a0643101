import { join, resolve } from 'node:path'
import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { type Compiler as RspackCompiler, type RspackOptions, rspack } from '@rspack/core'
import HtmlPlugin from 'html-webpack-plugin'
import type { Compiler } from 'webpack'
import ladingRspack from '../../plugins/rspack.ts'
import {
  type Built,
  buildWebpack,
  tempFolder,
  type WebpackBuild,
  type WebpackBuilt,
  webpackCompiler,
} from './builds.ts'

const root = resolve(import.meta.dirname, '../..')

/** One of the two bundlers that share a config, with what writes its pages. */
export interface Kin {
  /** Rejects when the run does; errors of the compilation come back. */
  build(options?: WebpackBuild): Promise<WebpackBuilt>
  compiler(options: WebpackBuild): { readonly compiler: Compiler; readonly built: Built }
}

/** By name, as the titles of a table want it. */
export const KIN: readonly (readonly [name: string, kin: Kin])[] = [
  ['webpack', { build: buildWebpack, compiler: webpackCompiler }],
  ['rspack', { build: buildRspack, compiler: asWebpack(rspackCompiler) }],
]

/** Builds with Rspack, as `buildWebpack` does with webpack. */
export function buildRspack(options: WebpackBuild = {}): Promise<WebpackBuilt> {
  return runRspack(rspackCompiler(options))
}

/** Rspack with html-webpack-plugin instead of its own HtmlRspackPlugin. */
export function buildRspackHwp({ html, ...options }: WebpackBuild): Promise<WebpackBuilt> {
  return runRspack(rspackCompiler(options, new HtmlPlugin({ template: './src/index.html', ...html })))
}

type Made = { readonly compiler: RspackCompiler; readonly built: Built }

// The tests touch what both compilers have.
function asWebpack(make: (options: WebpackBuild) => Made): Kin['compiler'] {
  return (options) => make(options) as unknown as ReturnType<Kin['compiler']>
}

/** A compiler for examples/webpack (or `root`) with the plugin from source, and Rspack's own plugins for webpack's. */
function rspackCompiler(options: WebpackBuild, page?: HtmlPlugin): Made {
  const folder = options.folder ?? tempFolder()
  const outDir = join(folder, 'dist')
  const log: string[] = []
  // The tests' configs are written for webpack; those that Rspack does not know are not in the table.
  const config = (options.config ?? {}) as RspackOptions
  // Typed for webpack; of the options that tests set, HtmlRspackPlugin has all.
  const html = options.html as ConstructorParameters<typeof rspack.HtmlRspackPlugin>[0]
  const compiler = rspack({
    ...exampleConfig(options.root ?? join(root, 'examples/webpack')),
    ...config,
    infrastructureLogging: { level: 'info', stream: linesInto(log) },
    output: { ...OUTPUT, path: outDir, ...config.output },
    plugins: [
      page ?? new rspack.HtmlRspackPlugin({ template: './src/index.html', ...html }),
      new rspack.CssExtractRspackPlugin({ filename: options.sheets ?? 'css/[name].[contenthash].css' }),
      new rspack.CopyRspackPlugin({ patterns: [{ from: 'public', noErrorOnMissing: true }] }),
      ladingRspack({ cacheDir: join(folder, 'cache'), ...options.options }),
      ...(config.plugins ?? []),
    ],
  })
  return { compiler, built: { outDir, log } }
}

function linesInto(log: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      log.push(...String(chunk).split('\n').filter(Boolean))
      done()
    },
  })
}

const OUTPUT: RspackOptions['output'] = {
  filename: 'js/[name].[contenthash].js',
  assetModuleFilename: 'media/[name].[contenthash][ext]',
  publicPath: '/',
  clean: true,
}

function exampleConfig(context: string): RspackOptions {
  const css = { loader: 'css-loader', options: { url: { filter: (url: string) => !url.startsWith('/') } } }
  return {
    mode: 'production',
    context,
    entry: './src/main.js',
    resolveLoader: { modules: [join(root, 'node_modules')] },
    module: {
      rules: [
        { test: /\.css$/, type: 'javascript/auto', use: [rspack.CssExtractRspackPlugin.loader, css] },
        { test: /\.(?:png|svg|ttf)$/, type: 'asset/resource' },
      ],
    },
  }
}

async function runRspack({ compiler, built }: Made): Promise<WebpackBuilt> {
  const errors = await new Promise<string[]>((done, fail) => {
    compiler.run((error, stats) => {
      const messages = stats?.toJson({ all: false, errors: true }).errors?.map(({ message }) => message) ?? []
      compiler.close((closing) => (error || closing ? fail(withoutColour(error ?? closing)) : done(messages)))
    })
  })
  return { ...built, errors }
}

/** Rspack paints its errors where a CI says that it shows colours, and the words are what the tests read. */
function withoutColour(error: unknown): unknown {
  if (error instanceof Error) error.message = stripVTControlCharacters(error.message)
  return error
}
