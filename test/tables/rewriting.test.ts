import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig } from '../../src/index.ts'
import { createProject, type Project } from '../rig/project.ts'

/** Table H: what documents say, and what lies in the output, byte for byte. */

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

const CDN = 'https://cdn.example.com/'

/** Text with every hash in it shown as `*`. */
const masked = (text: string | Uint8Array): string =>
  Buffer.from(text)
    .toString()
    .replace(/\.[a-z2-7]{16}(?=\.)/g, '.*')

/** Files that every site here has, so that each name in a row could be edited. */
const PICTURES = {
  'a.png': 'a',
  'b.png': 'b',
  'a,b.png': 'comma',
  'a b.png': 'space',
  'a(1).png': 'parentheses',
  'sprite.svg': '<svg xmlns="http://www.w3.org/2000/svg"><path id="i"/></svg>',
  'font.eot': 'font',
  'film.mp4': 'film',
}

type Files = Readonly<Record<string, string>>

async function published(files: Files, config: LadingConfig = {}): Promise<Project> {
  const site = createProject({ files: { ...PICTURES, ...files }, config })
  projects.push(site)
  await site.sync()
  return site
}

/** What this page comes out as. */
async function page(html: string, config: LadingConfig = {}, files: Files = {}): Promise<string> {
  return masked((await published({ ...files, 'index.html': html }, config)).read('out/index.html'))
}

