import { createUnplugin, type UnpluginInstance } from 'unplugin'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { vitePlugin } from './vite-build.ts'
import { applyToWebpack } from './webpack-build.ts'

export type { LadingPluginOptions } from './options.ts'

/**
 * The plugin for every bundler. unplugin's common hooks cannot tell a build that failed from one that succeeded, so each
 * bundler is served by its own hooks, and only the options and what happens at the end are shared.
 * @throws E_CONFIG for options that do not exist
 */
export const lading: UnpluginInstance<LadingPluginOptions | undefined, false> = createUnplugin((options = {}) => {
  checkPluginOptions(options)
  return {
    name: 'lading',
    enforce: 'post',
    vite: vitePlugin(options),
    webpack: (compiler) => applyToWebpack(compiler, options),
  }
})
