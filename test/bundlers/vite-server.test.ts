import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createContext, Script } from 'node:vm'
import type { InlineConfig } from 'vite'
import { describe, expect, it } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/vite.ts'
import { type Built, filesIn, project, recordOf, tempFolder, viteConfig } from './builds.ts'
import { keysIn } from './publishing.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'
const SITE = 'https://www.example.com'

/** What both sides draw: every way to an address that means something on a server too. */
const SHARED = `import pic from './pic.png'
import font from './font.woff2?url'
import sheet from './sheet.css?url'
import sprite from './sprite.svg'
import sum from './sum.wasm?url'
import logo from '/logo.png'
import icons from '/icons.svg'
import data from '/data.json?url'
const glob = import.meta.glob('./pics/*.png', { eager: true, query: '?url', import: 'default' })
import { assetUrl } from 'virtual:lading'
export const urls = { pic, font, sheet, sprite, sum, logo, icons, data, ...glob, runtime: assetUrl('/logo.png'), robots: assetUrl('/robots.txt') }
`
const SPRITE = '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="a"/></svg>'
const FILES = {
  'index.html': '<!doctype html><title>x</title><script type="module" src="/client.js"></script>',
  'client.js': "import { urls } from './shared.js'\nglobalThis.urls = urls",
  'server.js': "export { urls } from './shared.js'",
  'shared.js': SHARED,
  'pic.png': 'pic',
  'pics/one.png': 'one',
  'font.woff2': 'font',
  'sheet.css': "p { background: url('./pic.png') }\nb { background: url(/logo.png) }",
  'sprite.svg': SPRITE,
  'sum.wasm': '\0asm\x01\0\0\0',
  'public/logo.png': 'logo',
  'public/icons.svg': SPRITE,
  'public/data.json': '{}',
  'public/robots.txt': 'User-agent: *',
}

type Urls = Readonly<Record<string, string>>

/** What the client's script says, run without a browser around it. */
function clientUrls(outDir: string): Urls {
  const [script = ''] = filesIn(outDir).filter((path) => /client-|index-/.test(path) && path.endsWith('.js'))
  const text = readFileSync(join(outDir, script), 'utf8')
  const context = createContext({ URL, location: new URL(`${SITE}/app/`), document: NO_PAGE })
  new Script(text).runInContext(context)
  return { ...context.urls }
}

/** Enough of a document for Vite's helper to see that it has nothing to do. */
const NO_PAGE = { createElement: () => ({ relList: { supports: () => true } }) }

async function serverUrls(folder: string): Promise<Urls> {
  const [script = ''] = filesIn(folder).filter((path) => /^server\.m?js$/.test(path))
  const { urls } = await import(pathToFileURL(join(folder, script)).href)
  return urls
}

const serverBuild = (root: string, folder: string) => ({
  outDir: join(folder, 'server'),
  rollupOptions: { input: join(root, 'server.js') },
})

const CASES: readonly (readonly [string, LadingPluginOptions])[] = [
  ['another host with CORS', { url: CDN, cors: true, site: SITE }],
  ['another host without CORS', { url: CDN, site: SITE }],
  ['a path of the site', { url: '/_a/' }],
]

describe.each(VITES)('client and server of $name', ({ vite }) => {
  const asOne = async (options: LadingPluginOptions): Promise<readonly [Urls, Urls, Built]> => {
    const folder = tempFolder()
    const root = project(FILES)
    const environments = { ssr: { consumer: 'server', build: serverBuild(root, folder) } } as const
    const app = { base: '/app/', builder: {}, environments }
    const { config, built } = viteConfig({ root, folder, options: { ...options, rewrite: 'always' }, config: app })
    await (await vite.createBuilder(config)).buildApp()
    return [clientUrls(built.outDir), await serverUrls(join(folder, 'server')), built]
  }

  const oneAfterTheOther = async (options: LadingPluginOptions): Promise<readonly [Urls, Urls, Built]> => {
    const folder = tempFolder()
    const root = project(FILES)
    const base = { root, folder, options: { ...options, rewrite: 'always' } } as const
    const client = viteConfig({ ...base, config: { base: '/app/' } })
    await vite.build(client.config)
    const build = { ...serverBuild(root, folder), ssr: true, copyPublicDir: false }
    await vite.build(viteConfig({ ...base, config: { base: '/app/', build } }).config)
    return [clientUrls(client.built.outDir), await serverUrls(join(folder, 'server')), client.built]
  }

  describe.each(CASES)('on %s', (_where, options) => {
    it.each([
      ['built as one app', asOne],
      ['built one after the other', oneAfterTheOther],
    ])('%s name the same addresses', async (_how, build) => {
      const [client, server, { outDir }] = await build(options)
      expect(Object.keys(client)).toHaveLength(11)
      expect(server).toEqual(client)
      const { files } = recordOf(outDir)
      const keys = files.map(([, key]) => key)
      const url = String(options.url)
      const moved = Object.values(client).filter((address) => address.startsWith(url))
      expect(moved.length).toBeGreaterThan(3)
      for (const address of moved) expect(keys).toContain(address.slice(url.length))
    })
  })
})