/** What this style sheet comes out as. */
async function sheet(css: string, config: LadingConfig = {}): Promise<string> {
  const site = await published({ 'css/x.css': css, 'index.html': '<link rel=stylesheet href=css/x.css>' }, config)
  return stored(site, /^a\/css\//)
}

async function stored(site: Project, like: RegExp): Promise<string> {
  for await (const keys of site.store.list('a/')) {
    for (const { key } of keys) if (like.test(key)) return masked((await site.store.get(key))?.bytes ?? '')
  }
  return 'not stored'
}

describe('each candidate of a srcset alone', () => {
  it.each([
    ['<img srcset="a.png 1x, b.png 2x">', `<img srcset="${CDN}a/a.*.png 1x, ${CDN}a/b.*.png 2x">`],
    ['<img srcset="a,b.png 1x,gone.png">', `<img srcset="${CDN}a/a%2Cb.*.png 1x,gone.png">`],
    ['<img srcset="a.png,, b.png">', `<img srcset="${CDN}a/a.*.png,, ${CDN}a/b.*.png">`],
    [
      '<img srcset="data:image/png;base64,a.png 1x,\n\tb.png 2x">',
      `<img srcset="data:image/png;base64,a.png 1x,\n\t${CDN}a/b.*.png 2x">`,
    ],
    [
      "<link rel=preload as=image imagesrcset='a.png 1x, b.png 2x'>",
      `<link rel=preload as=image imagesrcset='${CDN}a/a.*.png 1x, ${CDN}a/b.*.png 2x'>`,
    ],
    [
      '<picture><source srcset=a.png><img src=b.png></picture>',
      `<picture><source srcset=${CDN}a/a.*.png><img src=${CDN}a/b.*.png></picture>`,
    ],
    ['<video src=film.mp4 poster=a.png></video>', `<video src=${CDN}a/film.*.mp4 poster=${CDN}a/a.*.png></video>`],
  ])('H01: %s', async (html, expected) => expect(await page(html)).toBe(expected))
})

describe('a base', () => {
  it.each([
    [
      '<base href="/app/"><img src=a.png><img src=/a.png>',
      '/',
      `<base href="/app/"><img src=a.png><img src=${CDN}a/a.*.png>`,
    ],
    [
      '<base href="/app/"><img src=a.png><a href=a.png>',
      '/app/',
      `<base href="/app/"><img src=${CDN}a/a.*.png><a href=a.png>`,
    ],
    [
      '<img src=../a.png><base href=" sub/ "><base href=/>',
      '/',
      `<img src=${CDN}a/a.*.png><base href=" sub/ "><base href=/>`,
    ],
    [
      '<template><base href=/x/></template><img src=a.png>',
      '/',
      `<template><base href=/x/></template><img src=${CDN}a/a.*.png>`,
    ],
    ['<base href=data:,><img src=a.png>', '/', `<base href=data:,><img src=${CDN}a/a.*.png>`],
    ['<base href=https://other.example/><img src=a.png>', '/', '<base href=https://other.example/><img src=a.png>'],
  ])('H02: %s of a site at %s', async (html, base, expected) => expect(await page(html, { base })).toBe(expected))
})

describe('in style sheets', () => {
  it.each([
    ['a{background:url(../a.png)}', 'a{background:url(../a.*.png)}'],
    ['a{background:url( "../a b.png" )}', 'a{background:url( "../a%20b.*.png" )}'],
    ['a{background:URL(../a\\28 1\\29 .png)}', 'a{background:URL(../a%281%29.*.png)}'],
    ['a{background:url(../a\\28 1\\).png)}', 'a{background:url(../a%281%29.*.png)}'],
    [
      "a{background:image-set('../a.png' 1x, url(../b.png) 2x type('image/png'))}",
      "a{background:image-set('../a.*.png' 1x, url(../b.*.png) 2x type('image/png'))}",
    ],
    ['a{background:url(../a.png', 'a{background:url(../a.*.png'],
    ['/* url(../a.png) */ a::after{content:"url(../a.png)"}', '/* url(../a.png) */ a::after{content:"url(../a.png)"}'],
    ['a{background:url(../a.png"x)}b{color:red}', 'a{background:url(../a.png"x)}b{color:red}'],
    ['a{background:"../a.png\n;background:url(../b.png)}', 'a{background:"../a.png\n;background:url(../b.*.png)}'],
    [
      '@namespace url(../a.png);@import "http://x.example/../a.png";',
      '@namespace url(../a.png);@import "http://x.example/../a.png";',
    ],
  ])('H03: %s', async (css, expected) => expect(await sheet(css)).toBe(expected))

  it('H03: what a font is made of, with its format, where CORS is declared', async () => {
    const css = '@font-face{src:url("../font.eot?#iefix") format("embedded-opentype"),local("../a.png")}'
    const expected = '@font-face{src:url("../font.*.eot?#iefix") format("embedded-opentype"),local("../a.png")}'
    expect(await sheet(css, { cors: true })).toBe(expected)
  })
})

describe('what only looks like an address', () => {
  it.each([
    '<script>fetch("/a.png");x={"a.png":"b.png"};document.write("<img src=a.png>")</script>',
    '<script type="application/json">{"image":"/a.png"}</script>',
    '<div title="a.png" data-name="a.png" onclick="go(\'a.png\')">a.png url(a.png)</div><!-- <img src=a.png> -->',
    '<textarea><img src=a.png></textarea><title><img src=a.png></title>',
    '<xmp><img src=a.png></xmp><noembed><img src=a.png></noembed><iframe><img src=a.png></iframe>',
    '<a href=a.png download>a</a><form action=a.png></form><object data=a.png></object><iframe src=a.png></iframe>',
    '<plaintext><img src=a.png></plaintext><img src=b.png>',
  ])('H04: %s', async (html) => expect(await page(html)).toBe(html))

  it('H04: a script that names pictures in its strings moves as it is', async () => {
    const code = 'const logo = "/a.png", map = { "a.png": \'./b.png\' } // a.png'
    const site = await published({ 'x.js': code, 'index.html': '<script src=x.js></script>' })
    expect(await stored(site, /^a\/x\./)).toBe(code)
  })
})

describe('what is no file of the site', () => {
  it.each([
    'data:image/png;base64,a.png',
    'DATA:,a.png',
    'blob:https://site.example/a.png',
    'mailto:a.png',
    'javascript:a.png',
    'JavaScript:a.png',
    '//cdn.x/a.png',
    '\\\\cdn.x\\a.png',
    'https://other/a.png',
    'HTTPS://OTHER/a.png',
    'https:/other/a.png',
    '#a.png',
    '?a.png',
    '',
    ' ',
    'about:blank',
    'file:///a.png',
    'http://[a.png',
  ])('H05: %s', async (url) => {
    const html = `<img src="${url}"><link rel=icon href="${url}"><b style="background:url('${url}')">`
    expect(await page(html, { site: 'https://site.example/' })).toBe(html)
  })
})

describe('query and fragment', () => {
  it.each([
    ['<img src=sprite.svg#i>', `<img src=${CDN}a/sprite.*.svg#i>`],
    ['<img src="a.png?v=1&amp;w=2#x?y">', `<img src="${CDN}a/a.*.png?v=1&amp;w=2#x?y">`],
    ['<img src="a.png?#">', `<img src="${CDN}a/a.*.png?#">`],
    ["<b style='background:url(sprite.svg?a=b#i)'>", `<b style='background:url(${CDN}a/sprite.*.svg?a=b#i)'>`],
  ])('H06: %s', async (html, expected) => expect(await page(html)).toBe(expected))
})

describe('a sprite that is used', () => {
  const html = '<svg><use href="sprite.svg#i"/><use xlink:href=sprite.svg#i /></svg><img src=sprite.svg>'

  it('H07: from another host stays named at the site, although the file moves', async () => {
    for (const cors of [false, true]) {
      const [use, rest] = html.split('<img src=')
      expect(await page(html, { cors })).toBe(`${use}<img src=${CDN}a/${rest?.replace('.svg', '.*.svg')}`)
    }
  })

  it('H07: moves on a path of the site', async () => {
    const moved = '/_a/a/sprite.*.svg'
    const expected = `<svg><use href="${moved}#i"/><use xlink:href=${moved}#i /></svg><img src=${moved}>`
    expect(await page(html, { url: '/_a/' })).toBe(expected)
  })
})
