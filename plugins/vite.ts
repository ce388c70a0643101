import type { Plugin } from 'vite'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { vitePlugin } from './vite-build.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`. */
export interface LadingVite {
  (options?: LadingPluginOptions): Plugin
  new (options?: LadingPluginOptions): Plugin
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugin(options: LadingPluginOptions = {}): Plugin {
  checkPluginOptions(options, 'vite')
  return { name: 'lading', enforce: 'post', ...vitePlugin(options) }
}

/**
 * Lading for Vite 6, 7 and 8. After a build that succeeded it leaves `<outDir>/.lading/build.json` for `lading sync`, and sends
 * the assets itself when `upload` is on. The dev server and watch mode are left alone.
 */
const vite: LadingVite = createPlugin as LadingVite

export default vite
// What `require('lading/vite')` gives, so that a CommonJS config can call it.
export { vite as 'module.exports' }
