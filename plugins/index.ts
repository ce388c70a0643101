import type { Compiler as RspackCompiler } from '@rspack/core'
import { createUnplugin, type UnpluginInstance } from 'unplugin'
import type { Compiler } from 'webpack'
import { esbuildSetup } from './esbuild-build.ts'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { rollupHooks } from './rollup-build.ts'
import { vitePlugin } from './vite-build.ts'
import { applyToWebpack } from './webpack-build.ts'
import { RSPACK, WEBPACK } from './webpack-kinds.ts'

export type { LadingPluginOptions } from './options.ts'

/**
 * The plugin for every bundler. unplugin's common hooks cannot tell a build that failed from one that succeeded, so each
 * bundler is served by its own hooks, and only the options and what happens at the end are shared.
 * @throws E_CONFIG for options that do not exist
 */
export const lading: UnpluginInstance<LadingPluginOptions | undefined, false> = createUnplugin(
  (options = {}, { framework }) => {
    checkPluginOptions(options, framework)
    return {
      name: 'lading',
      enforce: 'post',
      vite: vitePlugin(options),
      rollup: rollupHooks(options),
      rolldown: rollupHooks(options),
      esbuild: { setup: esbuildSetup(options) },
      webpack: (compiler) => applyToWebpack(compiler, options, { kind: WEBPACK, publicDirs: () => [] }),
      rspack: (compiler) => applyToWebpack(asWebpack(compiler), options, { kind: RSPACK, publicDirs: () => [] }),
    }
  },
)

/** Rspack has webpack's interface by design, written down in types of its own; what differs is in `RSPACK`. */
export function asWebpack(compiler: RspackCompiler): Compiler {
  return compiler as unknown as Compiler
}
