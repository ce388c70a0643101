import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

/** Table H: nothing but values changes, by no byte, and not twice. */

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

type Files = Readonly<Record<string, string | Uint8Array>>

function project(files: Files, config: LadingConfig = {}): Project {
  const site = createProject({ files, config })
  projects.push(site)
  return site
}

const CDN = 'https://cdn.example.com/'
const COPY = /(?:https:\/\/cdn\.example\.com|\/_a)\/a\/([\w./-]+?)\.[a-z2-7]{16}(?=\.)/g

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Each moved address taken back to the file's own path: what is left is what was not edited. */
const takenBack = (bytes: Uint8Array): string => text(bytes).replace(COPY, '$1')

async function listed(site: Project): Promise<string[]> {
  const keys: string[] = []
  for await (const rows of site.store.list('a/')) keys.push(...rows.map(({ key }) => key))
  return keys
}

describe('a page of any kind', () => {
  const IMG = '<img src=x.png>'

  it.each<[string, string | Uint8Array, number?]>([
    ['a script that ends in a string', `<script>var s = "</script>${IMG}";</script>${IMG}`, 2],
    ['a script in a comment of its own', `<script><!--\n"${IMG}"\n--></script>${IMG}`, 1],
    ['a script inside a script', `<script><!--<script></script>${IMG}--></script>${IMG}`, 1],
    ['unclosed tags', `<p><b><div ${IMG}<td>${IMG}<ul><li>${IMG}`, 2],
    ['a tag that the text ends in', `${IMG}<img src=x.png`],
    ['a quote that is never closed', `${IMG}<img src="x.png>${IMG}`],
    ['an attribute given twice', '<img src=x.png src=y.png SRC="x.png">'],
    ['templates and noscript', `<template>${IMG}<template>${IMG}</template></template><noscript>${IMG}</noscript>`, 3],
    ['odd spacing', "<IMG\n\tSRC\f=\r\n'\n x.png\t'/ALT=>"],
    [
      'SVG in a template, HTML in SVG',
      `<template><svg><image href="x.png"/><foreignObject>${IMG}</foreignObject></svg>`,
      2,
    ],
    ['MathML', `<math><mtext>${IMG}</mtext></math>${IMG}`, 2],
    ['comments that end at once, or wrongly', `<!-->${IMG}<!--->${IMG}<!-- ${IMG} --!>${IMG}<!- ${IMG}`],
    ['what is no section in HTML', `<![CDATA[ ${IMG} ]]>${IMG}<? ${IMG}`],
    ['NUL bytes', `\0${IMG}\0<img alt="\0" src=x.png>`, 2],
    ['line ends of all kinds', `\r${IMG}\r\n${IMG}\n\r<style>b{background:url(x.png)}\r</style>`, 3],
    ['a byte order mark', `\ufeff<!doctype html>${IMG}`, 1],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from([0xff, 0xfe - 1, 0x80]), Buffer.from(IMG)]), 1],
    ['emoji and ligatures', `\u{1f600}\ufb01${IMG}\u0000`, 1],
  ])('H14: with %s changes only inside the edited values', async (_kind, html, edits) => {
    const site = project({ 'index.html': html, 'x.png': 'x' })
    await site.sync()
    const out = site.read('out/index.html')
    expect(takenBack(out)).toBe(text(Buffer.from(html)))
    const found = text(out).match(COPY)?.length ?? 0
    if (edits === undefined) expect(found).toBeGreaterThan(0)
    else expect(found).toBe(edits)
  })

  it('H14: in one line of 20 MB costs about as much for each byte as a small one', async () => {
    const unit = `<p class="a">text</p><script>x("<\\/script>");a<b&&c()</script>`
    const line = (bytes: number): string => `${IMG}${unit.repeat(bytes / unit.length)}${IMG}`
    const costOf = async (bytes: number): Promise<number> => {
      const html = line(bytes)
      const site = project({ 'index.html': html, 'x.png': 'x' })
      const before = process.cpuUsage()
      await site.sync()
      const { user, system } = process.cpuUsage(before)
      const out = site.read('out/index.html')
      expect(text(out).match(COPY)?.length).toBe(2)
      expect(takenBack(out) === html).toBe(true)
      return (user + system) / bytes
    }
    await costOf(1_000_000)
    const small = await costOf(1_000_000)
    expect(await costOf(20_000_000)).toBeLessThan(small * 5)
  })
})

