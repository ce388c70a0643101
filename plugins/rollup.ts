import type { Plugin } from 'rollup'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { rollupHooks } from './rollup-build.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`. */
export interface LadingRollup {
  (options?: LadingPluginOptions): Plugin
  new (options?: LadingPluginOptions): Plugin
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugin(options: LadingPluginOptions = {}): Plugin {
  checkPluginOptions(options)
  return { name: 'lading', ...rollupHooks(options) }
}

/**
 * Lading for Rollup. After a build that succeeded and was closed it leaves `.lading/build.json` in the site's folder for
 * `lading sync`, and sends the assets itself when `upload` is on. Watch mode is left alone.
 */
const rollup: LadingRollup = createPlugin as LadingRollup

export default rollup
// What `require('lading/rollup')` gives, so that a CommonJS config can call it.
export { rollup as 'module.exports' }
