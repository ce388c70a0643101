import type { Plugin } from 'rolldown'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { rollupHooks } from './rollup-build.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`. */
export interface LadingRolldown {
  (options?: LadingPluginOptions): Plugin
  new (options?: LadingPluginOptions): Plugin
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugin(options: LadingPluginOptions = {}): Plugin {
  checkPluginOptions(options)
  return { name: 'lading', ...rollupHooks(options) }
}

/**
 * Lading for Rolldown. After a build that succeeded and was closed it leaves `.lading/build.json` in the site's folder for
 * `lading sync`, and sends the assets itself when `upload` is on. Watch mode is left alone.
 */
const rolldown: LadingRolldown = createPlugin as LadingRolldown

export default rolldown
// What `require('lading/rolldown')` gives, so that a CommonJS config can call it.
export { rolldown as 'module.exports' }