describe('a file whose name would break out', () => {
  const NAMES = ['a"b.png', "a'b.png", 'a<b>.png', 'a&amp;b.png', 'a`b.png', 'a b.png', 'a>b.png', 'a=b.png']
  const encoded = (name: string): string => encodeURIComponent(name).replaceAll("'", '%27')

  it.each(NAMES)('H15: of an attribute (%s) is written so that it cannot', async (name) => {
    const written = encoded(name)
    const html = `<img src=${written}><img src="${written}"><img src='${written}'><b style="background:url(${written})">`
    const site = project({ 'index.html': html, [name]: 'x' })
    await site.sync()
    const out = text(site.read('out/index.html'))
    const [key = ''] = (await listed(site)).filter((each) => each.endsWith('.png'))
    const url = `${CDN}${key.split('/').map(encoded).join('/')}`
    expect(out).toBe(`<img src=${url}><img src="${url}"><img src='${url}'><b style="background:url(${url})">`)
    expect(url).not.toMatch(/["'<>`&=\s]/)
  })

  it.each([
    ['<img src="a&quot;b.png?x=&quot;&gt;<i>">', '?x=&quot;><i>"'],
    ["<img src='a\"b.png?&#39;onload=x'>", "?&#39;onload=x'"],
    ['<img src=a&quot;b.png?&#32;onload=x>', '"?'],
  ])('H15: what follows it in %s is escaped as well', async (html) => {
    const site = project({ 'index.html': html, 'a"b.png': 'x' })
    await site.sync()
    const out = text(site.read('out/index.html'))
    expect(out).toMatch(/^<img src=(?:"https:[^"]*"|'https:[^']*')>$/)
  })
})

describe('a second run over the result', () => {
  const files = {
    'index.html':
      '<base href="/"><link rel=stylesheet href=css/a.css><img srcset="x.png, y,z.png 2x" style="background:url(\'x.png\')">' +
      '<script type=importmap>{"imports":{"m":"/js/m.js"}}</script><script type=module>import "/js/m.js"</script>' +
      '<iframe srcdoc="<img src=&quot;x.png?a&amp;amp;b&quot;>"></iframe><meta property=og:image content=/x.png>',
    'sub/page.html': '<img src=../x.png><img src="/x.png#f"><svg><image href=../x.png /></svg>',
    'app.webmanifest': '{"icons":[{"src":"x.png"}]}',
    'css/a.css': '@import "b.css";a{background:url(../x.png)}',
    'css/b.css': 'b{--x:url(../x.png)}',
    'js/m.js': 'import "./n.js"',
    'js/n.js': 'document.title = 1',
    'x.png': 'x',
    'y,z.png': 'y',
  }
  const PAGES = ['index.html', 'sub/page.html', 'app.webmanifest']

  it.each<LadingConfig>([
    { cors: false },
    { cors: true },
    { cors: true, site: 'https://site.example/', integrity: true },
    { url: '/_a/' },
    { url: '/_a/', integrity: true },
  ])('H16: in place changes nothing: %o', async (config) => {
    const site = project(files, { ...config, inPlace: true })
    await site.sync()
    const first = PAGES.map((path) => text(site.read(`site/${path}`)))
    expect(first[1]).not.toBe(files['sub/page.html'])
    expect(await site.sync()).toMatchObject({ added: 0, changed: 0, published: false, pages: { written: 0 } })
    expect(PAGES.map((path) => text(site.read(`site/${path}`)))).toEqual(first)
  })

  it.each<LadingConfig>([{ cors: false }, { cors: true, site: 'https://site.example/' }, { url: '/_a/' }])(
    'H16: whose output is the source changes nothing: %o',
    async (config) => {
      const site = project(files, { ...config, out: 'out' })
      await site.sync()
      for (const path of Object.keys(files)) site.write(`site/${path}`, site.read(`out/${path}`))
      await site.sync({ out: 'again' })
      for (const path of Object.keys(files))
        expect(text(site.read(`again/${path}`))).toBe(text(site.read(`out/${path}`)))
    },
  )

  it('H16: in host mode changes nothing', async () => {
    const site = project(files, { host: true })
    await site.sync()
    expect(await site.sync()).toMatchObject({ added: 0, changed: 0, published: false })
  })
})
