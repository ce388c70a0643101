import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const CDN = 'https://cdn.example.com/'

type Files = Readonly<Record<string, string>>

function project(files: Files, config: LadingConfig = { cors: true }): Project {
  const made = createProject({ files, config })
  projects.push(made)
  return made
}

/** Every hash shown as `*`: of names and of trees. */
const masked = (text: string): string =>
  text.replace(/\.[a-z2-7]{16}\./g, '.*.').replace(/_t\/[a-z2-7]{16}\//g, '_t/*/')

const page = (site: Project): string => masked(`${site.read('out/index.html')}`)

/** What lies below `a/`, by name, with its text. */
async function assets(site: Project): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const keys of site.store.list('a/')) {
    for (const { key } of keys) {
      found[masked(key)] = masked(Buffer.from((await site.store.get(key))?.bytes ?? '').toString())
    }
  }
  return found
}

async function treeKeys(site: Project): Promise<string[]> {
  const found: string[] = []
  for await (const keys of site.store.list('a/_t/')) found.push(...keys.map(({ key }) => key))
  return found
}

const kept = (site: Project, path: string): string | undefined =>
  site
    .warned('W_CLASS_KEPT')
    .find((item) => item.startsWith(`${path}: `))
    ?.slice(path.length + 2)

const entry = (path: string): string => `<script type="module" src="${path}"></script>`

describe('a graph of modules', () => {
  const files = {
    'js/main.js': "import { a } from './lib/a.js'\nexport const logo = new URL('../img/logo.png', import.meta.url)\n",
    'js/lib/a.js': "export * from '../b.js'; export const a = () => import('./lazy.js')",
    'js/lib/lazy.js': "import data from '../data.json' with { type: 'json' }; export default data",
    'js/b.js': 'export const b = 1',
    'js/data.json': '{"x":1}',
    'img/logo.png': 'png',
    'index.html': `<link rel="modulepreload" href="js/b.js">${entry('js/main.js')}`,
  }

  it('is renamed, every import at exactly its place', async () => {
    const site = project(files)
    await site.sync()
    expect(page(site)).toBe(`<link rel="modulepreload" href="${CDN}a/js/b.*.js">${entry(`${CDN}a/js/main.*.js`)}`)
    expect(await assets(site)).toEqual({
      'a/js/main.*.js':
        "import { a } from './lib/a.*.js'\nexport const logo = new URL('../img/logo.*.png', import.meta.url)\n",
      'a/js/lib/a.*.js': "export * from '../b.*.js'; export const a = () => import('./lazy.*.js')",
      'a/js/lib/lazy.*.js': "import data from '../data.*.json' with { type: 'json' }; export default data",
      'a/js/b.*.js': 'export const b = 1',
      'a/js/data.*.json': '{"x":1}',
      'a/img/logo.*.png': 'png',
    })
  })

  it('gets new names from a changed leaf up, and nothing else is sent', async () => {
    const site = project(files)
    await site.sync()
    site.write('site/js/data.json', '{"x":2}')
    // data, lazy, a and main; b and the picture keep their names
    expect(await site.sync()).toMatchObject({ added: 4 })
    expect(await site.sync()).toMatchObject({ published: false })
  })

  it('in a circle gets one joint hash, which changes with any of it', async () => {
    const circle = {
      'a.js': "import './b.js'; export const a = 1",
      'b.js': "import './a.js'; export const b = 1",
      'index.html': entry('a.js'),
    }
    const site = project(circle)
    await site.sync()
    expect(await assets(site)).toEqual({
      'a/a.*.js': "import './b.*.js'; export const a = 1",
      'a/b.*.js': "import './a.*.js'; export const b = 1",
    })
    site.write('site/b.js', "import './a.js'; export const b = 2")
    expect(await site.sync()).toMatchObject({ added: 2 })
  })

  it('stays without CORS, and the page is as it was', async () => {
    const site = project(files, {})
    await site.sync()
    expect(page(site)).toBe(files['index.html'])
    expect(kept(site, 'js/main.js')).toContain('only with CORS')
  })

  it('moves on a path of the site, workers included', async () => {
    const site = project(
      {
        'js/main.js': "new Worker(new URL('./w.js', import.meta.url), { type: 'module' })",
        'js/w.js': "import './dep.js'",
        'js/dep.js': 'export {}',
        'index.html': entry('js/main.js'),
      },
      { url: '/_a/' },
    )
    await site.sync()
    expect(page(site)).toBe(entry('/_a/a/js/main.*.js'))
    expect(await assets(site)).toMatchObject({
      'a/js/main.*.js': "new Worker(new URL('./w.*.js', import.meta.url), { type: 'module' })",
      'a/js/w.*.js': "import './dep.*.js'",
    })
  })

  it('is named in inline scripts and import maps too', async () => {
    const site = project({
      'js/a.js': 'export {}',
      'index.html':
        '<script type="importmap">{"imports":{"a":"./js/a.js"}}</script>' +
        '<script type="module">import "./js/a.js"; import "a"</script>',
    })
    await site.sync()
    expect(page(site)).toBe(
      `<script type="importmap">{"imports":{"a":"${CDN}a/js/a.*.js"}}</script>` +
        `<script type="module">import "${CDN}a/js/a.*.js"; import "a"</script>`,
    )
  })
})

