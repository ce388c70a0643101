import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(files: Readonly<Record<string, string>>, config: LadingConfig = {}): Project {
  const made = createProject({ files, config })
  projects.push(made)
  return made
}

const CDN = 'https://cdn.example.com/'
const HASH = '[a-z2-7]{16}'

/** Text with every hash in it shown as `*`. */
const masked = (text: string | Uint8Array): string =>
  Buffer.from(text)
    .toString()
    .replace(new RegExp(`\\.${HASH}\\.`, 'g'), '.*.')

const page = (site: Project, path = 'index.html'): string => masked(site.read(`out/${path}`))

async function stored(site: Project, like: RegExp): Promise<string> {
  for await (const keys of site.store.list('a/')) {
    for (const { key } of keys) if (like.test(key)) return masked((await site.store.get(key))?.bytes ?? '')
  }
  return 'not stored'
}

const kept = (site: Project, path: string): string | undefined =>
  site
    .warned('W_CLASS_KEPT')
    .find((item) => item.startsWith(`${path}: `))
    ?.slice(path.length + 2)

describe('style sheets', () => {
  it('name their images relatively, also from other folders', async () => {
    const site = project({
      'css/a.css': 'a{background:url(../img/x.png)}b{background:url("/img/x.png?v=1#f")}',
      'img/x.png': 'x',
      'index.html': '<link rel="stylesheet" href="css/a.css">',
    })
    await site.sync()
    expect(await stored(site, /a\.css|a\.\w+\.css/)).toBe(
      'a{background:url(../img/x.*.png)}b{background:url("../img/x.*.png?v=1#f")}',
    )
    expect(page(site)).toBe(`<link rel="stylesheet" href="${CDN}a/css/a.*.css">`)
  })

  it('change their names when an image does, and so do the pages; nothing else goes', async () => {
    const site = project({
      'a.css': 'a{background:url(x.png)}',
      'b.css': 'b{}',
      'x.png': '1',
      'y.png': '1',
      'index.html': '<link rel="stylesheet" href="a.css"><img src="y.png">',
    })
    await site.sync()
    site.write('site/x.png', '2')
    const summary = await site.sync()
    expect(summary).toMatchObject({ added: 2, changed: 0, kept: 2, expired: 2, pages: { written: 1, unchanged: 0 } })
    expect(site.events.flatMap((event) => (event.type === 'file' && event.op === 'add' ? [event.path] : []))).toEqual([
      'x.png',
      'a.css',
    ])
  })

  it('that import each other in a circle get names that change together', async () => {
    const site = project({
      'a.css': '@import "b.css";a{}',
      'b.css': '@import url(a.css);b{}',
      'self.css': '@import "self.css";',
      'index.html': '',
    })
    await site.sync()
    expect(await stored(site, /\/a\./)).toBe('@import "b.*.css";a{}')
    expect(await stored(site, /\/b\./)).toBe('@import url(a.*.css);b{}')
    expect(await site.sync()).toMatchObject({ added: 0, kept: 3 })
    site.write('site/b.css', '@import url(a.css);c{}')
    expect(await site.sync()).toMatchObject({ added: 2, kept: 1, expired: 2 })
  })

  it('with fonts stay on another host without CORS, and whatever imports them stays, with the reason', async () => {
    const site = project({
      'font.css': '@font-face{src:url(f.woff2)}',
      'main.css': '@import "font.css";',
      'plain.css': 'a{}',
      'f.woff2': 'wOF2',
      'index.html': '<link rel="stylesheet" href="main.css"><link rel="stylesheet" href="plain.css">',
    })
    await site.sync()
    expect(page(site)).toBe(`<link rel="stylesheet" href="main.css"><link rel="stylesheet" href="${CDN}a/plain.*.css">`)
    expect(kept(site, 'main.css')).toContain('it names font.css, which stays: it names f.woff2')
    expect(kept(site, 'f.woff2')).toContain('only with CORS')
  })

  it('with fonts move when CORS is declared', async () => {
    const site = project(
      { 'font.css': '@font-face{src:url(f.woff2)}', 'f.woff2': 'x', 'index.html': '' },
      { cors: true },
    )
    await site.sync()
    expect(await stored(site, /font\./)).toBe('@font-face{src:url(f.*.woff2)}')
  })

  it('with fonts move without CORS when the site is known: they name the font where it stays', async () => {
    const site = project(
      { 'css/font.css': '@font-face{src:url(../f.woff2?#iefix)}', 'f.woff2': 'x', 'index.html': '' },
      { site: 'https://www.example.com/' },
    )
    await site.sync()
    expect(await stored(site, /font\./)).toBe('@font-face{src:url(https://www.example.com/f.woff2?#iefix)}')
  })

  it('with a filter from a file stay even with CORS, and move on a path of the site', async () => {
    const files = { 'a.css': 'a{filter:url(f.svg#blur)}', 'f.svg': '<svg/>', 'index.html': '' }
    const host = project(files, { cors: true })
    await host.sync()
    expect(kept(host, 'a.css')).toContain('it names f.svg')
    const path = project(files, { url: '/_a/' })
    await path.sync()
    expect(await stored(path, /a\.\w+\.css/)).toBe('a{filter:url(f.*.svg#blur)}')
  })

  describe.each<[string, string]>([
    ['an address outside the base', 'a{background:url(/shared/bg.png)}'],
    ['a script’s answer', 'a{background:url(../dyn.php?x=1)}'],
    ['an imported script', '@import "theme.php";'],
    ['a climb out of the base', 'a{background:url(../../shared/y.png)}'],
    ['a file that is missing', 'a{background:url(gone.png)}'],
  ])('that name %s', (_, css) => {
    const files = { 'css/a.css': css, 'index.html': '<link rel="stylesheet" href="css/a.css">' }
    const url = /[("]([^)"]+)/.exec(css)?.[1] ?? ''

    it('stay with the reason, since the CDN would be asked for it', async () => {
      const site = project(files, { base: '/app/' })
      await site.sync()
      expect(page(site)).toBe(files['index.html'])
      expect(kept(site, 'css/a.css')).toBe(`it names ${url}, which is no file of the site`)
      expect(await stored(site, /a\.css|a\.\w+\.css/)).toBe('not stored')
    })

    it('move when the site is known, and name it there', async () => {
      const site = project(files, { site: 'https://www.example.com/app/' })
      await site.sync()
      expect(page(site)).toBe(`<link rel="stylesheet" href="${CDN}a/css/a.*.css">`)
      const absolute = new URL(url, 'https://www.example.com/app/css/a.css').href
      expect(await stored(site, /a\.\w+\.css/)).toBe(css.replace(url, absolute))
    })
  })

  it('move on a path of the site, where even the answers of its programs can be named', async () => {
    const site = project(
      { 'root.css': 'a{background:url(/dyn.php)}', 'folder.css': 'a{background:url(dyn.php)}', 'index.html': '' },
      { url: '/_a/' },
    )
    await site.sync()
    expect(await stored(site, /root\./)).toBe('a{background:url(/dyn.php)}')
    expect(await stored(site, /folder\./)).toBe('a{background:url(/dyn.php)}')
  })

  it('move with what means the same everywhere', async () => {
    const css =
      'a{background:url(data:,x),url(https://o.example/x.png),url(//o.example/y.png);fill:url(#a);cursor:url(blob:x)}'
    const site = project({ 'a.css': css, 'index.html': '' })
    await site.sync()
    expect(await stored(site, /a\.\w+\.css/)).toBe(css)
  })

  it('of a bundler that names what only the site answers stay, for they are not edited', async () => {
    const record = {
      v: 1,
      bundler: 'x',
      url: CDN,
      cors: false,
      rewritten: false,
      files: [
        ['a-1.css', 'a/a-1.css', true],
        ['b-1.css', 'a/b-1.css', true],
      ],
      origin: [],
      sent: [],
    }
    const site = project(
      {
        '.lading/build.json': JSON.stringify(record),
        'a-1.css': 'a{background:url(dyn.php)}',
        'b-1.css': 'b{background:url(https://o.example/x.png)}',
        'index.html': '',
      },
      { site: 'https://www.example.com/' },
    )
    await site.sync()
    expect(kept(site, 'a-1.css')).toContain('dyn.php')
    expect(await stored(site, /b-1\.css/)).toContain('o.example')
  })

  it('name a file in a folder with a colon in full', async () => {
    const site = project(
      { 'a.css': 'a{filter:url(./fx:b/x.svg#f)}', 'fx:b/x.svg': '<svg/>', 'index.html': '' },
      { site: 'https://www.example.com/' },
    )
    await site.sync()
    expect(await stored(site, /a\.\w+\.css/)).toBe('a{filter:url(https://www.example.com/fx:b/x.svg#f)}')
  })

  it('that name an excluded file stay and say so', async () => {
    const site = project(
      { 'a.css': 'a{background:url(x.png)}', 'x.png': 'x', 'index.html': '<img src="x.png">' },
      { exclude: ['x.png'] },
    )
    await site.sync()
    expect(kept(site, 'a.css')).toBe('it names x.png, which stays: it is excluded')
  })

  it('write custom properties absolutely', async () => {
    const site = project({
      'css/a.css': ':root{--logo:url(../x.png)}a{background:var(--logo)}',
      'x.png': 'x',
      'index.html': '',
    })
    await site.sync()
    expect(await stored(site, /a\.\w+\.css/)).toContain(`--logo:url(${CDN}a/x.*.png)`)
  })

  it('do not depend on the address of the CDN', async () => {
    const site = project({
      'a.css': 'a{background:url(x.png)}',
      'x.png': 'x',
      'index.html': '<link rel="stylesheet" href="a.css">',
    })
    await site.sync()
    expect(await site.sync({ url: 'https://other.example.com/' })).toMatchObject({ added: 0, kept: 2, bytes: 0 })
    expect(page(site)).toContain('https://other.example.com/a/a.*.css')
  })
})

