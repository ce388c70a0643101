import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { HtmlConfig } from '@rsbuild/core'
import { rspack } from '@rspack/core'
import { describe, expect } from 'vitest'
import { buildRsbuild } from '../bundlers/rsbuild-builds.ts'
import { visit } from '../rig/browser.ts'
import { useChromium } from './chromium.ts'
import { ARRANGEMENTS, offload, serveUntouched } from './offload.ts'
import { held } from './setting.ts'

const { browser, inBrowser } = useChromium()
const { ModuleFederationPluginV1 } = rspack.container

const WIDGET = `import crane from './crane.svg'
  export default () => { const image = new Image(8, 8); image.src = crane; document.body.append(image); return image.decode() }`

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

/** A browser looks for one that no page names, and complains. */
const NO_ICON: HtmlConfig = { tags: [{ tag: 'link', attrs: { rel: 'icon', href: 'data:,' } }] }

describe('module federation, by Rsbuild', () => {
  /** A remote whose chunks are at a CDN, and a page of another site that uses it. */
  const sites = held(async (work) => {
    const [remoteRoot, hostRoot] = [join(work, 'remote'), join(work, 'host')]
    const crane = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><!--${'x'.repeat(20_000)}--></svg>`
    write(remoteRoot, { 'src/index.js': 'import("./widget.js")', 'src/widget.js': WIDGET, 'src/crane.svg': crane })
    const exposes = { './widget': './src/widget.js' }
    const remote = await offload(
      async (url) => {
        const plugins = [new ModuleFederationPluginV1({ name: 'yard', filename: 'remoteEntry.js', exposes })]
        const options = { url, cors: true, rewrite: 'always' } as const
        const { outDir } = await buildRsbuild({ root: remoteRoot, options, config: { tools: { rspack: { plugins } } } })
        return outDir
      },
      work,
      ARRANGEMENTS[0],
    )
    write(hostRoot, {
      'src/index.js': `import('yard/widget').then((it) => it.default()).then(() => { document.title = 'shown' })`,
    })
    const plugins = [
      new ModuleFederationPluginV1({ name: 'host', remotes: { yard: `yard@${remote.url}remoteEntry.js` } }),
    ]
    const { outDir } = await buildRsbuild({ root: hostRoot, config: { html: NO_ICON, tools: { rspack: { plugins } } } })
    const host = await serveUntouched(outDir)
    const close = async (): Promise<void> => {
      await host.close()
      await remote.close()
    }
    return { value: { remote, host }, close }
  })

  inBrowser('a page takes the entry from the remote site, and its chunks and pictures from the CDN', async () => {
    const chromium = browser()
    if (chromium === undefined) throw new Error('there is no browser')
    const { remote, host } = sites()
    const { network, consoleErrors, pageErrors, title } = await visit(chromium, host.url, {
      act: async (page) => void (await page.waitForFunction('document.title === "shown"')),
    })
    expect([...consoleErrors, ...pageErrors]).toEqual([])
    expect(title).toBe('shown')
    const ofRemote = network.filter(({ url }) => url.startsWith(remote.url)).map(({ url }) => url)
    expect(ofRemote).toEqual([`${remote.url}remoteEntry.js`])
    const ofCdn = network.filter(({ url }) => url.startsWith(remote.cdn)).map(({ type }) => type)
    expect([...new Set(ofCdn)].sort()).toEqual(['image', 'script'])
  })
})
