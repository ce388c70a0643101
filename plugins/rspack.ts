import type { RspackPluginInstance } from '@rspack/core'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { applyToWebpack } from './webpack-build.ts'
import { asWebpack, RSPACK } from './webpack-kinds.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`, as other plugins of Rspack are. */
export interface LadingRspack {
  (options?: LadingPluginOptions): RspackPluginInstance
  new (options?: LadingPluginOptions): RspackPluginInstance
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugin(options: LadingPluginOptions = {}): RspackPluginInstance {
  checkPluginOptions(options, 'rspack')
  return {
    apply: (compiler) => applyToWebpack(asWebpack(compiler), options, { kind: RSPACK, publicDirs: () => [] }),
  }
}

/**
 * Lading for Rspack 1 and 2, with HtmlRspackPlugin or html-webpack-plugin where there are pages. After a build that
 * succeeded it leaves `<output.path>/.lading/build.json` for `lading sync`, and sends the assets itself when `upload` is
 * on. Watch mode, the dev server and `mode: 'development'` are left alone.
 */
const rspack: LadingRspack = createPlugin as LadingRspack

export default rspack
// What `require('lading/rspack')` gives, so that a CommonJS config can call it.
export { rspack as 'module.exports' }
