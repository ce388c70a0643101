import { rspack } from '@rspack/core'
import { describe, expect, it } from 'vitest'
import { type Compiler, container, type WebpackPluginInstance } from 'webpack'
import { project, recordOf, textOf } from './builds.ts'
import { KIN } from './rspack-builds.ts'

const CDN = 'https://cdn.example.com/x/'
const always = { url: CDN, cors: true, rewrite: 'always' } as const

const files = {
  'src/index.html': '<p>x</p>',
  'src/main.js': 'document.title = "x"',
  'src/button.js': 'export default "button"',
}

/** Writes the manifest when and as those of `@module-federation/enhanced` and of Rspack do. */
function manifest(compiler: Compiler): void {
  const { Compilation, sources } = compiler.webpack
  compiler.hooks.thisCompilation.tap('manifest', (compilation) => {
    const stage = Compilation.PROCESS_ASSETS_STAGE_OPTIMIZE_TRANSFER
    compilation.hooks.processAssets.tap({ name: 'manifest', stage }, () => {
      const [name] = compilation
        .getAssets()
        .flatMap((asset) => (asset.name.startsWith('remoteEntry') ? asset.name : []))
      const publicPath = String(compilation.outputOptions.publicPath)
      const metaData = { publicPath, remoteEntry: { name, path: '', type: 'global' } }
      compilation.emitAsset('mf-manifest.json', new sources.RawSource(JSON.stringify({ metaData })))
    })
  })
}

describe.each(KIN)('the entry of a federation that %s makes', (name, { build }) => {
  const federate = (filename: string, more: readonly WebpackPluginInstance[] = []) => {
    const options = { name: 'shop', filename, exposes: { './button': './src/button.js' } }
    const plugin =
      name === 'webpack'
        ? new container.ModuleFederationPlugin(options)
        : // The tests' table has webpack's type for the plugins of both.
          (new rspack.container.ModuleFederationPluginV1(options) as unknown as WebpackPluginInstance)
    return build({ root: project(files), options: always, config: { plugins: [plugin, ...more] } })
  }

  it('moves when its name has a hash, and is found by its manifest', async () => {
    const { outDir, errors } = await federate('remoteEntry.[contenthash].js', [{ apply: manifest }])
    expect(errors).toEqual([])
    const { files: moved, origin } = recordOf(outDir)
    expect(origin).toEqual([])
    const { metaData } = JSON.parse(textOf(outDir, /^mf-manifest\.json$/))
    expect(metaData.publicPath).toBe(`${CDN}a/`)
    expect(moved.map(([, key]) => key)).toContain(`a/${metaData.remoteEntry.name}`)
  })

  it('stays when its name is fixed, with a warning where a manifest looks for it in the store', async () => {
    const { outDir, errors, log } = await federate('remoteEntry.js', [{ apply: manifest }])
    expect(errors).toEqual([])
    expect(recordOf(outDir).origin).toEqual(['remoteEntry.js'])
    expect(log.join('\n')).toMatch(
      /mf-manifest\.json looks for the entry [^\n]*https:\/\/cdn\.example\.com\/x\/a\/remoteEntry\.js[\s\S]*filename: 'remoteEntry\.\[contenthash\]\.js'/,
    )
  })

  it('stays without a manifest', async () => {
    const { outDir, errors, log } = await federate('remoteEntry.js')
    expect(errors).toEqual([])
    expect(log.filter((line) => line.includes('federation'))).toEqual([])
    expect(recordOf(outDir).origin).toEqual(['remoteEntry.js'])
  })
})
