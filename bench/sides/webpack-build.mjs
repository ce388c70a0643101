// One build of the application in `process.argv[2]` with webpack, in a process of its own; `on` as the next argument:
// with the plugin.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import CopyPlugin from 'copy-webpack-plugin'
import HtmlPlugin from 'html-webpack-plugin'
import CssPlugin from 'mini-css-extract-plugin'
import webpack from 'webpack'

const [root, state] = process.argv.slice(2)
const page = readFileSync(join(root, 'index.html'), 'utf8')
const plugins = [
  // webpack writes the script's tag itself.
  new HtmlPlugin({ templateContent: page.replace(/<script.*<\/script>/, '') }),
  new CssPlugin({ filename: 'css/[name].[contenthash].css' }),
  new CopyPlugin({ patterns: ['public'] }),
]
if (state === 'on') {
  const { default: lading } = await import('../../dist/plugins/webpack.js')
  const cacheDir = join(root, 'cache')
  plugins.push(lading({ url: 'https://cdn.example.com/', cors: true, rewrite: 'always', upload: false, cacheDir }))
}
const compiler = webpack({
  mode: 'production',
  context: root,
  entry: './src/main.ts',
  output: {
    path: join(root, 'dist-webpack'),
    filename: 'js/[name].[contenthash].js',
    assetModuleFilename: 'media/[name].[contenthash][ext]',
    clean: true,
  },
  module: {
    rules: [
      { test: /\.tsx?$/, use: new URL('tsx-loader.mjs', import.meta.url).pathname },
      { test: /\.css$/, use: [CssPlugin.loader, import.meta.resolve('css-loader').replace('file://', '')] },
      { test: /\.png$/, type: 'asset/resource' },
    ],
  },
  plugins,
  // What it has kept is what most builds start with, and each state has its own.
  cache: { type: 'filesystem', cacheDirectory: join(root, 'webpack-cache', state) },
  performance: false,
  stats: 'none',
})
compiler.run((error, stats) => {
  if (error || stats?.hasErrors()) {
    console.error(error ?? stats.toString('errors-only'))
    process.exitCode = 1
  }
  compiler.close(() => undefined)
})