describe("Leaflet's icons", () => {
  const files = {
    'leaflet.css': '.leaflet-default-icon-path { background-image: url(images/marker-icon.png) }',
    'images/marker-icon.png': 'icon',
    'index.html': '<link rel="stylesheet" href="leaflet.css">',
  }

  it('stay where its script looks for them, by the name that it cuts from the style sheet', async () => {
    const site = project(files)
    await site.sync()
    expect(page(site)).toBe(files['index.html'])
    const known = project(files, { site: 'https://www.example.com' })
    await known.sync()
    expect(page(known)).toContain(`href="${CDN}a/leaflet.*.css"`)
    expect(await stored(known, /leaflet/)).toContain('url(https://www.example.com/images/marker-icon.png)')
  })
})

describe('files that a script or a style sheet looks for by their address', () => {
  it('stay, with the selector as the reason, where the name that they would get no longer fits it', async () => {
    const files = {
      'book.js': `const ayu = document.querySelector("[href$='ayu-highlight.css']"); ayu.disabled = true`,
      'site.css': 'img[src$="/logo.png"]{width:9px}img[src*="photos/a.jpg"]{width:9px}img[src^="./maps/"]{width:9px}',
      'css/ayu-highlight.css': 'a{}',
      'css/other.css': 'b{}',
      'img/logo.png': 'logo',
      'photos/a.jpg': 'photo',
      'maps/town.png': 'map',
      'index.html': `<link rel="stylesheet" href="site.css"><link rel="stylesheet" href="css/ayu-highlight.css">
<link rel="stylesheet" href="css/other.css"><img src="img/logo.png"><img src="photos/a.jpg"><img src="./maps/town.png">
<script src="book.js"></script>`,
    }
    const site = project(files)
    await site.sync()
    expect(
      page(site),
    ).toBe(`<link rel="stylesheet" href="${CDN}a/site.*.css"><link rel="stylesheet" href="css/ayu-highlight.css">
<link rel="stylesheet" href="${CDN}a/css/other.*.css"><img src="img/logo.png"><img src="photos/a.jpg"><img src="./maps/town.png">
<script src="${CDN}a/book.*.js"></script>`)
    expect(kept(site, 'css/ayu-highlight.css')).toBe("book.js looks for it by its address: [href$='ayu-highlight.css']")
    expect(kept(site, 'img/logo.png')).toBe('site.css looks for it by its address: [src$="/logo.png"]')
  })

  it.each([
    // https://github.com/sphinx-doc/sphinx/blob/v8.2.3/sphinx/themes/basic/static/doctools.js
    [
      'of Sphinx',
      'if (el.src.substr(-9) === "minus.png") el.src = `\x24{el.src.substr(0, el.src.length - 9)}plus.png`;',
    ],
    // https://github.com/doxygen/doxygen/blob/Release_1_9_4/templates/html/dynsections.js
    ['of Doxygen', "src=$(t).attr('src');$(t).attr('src',src.substring(0,src.length-9)+'plus.png')+'minus.png'"],
    ['by jQuery', "$(this).attr('src', $(this).attr('src').replace('minus.png', 'plus.png'))"],
  ])('stay when a script cuts one from the address of the other, as that %s', async (_, script) => {
    const files = { 'a.js': script, 'minus.png': '-', 'plus.png': '+', 'other.png': 'o' }
    const site = project({
      ...files,
      'index.html': '<img src="minus.png"><img src="other.png"><script src="a.js"></script>',
    })
    await site.sync()
    expect(page(site)).toBe(
      `<img src="minus.png"><img src="${CDN}a/other.*.png"><script src="${CDN}a/a.*.js"></script>`,
    )
    expect(kept(site, 'plus.png')).toBe('a.js looks for it by its address: plus.png')
  })

  it.each([
    // https://github.com/vitejs/vite/blob/v7.0.0/packages/vite/src/node/plugins/importAnalysisBuild.ts
    ['Vite 5.2 and later', 'const d=(i,m=d,l=(m.f||(m.f=["assets/later.js","assets/shared.css"])))=>i.map(i=>l[i]);'],
    // https://github.com/vitejs/vite/blob/v5.0.0/packages/vite/src/node/plugins/importAnalysisBuild.ts
    ['Vite 5.0', 'function d(i){if(!d.viteFileDeps){d.viteFileDeps=["assets/later.js","assets/shared.css"]}return i}'],
  ])(
    'are style sheets that scripts of %s load later, if no page names them: a second copy would go before others',
    async (_, list) => {
      const site = project(
        {
          'assets/index.js': `${list}import('./later.js')`,
          'assets/later.js': 'export{}',
          'assets/shared.css': 'p{color:red}',
          'assets/index.css': 'p{color:green}',
          'index.html': `<link rel="stylesheet" href="/assets/shared.css"><link rel="stylesheet" href="/assets/index.css">
<script type="module" src="/assets/index.js"></script>`,
        },
        { cors: true },
      )
      await site.sync()
      expect(
        page(site),
      ).toBe(`<link rel="stylesheet" href="/assets/shared.css"><link rel="stylesheet" href="${CDN}a/assets/index.*.css">
<script type="module" src="${CDN}a/assets/index.*.js"></script>`)
      expect(kept(site, 'assets/shared.css')).toBe('assets/index.js looks for it by its address: assets/shared.css')
    },
  )

  it('are style sheets that scripts load later from beside themselves: pages name the same copy', async () => {
    const site = project(
      {
        'assets/index.js':
          'const d=(i,m=d,l=(m.f||(m.f=["./later.js","./shared.css","./imported.css"])))=>i.map(i=>new URL(l[i],import.meta.url));import("./later.js")',
        'assets/later.js': 'export{}',
        'assets/shared.css': 'p{color:red}',
        'assets/imported.css': 'p{color:blue}',
        'assets/index.css': '@import "imported.css";p{color:green}',
        'index.html': `<link rel="stylesheet" href="./assets/shared.css"><link rel="stylesheet" href="./assets/index.css">
<script type="module" src="./assets/index.js"></script>`,
      },
      { cors: true },
    )
    await site.sync()
    const tree = /a\/_t\/[a-z2-7]{16}\//.exec(page(site))?.[0]
    expect(
      page(site),
    ).toBe(`<link rel="stylesheet" href="${CDN}${tree}assets/shared.css"><link rel="stylesheet" href="${CDN}a/assets/index.*.css">
<script type="module" src="${CDN}${tree}assets/index.js"></script>`)
    expect(await stored(site, /^a\/assets\/index\./)).toBe('@import "imported.*.css";p{color:green}')
    expect(await stored(site, /^a\/assets\/imported\./)).toBe('p{color:blue}')
    expect(await stored(site, /_t\/.*shared\.css$/)).toBe('p{color:red}')
  })

  it('are not style sheets that a list of a script names in full, or beside a script that stays by itself', async () => {
    const site = project({
      'a.js': `const d=(i,m=d,l=(m.f||(m.f=["${CDN}one.css","./two.css"])))=>i.map(i=>l[i]);`,
      'one.css': 'p{}',
      'two.css': 'p{}',
      'index.html':
        '<link rel="stylesheet" href="one.css"><link rel="stylesheet" href="two.css"><script src="a.js"></script>',
    })
    await site.sync()
    expect(page(site)).toContain(`href="${CDN}a/one.*.css"><link rel="stylesheet" href="${CDN}a/two.*.css"`)
  })

  it.each([
    ['a string', "img.src = img.src.replace('_off', '_on')"],
    ['a pattern', "$(this).attr('src', $(this).attr('src').replace(/_off\\.png/, '_on.png'))"],
  ])('stay when a script puts %s into the address of one to name the other', async (_, script) => {
    const files = { 'a.js': script, 'b_off.png': '0', 'b_on.png': '1', 'c_off.png': 'alone' }
    const site = project({ ...files, 'index.html': '<img src="b_off.png"><img src="b_on.png"><img src="c_off.png">' })
    await site.sync()
    expect(page(site)).toBe(`<img src="b_off.png"><img src="b_on.png"><img src="${CDN}a/c_off.*.png">`)
  })

  it('move where their new name fits as well, and where only links are looked for', async () => {
    const site = project({
      'site.css':
        'img[src$=".png"]{}img[src*="logo"]{}a[href$="logo.png"]{}[src^="data:"]{}[src^="/"]{}link[href$="x.css"]{}',
      'img/logo.png': 'logo',
      'index.html': '<link rel="stylesheet" href="site.css"><img src="img/logo.png">',
    })
    await site.sync()
    expect(page(site)).toBe(`<link rel="stylesheet" href="${CDN}a/site.*.css"><img src="${CDN}a/img/logo.*.png">`)
  })
})

