import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const CDN = 'https://cdn.example.com/'

type Files = Readonly<Record<string, string | Uint8Array>>

const module = (path: string): string => `<script type="module" src="${path}"></script>`
const map = (value: unknown): string => `<script type="importmap">${JSON.stringify(value)}</script>`

/** The page as it goes out, hashes shown as `*`; and why files stay. */
async function offload(files: Files, config: LadingConfig = {}): Promise<{ page: string; kept: readonly string[] }> {
  const site: Project = createProject({ files, config: { cors: true, ...config } })
  projects.push(site)
  await site.sync()
  const html = `${site.read('out/index.html')}`
  const page = html.replace(/\.[a-z2-7]{16}\./g, '.*.').replace(/_t\/[a-z2-7]{16}\//g, '_t/*/')
  return { page, kept: site.warned('W_CLASS_KEPT') }
}

describe('an import map gives a folder another meaning, and what lies there keeps its address,', () => {
  const files = { 'js/main.js': "import 'x'", 'js/x.js': 'export {}', 'js/index.html': '' }

  it.each<[string, unknown, LadingConfig]>([
    ['the whole site', { scopes: { '/': { x: '/js/x.js' } } }, {}],
    ['the folder of the page', { imports: { '@/': './' } }, {}],
    ['a folder with an index', { scopes: { '/js/': { x: '/js/x.js' } } }, {}],
    [
      'a folder with its host',
      { scopes: { 'https://www.example.com/js/': { x: '/js/x.js' } } },
      { site: 'https://www.example.com/' },
    ],
    ['a folder around the site', { scopes: { '/': { x: '/app/js/x.js' } } }, { base: '/app/' }],
  ])('be it %s', async (_, value, config) => {
    const html = map(value) + module('js/main.js')
    expect((await offload({ ...files, 'index.html': html }, config)).page).toBe(html)
  })

  it('also a script that does not look like a module', async () => {
    const html = map({ imports: { '/js/side.js': '/js/main.js' } }) + module('/js/side.js')
    const { kept } = await offload({ 'js/side.js': 'done()', 'js/main.js': '', 'index.html': html })
    expect(kept).toEqual(['js/side.js: the import map of index.html gives its address another meaning'])
  })
})

describe('what a page names beside an inline script that imports what it computes', () => {
  it('stays, whatever it looks like; a classic script moves', async () => {
    const inline = '<script type="module">import("./js/" + name)</script>'
    const html = (classic: string): string => `${inline}${module('js/side.js')}<script src="${classic}"></script>`
    const files = { 'js/side.js': 'done()', 'js/classic.js': '1', 'index.html': html('js/classic.js') }
    expect((await offload(files)).page).toBe(html(`${CDN}a/js/classic.*.js`))
  })
})

describe('a script that stays and imports what it computes keeps what it may import:', () => {
  it('anything, when it does not say where', async () => {
    const html = `<script src="loader.js"></script>${module('js/store.js')}`
    const files = { 'loader.js': 'import(island.src)', 'js/store.js': 'export {}', 'index.html': html }
    const { page, kept } = await offload(files)
    expect(page).toBe(html)
    expect(kept).toContain(
      'js/store.js: loader.js stays and may import it; loaded from two addresses it would run twice',
    )
  })

  it('what lies below its folder, when it says so', async () => {
    const files = {
      'app/main.js': "import('./plugins/' + name + '.js')",
      'app/plugins/core.js': 'export {}',
      'app/page.html': '',
      'other/main.js': 'export {}',
      'index.html': module('app/main.js') + module('app/plugins/core.js') + module('other/main.js'),
    }
    expect((await offload(files)).page).toBe(
      module('app/main.js') + module('app/plugins/core.js') + module(`${CDN}a/other/main.*.js`),
    )
  })
})

describe('a script that never moves keeps what it imports:', () => {
  it.each<[string, string, LadingConfig]>([
    ['one that is excluded', 'admin.js', { exclude: ['admin.js'] }],
    ['one that is asked for by its name', 'remoteEntry.js', {}],
  ])('%s', async (_, path, config) => {
    const html = module(path) + module('shared.js')
    const { page, kept } = await offload(
      { [path]: "import './shared.js'", 'shared.js': '', 'index.html': html },
      config,
    )
    expect(page).toBe(html)
    expect(kept).toEqual([`shared.js: ${path} imports it and stays; loaded from two addresses it would run twice`])
  })

  it('but not a service worker, which shares nothing with pages', async () => {
    const files = { 'sw.js': "import './shared.js'", 'shared.js': '', 'index.html': module('shared.js') }
    expect((await offload(files)).page).toBe(module(`${CDN}a/shared.*.js`))
  })
})

describe('scripts that look for neighbours', () => {
  it.each([
    ['import()', "import('../locale/' + name + '.js')"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a script
    ['a template', 'new URL(`../img/${name}.png`, import.meta.url)'],
    ['the folder above', "new URL('..', import.meta.url)"],
  ])('above themselves, by %s, take the folder above with them', async (_, text) => {
    const deep = { 'app/js/main.js': text, 'app/img/a.png': '', 'index.html': module('app/js/main.js') }
    expect((await offload(deep)).page).toBe(module(`${CDN}a/_t/*/app/js/main.js`))
    const flat = { 'js/main.js': text, 'img/a.png': '', 'index.html': module('js/main.js') }
    const { page, kept } = await offload(flat)
    expect(page).toBe(flat['index.html'])
    expect(kept).toContain('js/main.js: it looks for its neighbours, which are the whole site')
  })

  it('move with the folder around those that lie within it, so that each has one address', async () => {
    const files = { 'app/main.js': "import('./sub/' + name)", 'app/sub/x.js': 'export default import.meta.url' }
    const { page } = await offload({ ...files, 'index.html': module('app/main.js') + module('app/sub/x.js') })
    expect(page).toBe(module(`${CDN}a/_t/*/app/main.js`) + module(`${CDN}a/_t/*/app/sub/x.js`))
    const site = projects.at(-1)
    const keys: string[] = []
    for await (const found of site?.store.list('a/_t/') ?? []) keys.push(...found.map(({ key }) => key))
    expect(new Set(keys.map((key) => key.split('/')[2])).size).toBe(1)
  })

  it.each<[string, Files, string]>([
    [
      'a sheet whose filter works only at the site',
      { 'app/a.css': 'a{filter:url(f.svg#x)}', 'app/f.svg': '' },
      'app/f.svg',
    ],
    ['a script that cannot be read', { 'app/x.js': Buffer.from('\ufeffdone()', 'utf16le') }, 'app/x.js cannot be read'],
  ])('stay beside %s', async (_, more, reason) => {
    const files = { 'app/main.js': "import('./x/' + name)", ...more, 'index.html': module('app/main.js') }
    const { page, kept } = await offload(files)
    expect(page).toBe(files['index.html'])
    expect(kept.find((item) => item.startsWith('app/main.js: '))).toContain(reason)
  })
})
