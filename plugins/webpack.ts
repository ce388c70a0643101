import type { WebpackPluginInstance } from 'webpack'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { applyToWebpack } from './webpack-build.ts'
import { WEBPACK } from './webpack-kinds.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`, as other plugins of webpack are. */
export interface LadingWebpack {
  (options?: LadingPluginOptions): WebpackPluginInstance
  new (options?: LadingPluginOptions): WebpackPluginInstance
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugin(options: LadingPluginOptions = {}): WebpackPluginInstance {
  checkPluginOptions(options, 'webpack')
  return { apply: (compiler) => applyToWebpack(compiler, options, { kind: WEBPACK, publicDirs: () => [] }) }
}

/**
 * Lading for webpack 5, with html-webpack-plugin where there are pages. After a build that succeeded it leaves
 * `<output.path>/.lading/build.json` for `lading sync`, and sends the assets itself when `upload` is on. Watch mode and
 * the dev server are left alone.
 */
const webpack: LadingWebpack = createPlugin as LadingWebpack

export default webpack
// What `require('lading/webpack')` gives, so that a CommonJS config can call it.
export { webpack as 'module.exports' }