describe('a classic script that imports', () => {
  const seen = { 'js/main.js': "import('./late.js')", 'js/late.js': 'export {}' }
  const hidden = { 'js/main.js': 'const name = "late"; import("./" + name + ".js")', 'js/late.js': 'export {}' }
  const html = '<link rel="preload" as="script" href="js/main.js"><script src="js/main.js"></script>'

  it.each([
    ['by name', seen, `${CDN}a/js/main.*.js`],
    ['what it computes', hidden, `${CDN}a/_t/*/js/main.js`],
  ])('%s gets crossorigin on another host, where it has no base without', async (_, files, url) => {
    const site = project({ ...files, 'index.html': html })
    await site.sync()
    expect(page(site)).toBe(
      `<link rel="preload" as="script" href="${url}" crossorigin><script src="${url}" crossorigin></script>`,
    )
  })

  it('gets none on the same host, nor does one that imports nothing', async () => {
    const site = project({ ...seen, 'index.html': html }, { url: '/_a/' })
    await site.sync()
    expect(page(site)).not.toContain('crossorigin')
    const plain = project({ 'js/main.js': 'x = 1', 'index.html': html })
    await plain.sync()
    expect(page(plain)).not.toContain('crossorigin')
  })
})

describe('what stays keeps others', () => {
  const worker = "new Worker('w.js'); import './shared.js'"

  it('up and down the graph: nothing is loaded from two addresses', async () => {
    const site = project({
      'main.js': "import './worker.js'",
      'worker.js': worker,
      'shared.js': "import './deep.js'",
      'deep.js': 'export {}',
      'other.js': 'export {}',
      'index.html': `${entry('main.js')}${entry('other.js')}`,
    })
    await site.sync()
    expect(page(site)).toBe(`${entry('main.js')}${entry(`${CDN}a/other.*.js`)}`)
    expect(kept(site, 'worker.js')).toBe('it starts workers, which must come from the site itself')
    expect(kept(site, 'main.js')).toBe(
      'it names worker.js, which stays: it starts workers, which must come from the site itself',
    )
    expect(kept(site, 'shared.js')).toBe('worker.js imports it and stays; loaded from two addresses it would run twice')
    expect(kept(site, 'deep.js')).toContain('shared.js imports it and stays')
  })

  it('but not who can name it by the address of the site', async () => {
    const files = {
      'main.js': "import './worker.js'",
      'worker.js': worker,
      'shared.js': '',
      'index.html': entry('main.js'),
    }
    const site = project(files, { cors: true, site: 'https://www.example.com/app/' })
    await site.sync()
    expect(await assets(site)).toEqual({
      'a/main.*.js': 'import "https://www.example.com/app/worker.js"'.replaceAll('"', "'"),
    })
  })

  it.each([
    ['its own names computed', 'import(name)', 'it imports what it computes'],
    ["the page's scripts", "document.scripts[0].src; import './b.js'", 'it asks its own tag where it lies'],
    ['a file that is not there', "import './gone.js'", 'it names ./gone.js, which is no file of the site'],
    ['a page of the site', "fetch(new URL('./index.html', import.meta.url))", 'it names index.html, which stays'],
  ])('%s', async (_what, text, reason) => {
    const site = project({ 'a.js': text, 'b.js': 'export {}', 'index.html': entry('a.js') })
    await site.sync()
    expect(page(site)).toBe(entry('a.js'))
    expect(kept(site, 'a.js')).toContain(reason)
  })

  it('but not one that reads document.currentScript, which is null in modules', async () => {
    const site = project({ 'a.js': 'export default document.currentScript', 'index.html': entry('a.js') })
    await site.sync()
    expect(page(site)).toMatch(/src="[^"]+\/a\/a\.\*\.js"/)
  })

  it('when an import map gives an address another meaning', async () => {
    const map =
      '<script type="importmap">{"imports":{"/js/a.js":"/js/b.js"},"scopes":{"/lib/":{"x":"/js/x.js"}}}</script>'
    const site = project({
      'js/a.js': 'export {}',
      'js/b.js': 'export {}',
      'js/x.js': 'export {}',
      'lib/m.js': "import 'x'",
      'js/main.js': "import './a.js'",
      'index.html': `${map}${entry('/js/main.js')}${entry('/lib/m.js')}`,
    })
    await site.sync()
    expect(kept(site, 'js/a.js')).toContain('the import map of index.html gives its address another meaning')
    expect(kept(site, 'lib/m.js')).toContain('the import map of index.html gives its address another meaning')
    expect(page(site)).toContain(`${entry('/js/main.js')}${entry('/lib/m.js')}`)
  })

  it('when an inline script imports what it computes', async () => {
    const inline = '<script type="module">import("./js/" + name)</script>'
    const site = project({ 'js/a.js': 'export {}', 'index.html': `${inline}${entry('js/a.js')}` })
    await site.sync()
    expect(page(site)).toBe(`${inline}${entry('js/a.js')}`)
    expect(kept(site, 'js/a.js')).toContain('index.html')
  })

  it('when an event handler imports it', async () => {
    const button = '<button onclick="import(\'./js/a.js\')">x</button>'
    const site = project({ 'js/a.js': 'export {}', 'index.html': `${button}${entry('js/a.js')}` })
    await site.sync()
    expect(page(site)).toBe(`${button}${entry('js/a.js')}`)
    expect(kept(site, 'js/a.js')).toContain('event handler')
  })

  it('when a frame in the page names a classic script that imports relative to itself', async () => {
    const frame = '<iframe srcdoc="<script src=c.js></script>"></iframe>'
    const site = project({ 'c.js': "import('./d.js')", 'd.js': 'export {}', 'index.html': frame })
    await site.sync()
    expect(page(site)).toBe(frame)
  })

  it('when `keep` names a module that imports it', async () => {
    const site = project(
      { 'a.js': "import './b.js'", 'b.js': 'export {}', 'index.html': `${entry('a.js')}${entry('b.js')}` },
      { cors: true, keep: ['a.js'] },
    )
    await site.sync()
    expect(page(site)).toBe(`${entry('a.js')}${entry('b.js')}`)
  })
})

