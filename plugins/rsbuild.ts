import type { RsbuildPlugin, RsbuildPluginAPI, Rspack } from '@rsbuild/core'
import { checkPluginOptions, type LadingPluginOptions } from './options.ts'
import { applyToWebpack } from './webpack-build.ts'
import { type Ended, publishAll } from './webpack-ends.ts'
import { asWebpack, type Host, RSPACK } from './webpack-kinds.ts'

export type { LadingPluginOptions } from './options.ts'

/** A function, which may also be called with `new`. */
export interface LadingRsbuild {
  (options?: LadingPluginOptions): RsbuildPlugin
  new (options?: LadingPluginOptions): RsbuildPlugin
}

// Called with `new`, it gives the object that it returns; TypeScript does not see that, hence the `as` below.
function createPlugin(options: LadingPluginOptions = {}): RsbuildPlugin {
  checkPluginOptions(options, 'rsbuild')
  return { name: 'lading', apply: 'build', setup: (api) => addToRspack(api, options) }
}

/**
 * `output.assetPrefix` is left alone: code reads it as `process.env.ASSET_PREFIX`, and it is set before watch mode is
 * known. Rspack's `publicPath`, which Rsbuild derives from it, is pointed to the store instead.
 */
function addToRspack(api: RsbuildPluginAPI, options: LadingPluginOptions): void {
  const afterAll = atEndOf(api)
  api.modifyRspackConfig((config, { environment }) => {
    const publicDirs = (): string[] =>
      environment.config.server.publicDir.flatMap(({ name, copyOnBuild }) => (copyOnBuild === false ? [] : [name]))
    config.plugins ??= []
    config.plugins.push({
      apply: (compiler: Rspack.Compiler) =>
        applyToWebpack(asWebpack(compiler), options, { kind: RSPACK, publicDirs, afterAll }),
    })
  })
}

/** Delays publishing to the end of the whole build: another environment, such as a server's, may still fail. */
function atEndOf(api: RsbuildPluginAPI): NonNullable<Host['afterAll']> {
  const ends: Ended[] = []
  api.onBeforeBuild(() => void ends.splice(0))
  api.onAfterBuild({
    order: 'post',
    async handler({ stats }) {
      const all = ends.splice(0)
      if (!stats?.hasErrors()) await publishAll(all)
    },
  })
  return (end) => void ends.push(end)
}

/**
 * Lading for Rsbuild 2, on top of `lading/rspack`: files of `server.publicDir` are named in pages and style sheets as
 * copied ones are.
 */
const rsbuild: LadingRsbuild = createPlugin as LadingRsbuild

export default rsbuild
// What `require('lading/rsbuild')` gives.
export { rsbuild as 'module.exports' }
