import type { Plugin } from 'vite'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { vitePlugins } from './vite-build.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`. What it gives goes into Vite's `plugins` as it is. */
export interface LadingVite {
  (options?: LadingPluginOptions): Plugin[]
  new (options?: LadingPluginOptions): Plugin[]
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugins(options: LadingPluginOptions = {}): Plugin[] {
  checkPluginOptions(options, 'vite')
  return vitePlugins(options)
}

/**
 * Lading for Vite 6, 7 and 8. After a build that succeeded it leaves `<outDir>/.lading/build.json` for `lading sync`, and sends
 * the assets itself when `upload` is on. The dev server and watch mode are left alone.
 */
const vite: LadingVite = createPlugins as LadingVite

export default vite
// What `require('lading/vite')` gives, so that a CommonJS config can call it.
export { vite as 'module.exports' }