describe('scripts that look for their neighbours', () => {
  const files = {
    'app/main.js': "import './core/core.js'; export const load = (name) => import('./locale/' + name + '.js')",
    'app/core/core.js': "export const base = new URL('.', import.meta.url)",
    'app/locale/de.js': "import '../core/core.js'",
    'app/core/wasm.wasm': '\0asm',
    'app/style.css': 'a{background:url(img/x.png)}',
    'app/img/x.png': 'x',
    'index.html': `<img src="app/img/x.png">${entry('app/main.js')}`,
  }

  it('move with their folder, as they are, under the hash of all', async () => {
    const site = project(files)
    await site.sync()
    expect(page(site)).toBe(`<img src="${CDN}a/app/img/x.*.png">${entry(`${CDN}a/_t/*/app/main.js`)}`)
    const found = await assets(site)
    for (const [path, text] of Object.entries(files)) {
      if (path !== 'index.html') expect(found[`a/_t/*/${path}`]).toBe(text)
    }
    const keys = await treeKeys(site)
    expect(new Set(keys.map((key) => key.split('/')[2])).size).toBe(1)
  })

  it('move anew as a whole when one of them changes, and the old folder stays for open tabs', async () => {
    const site = project(files)
    await site.sync()
    site.write('site/app/locale/de.js', "import '../core/core.js'; 1")
    expect(await site.sync()).toMatchObject({ added: 6 })
    expect(await treeKeys(site)).toHaveLength(12)
    expect(await site.sync()).toMatchObject({ published: false })
  })

  it.each([
    'new URL("../data/" + n, import.meta.url)',
    'import(`../data/\x24{n}.js`)',
    'new URL("..", import.meta.url) + n',
  ])('above them, move with the folder that holds all of it: %s', async (code) => {
    const site = project({
      'app/js/main.js': `export const load = (n) => ${code}`,
      'app/data/de.js': 'export {}',
      'index.html': entry('app/js/main.js'),
    })
    await site.sync()
    expect(page(site)).toBe(entry(`${CDN}a/_t/*/app/js/main.js`))
    expect(await assets(site)).toHaveProperty(['a/_t/*/app/data/de.js'])
  })

  it.each<[string, Files, string]>([
    ['at the root of the site', { 'main.js': "import('./x/' + n)" }, 'which are the whole site'],
    [
      'beside a page',
      { 'app/main.js': "import('./x/' + n)", 'app/page.html': '' },
      'app/page.html works only at its own path',
    ],
    [
      'with a script that starts workers',
      { 'app/main.js': "import('./x/' + n)", 'app/w.js': 'new Worker(1)' },
      'app/w.js stays: it starts workers',
    ],
    [
      'with a sheet that names something outside',
      { 'app/main.js': "import('./x/' + n)", 'app/a.css': 'a{background:url(../x.png)}', 'x.png': '' },
      'app/a.css names ../x.png, which is not beside it',
    ],
    [
      'with a script that names something from the root',
      { 'app/main.js': "import('./x/' + n); import '/app/b.js'", 'app/b.js': 'export {}' },
      'app/main.js names /app/b.js, which is not beside it',
    ],
  ])('stay %s', async (_where, more, reason) => {
    const path = Object.keys(more)[0] ?? ''
    const site = project({ ...more, 'index.html': entry(path) })
    await site.sync()
    expect(page(site)).toBe(entry(path))
    expect(kept(site, path)).toContain(reason)
  })

  it('grow to the folder around everything that is linked with them', async () => {
    const site = project({
      'js/app/main.js': "import '../lib/a.js'; import('./x/' + n)",
      'js/lib/a.js': 'export {}',
      'js/lib/b.js': "import './a.js'",
      'js/solo/c.js': 'export {}',
      'index.html': `${entry('js/app/main.js')}${entry('js/lib/b.js')}`,
    })
    await site.sync()
    expect(page(site)).toBe(`${entry(`${CDN}a/_t/*/js/app/main.js`)}${entry(`${CDN}a/_t/*/js/lib/b.js`)}`)
  })

  it('are found again by a page that was rewritten in place', async () => {
    const site = project(files, { cors: true, inPlace: true })
    await site.sync()
    site.write('site/app/locale/de.js', "import '../core/core.js'; 2")
    await site.sync()
    const named = /_t\/([a-z2-7]{16})\/app\/main\.js/.exec(`${site.read('site/index.html')}`)?.[1]
    expect((await treeKeys(site)).filter((key) => key.startsWith(`a/_t/${named}/`))).toHaveLength(6)
    expect(await site.store.get(`a/_t/${named}/app/locale/de.js`)).toBeDefined()
  })
})

describe('what a bundler wrote, known by its manifest,', () => {
  const vite = (...files: string[]): string => JSON.stringify(Object.fromEntries(files.map((file) => [file, { file }])))

  it('moves under its own names when they carry a hash, and is not edited', async () => {
    const files = {
      '.vite/manifest.json': vite('assets/index-B7x2Kq9f.js', 'assets/lazy-Zx81kQpd.js'),
      'assets/index-B7x2Kq9f.js': "import('./lazy-Zx81kQpd.js'); const logo = '/assets/logo.png'",
      'assets/lazy-Zx81kQpd.js': 'export default import.meta.url',
      'index.html': entry('/assets/index-B7x2Kq9f.js'),
    }
    const site = project(files)
    await site.sync()
    expect(page(site)).toBe(entry(`${CDN}a/assets/index-B7x2Kq9f.js`))
    expect(await assets(site)).toEqual({
      'a/assets/index-B7x2Kq9f.js': files['assets/index-B7x2Kq9f.js'],
      'a/assets/lazy-Zx81kQpd.js': files['assets/lazy-Zx81kQpd.js'],
    })
  })

  it('moves with its folder when they carry none', async () => {
    const files = {
      '.vite/manifest.json': vite('assets/index.js', 'assets/lazy.js'),
      'assets/index.js': "import('./lazy.js')",
      'assets/lazy.js': 'export default 1',
      'index.html': entry('/assets/index.js'),
    }
    const site = project(files)
    await site.sync()
    expect(page(site)).toBe(entry(`${CDN}a/_t/*/assets/index.js`))
    expect(await assets(site)).toMatchObject({ 'a/_t/*/assets/index.js': files['assets/index.js'] })
  })

  it('may name its pictures and workers from the root where that is the same host', async () => {
    const site = project(
      {
        '.vite/manifest.json': vite('assets/index-B7x2Kq9f.js'),
        'assets/index-B7x2Kq9f.js': 'new Worker(new URL("/assets/w-Zx81kQpd.js", import.meta.url))',
        'assets/w-Zx81kQpd.js': '',
        'index.html': entry('/assets/index-B7x2Kq9f.js'),
      },
      { url: '/_a/' },
    )
    await site.sync()
    expect(page(site)).toBe(entry('/_a/a/assets/index-B7x2Kq9f.js'))
  })

  it('moves with its folder when it looks there for what has no name of its own', async () => {
    const files = {
      '.vite/manifest.json': vite('assets/index-B7x2Kq9f.js', 'assets/lazy-Zx81kQpd.js'),
      'assets/index-B7x2Kq9f.js':
        'const at = (name) => new URL(name, import.meta.url); link(at("./lazy-Ab12cDe3.css")); import("./lazy-Zx81kQpd.js")',
      'assets/lazy-Zx81kQpd.js': 'export default segment === ".."',
      'assets/lazy-Ab12cDe3.css': 'a{}',
      'index.html': entry('./assets/index-B7x2Kq9f.js'),
    }
    const site = project(files)
    await site.sync()
    expect(page(site)).toBe(entry(`${CDN}a/_t/*/assets/index-B7x2Kq9f.js`))
    expect(await assets(site)).toMatchObject({
      'a/_t/*/assets/lazy-Zx81kQpd.js': files['assets/lazy-Zx81kQpd.js'],
      'a/_t/*/assets/lazy-Ab12cDe3.css': 'a{}',
    })
  })

  it('moves alone, from the root of the site too, when it names nothing', async () => {
    const files = {
      'asset-manifest.json': '{"main.js":"main.js"}',
      'main.js': 'export {}',
      'index.html': entry('main.js'),
    }
    const site = project(files)
    await site.sync()
    expect(page(site)).toBe(entry(`${CDN}a/main.*.js`))
  })

  it('stays where it names its neighbours from the root of the site', async () => {
    const site = project({
      '.vite/manifest.json': vite('assets/index-B7x2Kq9f.js'),
      'assets/index-B7x2Kq9f.js': 'new URL("/assets/w.png", import.meta.url)',
      'assets/w.png': '',
      'index.html': entry('/assets/index-B7x2Kq9f.js'),
    })
    await site.sync()
    expect(page(site)).toBe(entry('/assets/index-B7x2Kq9f.js'))
    expect(kept(site, 'assets/index-B7x2Kq9f.js')).toContain('emitted files are not edited')
  })
})
