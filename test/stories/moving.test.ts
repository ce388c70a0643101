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

  it('move on a path of the site when they name it from the root, and stay when they do so from their folder', async () => {
    const site = project(
      { 'root.css': 'a{background:url(/dyn.php)}', 'folder.css': 'a{background:url(dyn.php)}', 'index.html': '' },
      { url: '/_a/' },
    )
    await site.sync()
    expect(await stored(site, /root\./)).toBe('a{background:url(/dyn.php)}')
    expect(kept(site, 'folder.css')).toBe('it names dyn.php, which is no file of the site')
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

describe('scripts', () => {
  it('move when they are classic and independent, and stay with their reason otherwise', async () => {
    const site = project({
      'classic.js': 'console.log("new Worker(")',
      'worker.js': 'new Worker("w.js")',
      'self.js': 'const here = document.currentScript.src',
      'lazy.js': 'import("./chunk.js")',
      'module.js': 'export default 1',
      'plain-module.js': 'console.log(1)',
      'index.html': [
        '<script src="classic.js"></script>',
        '<script src="worker.js"></script>',
        '<script src="self.js"></script>',
        '<script src="lazy.js"></script>',
        '<script type="module" src="plain-module.js"></script>',
      ].join('\n'),
    })
    await site.sync({ cors: true })
    expect(page(site).split('\n')).toEqual([
      `<script src="${CDN}a/classic.*.js"></script>`,
      '<script src="worker.js"></script>',
      '<script src="self.js"></script>',
      '<script src="lazy.js"></script>',
      '<script type="module" src="plain-module.js"></script>',
    ])
    expect(kept(site, 'worker.js')).toContain('workers')
    expect(kept(site, 'self.js')).toContain('currentScript')
    expect(kept(site, 'lazy.js')).toContain('imports modules at run time')
    expect(kept(site, 'module.js')).toContain('graph of modules')
  })

  it('with crossorigin need CORS; with integrity alone they stay on another host', async () => {
    const tags = '<script crossorigin src="x.js"></script><script integrity="sha256-x" src="x.js"></script>'
    const site = project({ 'x.js': '1', 'index.html': tags })
    await site.sync()
    expect(page(site)).toBe(tags)
    await site.sync({ cors: true })
    expect(page(site)).toBe(
      `<script crossorigin src="${CDN}a/x.*.js"></script><script integrity="sha256-x" src="x.js"></script>`,
    )
    await site.sync({ url: '/_a/' })
    expect(page(site)).not.toContain('"x.js"')
  })

  it('a style sheet whose bytes change is not moved under an integrity attribute', async () => {
    const tag = '<link rel="stylesheet" integrity="sha256-x" crossorigin href="a.css">'
    const site = project({ 'a.css': 'a{background:url(x.png)}', 'x.png': 'x', 'index.html': tag }, { cors: true })
    await site.sync()
    expect(page(site)).toBe(tag)
  })
})

describe('documents that name others', () => {
  it('an SVG moves as an image and stays where it is embedded, which loads what it names', async () => {
    const site = project({
      'img/map.svg': '<svg xmlns="http://www.w3.org/2000/svg"><image href="photo.png"/></svg>',
      'img/photo.png': 'x',
      'index.html': '<embed src="img/map.svg#a"><img src="img/map.svg"><embed src="clip.mp4">',
      'clip.mp4': 'v',
    })
    for (const url of [CDN, '/_a/']) {
      await site.sync({ url })
      expect(page(site)).toBe(
        `<embed src="img/map.svg#a"><img src="${url}a/img/map.*.svg"><embed src="${url}a/clip.*.mp4">`,
      )
    }
  })

  it.each<[string, boolean]>([
    ['sprite.png#xywh=0,0,160,90', true],
    ['thumbs/my shot.png#xywh=0,0,160,90', true],
    ['  thumbs/1.jpg', true],
    ['/thumbs/1.webp?v=2', true],
    ['https://o.example/sprite.png#xywh=0,0,1,1', false],
    ['Save it as logo.png', false],
    ['Hello.', false],
  ])('a track with the cue %j stays: %s', async (cue, stays) => {
    const vtt = `WEBVTT\n\n00:00.000 --> 00:05.000\n${cue}\n`
    const tag = '<video crossorigin><track src="t.vtt"></video>'
    const site = project({ 't.vtt': vtt, 'index.html': tag }, { cors: true })
    await site.sync()
    expect(page(site)).toBe(stays ? tag : tag.replace('t.vtt', `${CDN}a/t.*.vtt`))
    expect(kept(site, 't.vtt')).toBe(stays ? 'its cues name pictures, relative to itself' : undefined)
  })
})

describe('texts that are not UTF-8', () => {
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

  it('keep a URL that they cannot write, and move the others with their bytes', async () => {
    const site = createProject({
      files: {
        'index.html': latin1('<p>\xfc<img src="a.png?x=&#8364;"><img src="a.png?x=&eacute;"><img src="a.png?y=\xfc">'),
        'a.png': 'x',
      },
    })
    projects.push(site)
    await site.sync()
    const written = site.read('out/index.html').toString('latin1')
    expect(written.replace(new RegExp(HASH), '*')).toBe(
      `<p>\xfc<img src="a.png?x=&#8364;"><img src="a.png?x=&eacute;"><img src="${CDN}a/a.*.png?y=\xfc">`,
    )
  })

  it('stay as style sheets when they cannot write a URL that has to change', async () => {
    const site = createProject({
      files: {
        'a.css': latin1('/*\xfc*/a{background:url(x.png?\\20ac )}'),
        'b.css': latin1('/*\xfc*/b{background:url(x.png?\xfc)}'),
        'x.png': 'x',
        'index.html': '<link rel="stylesheet" href="a.css"><link rel="stylesheet" href="b.css">',
      },
    })
    projects.push(site)
    await site.sync()
    expect(page(site)).toBe(`<link rel="stylesheet" href="a.css"><link rel="stylesheet" href="${CDN}a/b.*.css">`)
    expect(kept(site, 'a.css')).toContain('its encoding cannot write')
  })
})

describe('pages', () => {
  it('honour <base>, and leave what is not an asset alone', async () => {
    const site = project({
      'app/x.png': 'x',
      'sub/index.html': [
        '<base href="/app/">',
        '<img src="x.png"><a href="x.png">',
        '<img src="data:image/png;base64,AA=="><img src="//other.example/x.png"><img src="#x">',
        '<script>var a = "x.png"</script><!-- <img src="x.png"> -->',
      ].join('\n'),
    })
    await site.sync()
    expect(page(site, 'sub/index.html').split('\n')).toEqual([
      '<base href="/app/">',
      `<img src="${CDN}a/app/x.*.png"><a href="x.png">`,
      '<img src="data:image/png;base64,AA=="><img src="//other.example/x.png"><img src="#x">',
      '<script>var a = "x.png"</script><!-- <img src="x.png"> -->',
    ])
  })

  it('name images of inline styles, srcset and icons', async () => {
    const site = project({
      'x.png': 'x',
      'favicon.ico': 'i',
      'index.html':
        '<link rel="icon" href="/favicon.ico"><style>a{background:url(x.png)}</style><p style="background:url(\'x.png\')"><img srcset="x.png 1x, x.png?2 2x">',
    })
    await site.sync()
    expect(page(site)).toBe(
      `<link rel="icon" href="${CDN}a/favicon.*.ico"><style>a{background:url(${CDN}a/x.*.png)}</style><p style="background:url('${CDN}a/x.*.png')"><img srcset="${CDN}a/x.*.png 1x, ${CDN}a/x.*.png?2 2x">`,
    )
  })

  it('keep sprites on another host and move them on a path', async () => {
    const files = { 's.svg': '<svg/>', 'index.html': '<svg><use href="s.svg#a"/></svg><img src="s.svg">' }
    const host = project(files, { cors: true })
    await host.sync()
    expect(page(host)).toBe(`<svg><use href="s.svg#a"/></svg><img src="${CDN}a/s.*.svg">`)
    const path = project(files, { url: '/_a/' })
    await path.sync()
    expect(page(path)).toBe('<svg><use href="/_a/a/s.*.svg#a"/></svg><img src="/_a/a/s.*.svg">')
  })

  it('make Open Graph images absolute, where that is possible', async () => {
    const files = { 'x.png': 'x', 'index.html': '<meta property="og:image" content="/x.png">' }
    const host = project(files)
    await host.sync()
    expect(page(host)).toBe(`<meta property="og:image" content="${CDN}a/x.*.png">`)
    const path = project(files, { url: '/_a/' })
    await path.sync()
    expect(page(path)).toBe('<meta property="og:image" content="/x.png">')
    await path.sync({ site: 'https://www.example.com' })
    expect(page(path)).toBe('<meta property="og:image" content="https://www.example.com/_a/a/x.*.png">')
  })

  it('recognise absolute links to their own site, below its base', async () => {
    const site = project(
      {
        'x.png': 'x',
        'index.html': '<img src="https://www.example.com/app/x.png"><img src="/app/x.png"><img src="/x.png">',
      },
      { site: 'https://www.example.com/', base: '/app/' },
    )
    await site.sync()
    expect(page(site)).toBe(`<img src="${CDN}a/x.*.png"><img src="${CDN}a/x.*.png"><img src="/x.png">`)
  })

  it('do not touch the address of a web app manifest, whose icons move', async () => {
    const site = project({
      'app.webmanifest': '{ "start_url": "/", "icons": [ { "src": "i.png" } ] }',
      'i.png': 'x',
      'index.html': '<link rel="manifest" href="app.webmanifest">',
    })
    await site.sync()
    expect(page(site)).toBe('<link rel="manifest" href="app.webmanifest">')
    expect(page(site, 'app.webmanifest')).toBe(`{ "start_url": "/", "icons": [ { "src": "${CDN}a/i.*.png" } ] }`)
  })

  it('leave files of the keep list where they are', async () => {
    const site = project(
      { 'img/x.png': 'x', 'sw.js': '1', 'index.html': '<img src="img/x.png"><script src="sw.js"></script>' },
      { keep: ['img/**'] },
    )
    await site.sync()
    expect(page(site)).toBe('<img src="img/x.png"><script src="sw.js"></script>')
  })

  it('of the keep list are left exactly as they are, and so are web app manifests', async () => {
    const files = {
      'legal/x.html': '<img src="../x.png">',
      'legal/app.webmanifest': '{"icons":[{"src":"../x.png"}]}',
      'index.html': '<img src="x.png">',
      'x.png': 'x',
    }
    const site = project(files, { keep: ['legal/**'] })
    await site.sync()
    expect(page(site, 'legal/x.html')).toBe(files['legal/x.html'])
    expect(page(site, 'legal/app.webmanifest')).toBe(files['legal/app.webmanifest'])
    expect(page(site)).toBe(`<img src="${CDN}a/x.*.png">`)
  })

  it('that the store serves miss an excluded file, which is nowhere then', async () => {
    const files = { 'index.html': '<img src="big.png">', 'a.css': 'a{background:url(big.png)}', 'big.png': 'x' }
    const host = project(files, { host: true, exclude: ['big.png'] })
    expect((await host.sync()).references.missing).toBe(2)
    expect(host.warned('W_REF_MISSING')).toEqual(['a.css:1 background big.png', 'index.html:1 img[src] big.png'])
    const offload = project(files, { exclude: ['big.png'] })
    await offload.sync()
    expect(offload.warned('W_REF_MISSING')).toEqual([])
    expect(offload.read('out/big.png').toString()).toBe('x')
  })

  it('tell which references lead nowhere, with file and line', async () => {
    const site = project({ 'index.html': '\n<img src="gone.png">', 'a.css': 'a{background:url(lost.png)}' })
    await site.sync()
    expect(site.warned('W_REF_MISSING')).toEqual(['a.css:1 background lost.png', 'index.html:2 img[src] gone.png'])
    await expect(site.sync({ strict: true })).rejects.toMatchObject({ code: 'E_STRICT' })
  })
})
