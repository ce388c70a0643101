import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, Script } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/vite.ts'
import { createAssetUrl } from '../../src/runtime.ts'
import { buildVite, buildWebpack, filesIn, project, tempFolder, viteConfig } from './builds.ts'
import { OTHERS } from './others.ts'
import { keysIn, syncBuild } from './publishing.ts'
import { buildRspack } from './rspack-builds.ts'
import { VITES, type ViteVersion } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'

const ASKING = `import { assetUrl } from 'virtual:lading'
globalThis.urls = ['/img/logo.png', 'img/logo.png?v=1', '/robots.txt', '/icons.svg#a', '/none.png'].map((path) => assetUrl(path))
`

const ICONS = '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="a"/></svg>'
const PUBLIC = { 'public/img/logo.png': 'the logo', 'public/robots.txt': 'User-agent: *\n', 'public/icons.svg': ICONS }
const PAGE = '<!doctype html><title>x</title>'
const SOURCES = {
  ...PUBLIC,
  'src/main.js': ASKING,
  'src/index.html': PAGE,
  'index.html': `${PAGE}<script type="module" src="/src/main.js"></script>`,
}

/** Runs what a build made of the entry, with nothing of a browser around it. */
function urlsOf(outDir: string): string[] {
  const [entry = '', ...more] = filesIn(outDir).filter((path) => path.endsWith('.js'))
  expect(more).toEqual([])
  const context = createContext({ URL, console })
  new Script(readFileSync(join(outDir, entry), 'utf8')).runInContext(context)
  return [...context.urls]
}

interface Asked {
  readonly folder: string
  readonly options: LadingPluginOptions
}

type Build = (asked: Asked) => Promise<{ readonly outDir: string; readonly errors?: readonly string[] }>

const vite =
  ({ vite }: ViteVersion): Build =>
  ({ folder, options }) =>
    buildVite({ vite, root: project(SOURCES), folder, options, config: { build: { modulePreload: false } } })

const BUILDS: readonly (readonly [string, Build])[] = [
  ...VITES.map((version) => [version.name, vite(version)] as const),
  ['webpack', (asked) => buildWebpack({ root: project(SOURCES), ...asked })],
  ['rspack', (asked) => buildRspack({ root: project(SOURCES), ...asked })],
  ...OTHERS.map(({ name, build }) => [name, (asked: Asked) => build({ files: SOURCES, ...asked })] as const),
]

describe.each(BUILDS)('virtual:lading in %s', (_name, build) => {
  it('gives the address of what moves, and the own path of everything else', async () => {
    const folder = tempFolder()
    const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true }
    const { outDir, errors = [] } = await build({ folder, options })
    expect(errors).toEqual([])
    const [logo = '', again, ...others] = urlsOf(outDir)
    expect(logo).toMatch(/^https:\/\/cdn\.example\.com\/x\/a\/img\/logo\.[0-9a-z]+\.png$/)
    expect(again).toBe(`${logo}?v=1`)
    expect(others).toEqual(['/robots.txt', '/icons.svg#a', '/none.png'])
    const stored = await keysIn(join(folder, 'store'))
    expect(stored).toContain(logo.slice(CDN.length))
    const { summary, sent } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, added: 0 })
    expect(sent).toEqual([])
  })

  it('gives the own path of everything while nothing is rewritten', async () => {
    const { outDir } = await build({ folder: tempFolder(), options: { url: CDN } })
    expect(urlsOf(outDir)).toEqual(['/img/logo.png', '/img/logo.png?v=1', '/robots.txt', '/icons.svg#a', '/none.png'])
  })
})

describe('files that scripts name by virtual:lading', () => {
  it.each(OTHERS)('fail a build of $name that has not copied them', async ({ build }) => {
    const folder = tempFolder()
    const publicDir = join(project({ ...PUBLIC, 'public/other.png': 'not copied' }), 'public')
    const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true, publicDir }
    await expect(build({ folder, files: SOURCES, options })).rejects.toThrow(/not in the build[\s\S]*other\.png/)
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })

  it('fail a build of webpack that has not copied them', async () => {
    const folder = tempFolder()
    const publicDir = join(project({ ...PUBLIC, 'public/other.png': 'not copied' }), 'public')
    const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true, publicDir }
    await expect(buildWebpack({ root: project(SOURCES), folder, options })).rejects.toThrow(
      /not in the build[\s\S]*other\.png/,
    )
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })
})

describe.each(VITES)('The dev server of $name', ({ vite }) => {
  it('gives every file its own path, warns of names that do not exist, and writes the types', async () => {
    const root = project(SOURCES)
    const { config } = viteConfig({ root, options: { url: CDN, cors: true, types: true } })
    const server = await vite.createServer({
      ...config,
      base: '/app/',
      server: { middlewareMode: true, ws: false, watch: null },
    })
    try {
      const { assetUrl } = await server.ssrLoadModule('virtual:lading')
      expect(assetUrl('/img/logo.png')).toBe('/app/img/logo.png')
      const result = await server.transformRequest('virtual:lading')
      expect(result?.code).toContain('known')
    } finally {
      await server.close()
    }
    const types = readFileSync(join(root, 'lading-env.d.ts'), 'utf8')
    expect(types).toContain('    "/icons.svg": true\n    "/img/logo.png": true\n    "/robots.txt": true\n')
  })
})

describe('types', () => {
  it('are written nowhere unless asked for', async () => {
    const root = project(SOURCES)
    await buildVite({ root, options: { url: CDN } })
    expect(existsSync(join(root, 'lading-env.d.ts'))).toBe(false)
  })

  it('are left alone when they say the same', async () => {
    const root = project(SOURCES)
    await buildVite({ root, options: { url: CDN, types: 'types/own.d.ts' } })
    const file = join(root, 'types/own.d.ts')
    const first = readFileSync(file, 'utf8')
    writeFileSync(file, first)
    await buildVite({ root, options: { url: CDN, types: 'types/own.d.ts' } })
    expect(readFileSync(file, 'utf8')).toBe(first)
  })
})

describe('createAssetUrl', () => {
  const urls = [
    ['/a.png', 'https://c/a.1.png'],
    ['/b.svg', 'https://c/b.1.svg'],
    ['/odd#name?.png', 'https://c/odd.1.png'],
    ['/__proto__', 'https://c/p.1'],
  ] as const

  it.each([
    ['/a.png', 'https://c/a.1.png'],
    ['a.png', 'https://c/a.1.png'],
    ['/a.png?v=1#x', 'https://c/a.1.png?v=1#x'],
    ['/b.svg', 'https://c/b.1.svg'],
    ['/b.svg#piece', '/app/b.svg#piece'],
    ['/odd#name?.png', 'https://c/odd.1.png'],
    ['/__proto__', 'https://c/p.1'],
    ['/constructor', '/app/constructor'],
    ['/none.png?x', '/app/none.png?x'],
  ])('%s -> %s', (path, url) => {
    expect(createAssetUrl(urls, { base: '/app/' })(path)).toBe(url)
  })
})