/** Keys without their hashes, sorted. */
const namesOf = (keys: readonly string[]): string[] => keys.map((key) => key.replace(/-[\w-]+\./, '.')).sort()

describe.each(VITES)('an app of $name', ({ vite }) => {
  const app = async (
    names: readonly string[],
    outDirOf: (name: string, folder: string) => string,
    buildApp?: NonNullable<InlineConfig['builder']>['buildApp'],
  ): Promise<{ readonly folder: string; readonly log: readonly string[] }> => {
    const folder = tempFolder()
    const root = project(
      Object.fromEntries(names.map((name) => [`${name}.js`, `import p from './${name}.png'\ndocument.title = p`])),
    )
    for (const name of names) project({ [`${name}.png`]: name }, root)
    const environments = Object.fromEntries(
      names.map((name) => [
        name,
        {
          consumer: 'client' as const,
          build: {
            outDir: outDirOf(name, folder),
            emptyOutDir: false,
            rollupOptions: { input: join(root, `${name}.js`) },
          },
        },
      ]),
    )
    const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true }
    const { config, built } = viteConfig({
      root,
      folder,
      options,
      config: { builder: buildApp === undefined ? {} : { buildApp }, environments },
    })
    await (await vite.createBuilder(config)).buildApp()
    return { folder, log: built.log }
  }
  const all: NonNullable<InlineConfig['builder']>['buildApp'] = async (builder) => {
    for (const [name, each] of Object.entries(builder.environments)) {
      if (name !== 'client' && name !== 'ssr') await builder.build(each)
    }
  }

  it('with two environments for browsers in one folder sends the files of both, once', async () => {
    const { folder, log } = await app(['modern', 'old'], (_name, dir) => join(dir, 'dist'), all)
    const { sent } = recordOf(join(folder, 'dist'))
    expect(namesOf(sent)).toEqual(['a/assets/modern.js', 'a/assets/modern.png', 'a/assets/old.js', 'a/assets/old.png'])
    expect(await keysIn(join(folder, 'store'))).toEqual(sent)
    expect(log.filter((line) => line.includes('sent'))).toHaveLength(1)
  })

  it('with two folders for browsers leaves a record in each', async () => {
    const { folder } = await app(['shop', 'admin'], (name, dir) => join(dir, name), all)
    for (const name of ['shop', 'admin']) {
      const { sent } = recordOf(join(folder, name))
      expect(namesOf(sent)).toEqual([`a/assets/${name}.js`, `a/assets/${name}.png`])
    }
  })

  it('of which build() of the JavaScript API builds the client is published as a build, twice as well', async () => {
    const folder = tempFolder()
    const root = project(FILES)
    const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true }
    const { config, built } = viteConfig({ root, folder, options, config: { builder: {} } })
    for (const _round of [1, 2]) {
      await vite.build(config)
      expect(recordOf(built.outDir).sent.length).toBeGreaterThan(3)
    }
    expect(built.log.filter((line) => line.includes('sent'))).toHaveLength(2)
  })

  it('that is built twice in one process is published twice', async () => {
    const folder = tempFolder()
    const root = project(FILES)
    const environments = { ssr: { consumer: 'server', build: serverBuild(root, folder) } } as const
    const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true }
    const { config, built } = viteConfig({ root, folder, options, config: { builder: {}, environments } })
    for (const _round of [1, 2]) await (await vite.createBuilder(config)).buildApp()
    expect(built.log.filter((line) => line.includes('sent'))).toHaveLength(2)
  })
})
