import { resolve } from 'node:path'
import { rspack } from '@rspack/core'
// In a project of your own: import lading from 'lading/rspack'
import lading from '../../dist/plugins/rspack.js'

const { HtmlRspackPlugin, CssExtractRspackPlugin, CopyRspackPlugin } = rspack

/** Addresses from the root name copied files: css-loader leaves them alone, Lading finds them. */
const css = { loader: 'css-loader', options: { url: { filter: (url) => !url.startsWith('/') } } }

export default {
  mode: 'production',
  // The same site as examples/webpack, and its sources.
  context: resolve(import.meta.dirname, '../webpack'),
  entry: './src/main.js',
  output: {
    path: resolve(import.meta.dirname, 'dist'),
    filename: 'js/[name].[contenthash].js',
    assetModuleFilename: 'media/[name].[contenthash][ext]',
    publicPath: '/',
    clean: true,
  },
  module: {
    rules: [
      { test: /\.css$/, type: 'javascript/auto', use: [CssExtractRspackPlugin.loader, css] },
      { test: /\.(?:png|svg|ttf)$/, type: 'asset/resource' },
    ],
  },
  plugins: [
    new HtmlRspackPlugin({ template: './src/index.html' }),
    new CssExtractRspackPlugin({ filename: 'css/[name].[contenthash].css' }),
    new CopyRspackPlugin({ patterns: ['public'] }),
    lading({ to: resolve(import.meta.dirname, '.lading-store'), url: '/_a/', rewrite: 'always' }),
  ],
}