describe('scripts', () => {
  it('move when they are classic and independent, and stay with their reason otherwise', async () => {
    const site = project({
      'classic.js': 'console.log("new Worker(")',
      'worker.js': 'new Worker("w.js")',
      'self.js': 'const here = document.currentScript.src',
      'last.js': 'var all = document.getElementsByTagName("script"), here = all[all.length - 1].src',
      'legacy.js': 'System.register(["./legacy-part.js"], function () {})',
      'legacy-part.js': 'System.register([], function () {})',
      'lazy.js': 'import(chunk)',
      'plain-module.js': 'console.log(1)',
      'index.html': [
        '<script src="classic.js"></script>',
        '<script src="worker.js"></script>',
        '<script src="self.js"></script>',
        '<script src="last.js"></script>',
        '<script nomodule data-src="legacy.js">System.import(document.currentScript.dataset.src)</script>',
        '<script src="lazy.js"></script>',
        '<script type="module" src="plain-module.js"></script>',
      ].join('\n'),
    })
    await site.sync({ cors: true })
    expect(page(site).split('\n')).toEqual([
      `<script src="${CDN}a/classic.*.js"></script>`,
      '<script src="worker.js"></script>',
      '<script src="self.js"></script>',
      '<script src="last.js"></script>',
      '<script nomodule data-src="legacy.js">System.import(document.currentScript.dataset.src)</script>',
      '<script src="lazy.js"></script>',
      `<script type="module" src="${CDN}a/plain-module.*.js"></script>`,
    ])
    expect(kept(site, 'worker.js')).toContain('workers')
    expect(kept(site, 'self.js')).toContain('currentScript')
    expect(kept(site, 'last.js')).toContain('own tag')
    expect(kept(site, 'legacy.js')).toContain('SystemJS')
    expect(kept(site, 'lazy.js')).toContain('imports what it computes')
  })
})
