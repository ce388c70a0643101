import type { Plugin } from 'vite'
import { type LadingPluginOptions, lading } from './index.ts'

export type { LadingPluginOptions } from './options.ts'

/**
 * Lading for Vite 8. After a build that succeeded it leaves `<outDir>/.lading/build.json` for `lading sync`, and sends
 * the assets itself when `upload` is on. The dev server and watch mode are left alone.
 */
const vite: (options?: LadingPluginOptions) => Plugin = (options) => lading.vite(options)

export default vite
// What `require('lading/vite')` gives, so that a CommonJS config can call it.
export { vite as 'module.exports' }
