import CopyPlugin from 'copy-webpack-plugin'
import HtmlPlugin from 'html-webpack-plugin'
import CssPlugin from 'mini-css-extract-plugin'
// In a project of your own: import lading from 'lading/webpack'
import lading from '../../dist/plugins/webpack.js'

/** Addresses from the root name copied files: css-loader leaves them alone, Lading finds them. */
const css = { loader: 'css-loader', options: { url: { filter: (url) => !url.startsWith('/') } } }

export default {
  mode: 'production',
  context: import.meta.dirname,
  entry: './src/main.js',
  output: {
    path: `${import.meta.dirname}/dist`,
    filename: 'js/[name].[contenthash].js',
    assetModuleFilename: 'media/[name].[contenthash][ext]',
    publicPath: '/',
    clean: true,
  },
  module: {
    rules: [
      { test: /\.css$/, use: [CssPlugin.loader, css] },
      { test: /\.(?:png|svg|ttf)$/, type: 'asset/resource' },
    ],
  },
  plugins: [
    new HtmlPlugin({ template: './src/index.html' }),
    new CssPlugin({ filename: 'css/[name].[contenthash].css' }),
    new CopyPlugin({ patterns: ['public'] }),
    lading({ to: '.lading-store', url: '/_a/', rewrite: 'always' }),
  ],
}
