import type { Plugin } from 'esbuild'
import { esbuildSetup } from './esbuild-build.ts'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`. */
export interface LadingEsbuild {
  (options?: LadingPluginOptions): Plugin
  new (options?: LadingPluginOptions): Plugin
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugin(options: LadingPluginOptions = {}): Plugin {
  checkPluginOptions(options)
  return { name: 'lading', setup: esbuildSetup(options) }
}

/**
 * Lading for esbuild; the first in the list of plugins. After a build that succeeded it leaves `.lading/build.json` in
 * the site's folder for `lading sync`, and sends the assets itself when `upload` is on. A context is left alone.
 */
const esbuild: LadingEsbuild = createPlugin as LadingEsbuild

export default esbuild
// What `require('lading/esbuild')` gives, so that a CommonJS config can call it.
export { esbuild as 'module.exports' }
