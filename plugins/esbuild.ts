import type { Plugin } from 'esbuild'
import { type LadingPluginOptions, lading } from './index.ts'
import { checkPluginOptions } from './options.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`. */
export interface LadingEsbuild {
  (options?: LadingPluginOptions): Plugin
  new (options?: LadingPluginOptions): Plugin
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugin(options: LadingPluginOptions = {}): Plugin {
  checkPluginOptions(options)
  return lading.esbuild(options)
}

/**
 * Lading for esbuild; the first in the list of plugins. After a build that succeeded it leaves `.lading/build.json` in
 * the site's folder for `lading sync`, and sends the assets itself when `upload` is on. A context is left alone.
 */
const esbuild: LadingEsbuild = createPlugin as LadingEsbuild

export default esbuild
// What `require('lading/esbuild')` gives, so that a CommonJS config can call it.
export { esbuild as 'module.exports' }
