import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { crawl, type Fetch } from '../../rig/crawler.ts'
import { namedByStyle } from '../../rig/crawler-css.ts'
import { candidates, namedByPage } from '../../rig/crawler-html.ts'
import { fetchStored, fetchWritten, firstOf, type Visible } from '../../rig/crawler-sources.ts'

const SITE = 'https://site.example/'
const CDN = 'https://cdn.example/x/'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
}

function stored(files: Readonly<Record<string, string>>): Map<string, Visible> {
  return new Map(
    Object.entries(files).map(([key, text]) => {
      const type = TYPES[key.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
      return [key, { bytes: Buffer.from(text), headers: { 'content-type': type } }]
    }),
  )
}

const at = (url: string, files: Readonly<Record<string, string>>): Fetch => fetchStored(url, '', stored(files))

describe('the crawler', () => {
  it('follows pages, what they load and what their style sheets load', () => {
    const site = at(SITE, {
      'index.html': '<a href="about/">x</a><link rel=stylesheet href=s.css><a href="https://other.example/">y</a>',
      'about/index.html': '<img src="../a.png#x">',
      's.css': '@import "t.css"; a { background: url(b.png) }',
      't.css': 'b { background: url("c.png?v=1") }',
      'a.png': '',
      'b.png': '',
      'c.png': '',
      'unnamed.png': '',
    })
    const { broken, reached } = crawl(site, [SITE])
    expect(broken).toEqual([])
    expect([...reached].sort()).toEqual(['a.png', 'about/index.html', 'b.png', 'c.png', 'index.html', 's.css', 't.css'])
  })

  it('says which references are broken, each with what names it', () => {
    const site = at(SITE, {
      'index.html': '<img src=gone.png><link rel=stylesheet href=s.css><a href=gone.html>x</a>',
      's.css': 'a { background: url(gone.png) }',
    })
    expect(crawl(site, [SITE]).broken).toEqual([
      { from: SITE, url: `${SITE}gone.png`, status: 404 },
      { from: SITE, url: `${SITE}gone.html`, status: 404 },
      { from: `${SITE}s.css`, url: `${SITE}gone.png`, status: 404 },
    ])
  })

  it('misses a page to start at, also when nobody knows its address', () => {
    const nobody: Fetch = () => undefined
    expect(crawl(at(SITE, {}), [SITE]).broken).toEqual([{ from: '', url: SITE, status: 404 }])
    expect(crawl(nobody, [SITE]).broken).toEqual([{ from: '', url: SITE, status: 0 }])
  })

  it('goes from written pages to stored files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lading-crawl-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'index.html'), `<img src="${CDN}a.png"><img src="${CDN}gone.png">`)
    const fetch = firstOf(fetchWritten(SITE, folder), fetchStored(CDN, '_a/', stored({ '_a/a.png': '' })))
    const { broken, reached } = crawl(fetch, [SITE])
    expect(broken).toEqual([{ from: SITE, url: `${CDN}gone.png`, status: 404 }])
    expect([...reached]).toEqual(['index.html', '_a/a.png'])
  })

  it('does not follow links to other sites, although it knows them', () => {
    const fetch = firstOf(at(SITE, { 'index.html': `<a href="${CDN}gone.html">x</a>` }), at(CDN, {}))
    expect(crawl(fetch, [SITE]).broken).toEqual([])
  })

  it('obeys the base of a page, also in its styles', () => {
    const page = `<base href="${CDN}"><img src=a.png><p style="background:url(b.png)">`
    const fetch = firstOf(at(SITE, { 'index.html': page }), at(CDN, { 'a.png': '' }))
    expect(crawl(fetch, [SITE]).broken).toEqual([{ from: SITE, url: `${CDN}b.png`, status: 404 }])
  })

  it('follows a redirect and judges where it leads', () => {
    const fetch: Fetch = (url) =>
      url === SITE
        ? { status: 301, headers: { location: '/new/' }, bytes: Buffer.alloc(0) }
        : { status: 500, headers: {}, bytes: Buffer.alloc(0) }
    expect(crawl(fetch, [SITE]).broken).toEqual([{ from: SITE, url: `${SITE}new/`, status: 500 }])
  })

  it('reads the same bytes as another type anew', () => {
    const text = '<link rel=stylesheet href=a>'
    const as = (type: string): Fetch => {
      const files = new Map([['index.html', { bytes: Buffer.from(text), headers: { 'content-type': type } }]])
      return fetchStored(SITE, '', files)
    }
    for (let round = 0; round < 2; round += 1) {
      expect(crawl(as('text/html'), [SITE]).broken).toHaveLength(1)
      expect(crawl(as('text/plain'), [SITE]).broken).toHaveLength(0)
    }
  })

  it('does not read again what it has read', () => {
    const bytes = Buffer.from('<img src=a>')
    const fetch = fetchStored(SITE, '', new Map([['index.html', { bytes, headers: { 'content-type': 'text/html' } }]]))
    const named = (): string[] => crawl(fetch, [SITE]).broken.map(({ url }) => url)
    expect(named()).toEqual([`${SITE}a`])
    // Nobody does this; it shows that the bytes are not looked at.
    bytes.write('<img src=b>')
    expect(named()).toEqual([`${SITE}a`])
  })
})

describe('a page names', () => {
  it.each([
    ['<img src=u>', 'a picture'],
    ['<img srcset="u 2x">', 'a choice of pictures'],
    ['<picture><source srcset="u"></picture>', 'a source'],
    ['<video src=u></video>', 'a video'],
    ['<video poster=u></video>', 'its poster'],
    ['<audio><source src=u></audio>', 'a sound'],
    ['<track src=u>', 'subtitles'],
    ['<script src=u></script>', 'a script'],
    ['<iframe src=u></iframe>', 'a frame'],
    ['<object data=u></object>', 'an object'],
    ['<input type=image src=u>', 'a button'],
    ['<link rel="alternate stylesheet" href=u>', 'a style sheet'],
    ['<link rel="shortcut icon" href=u>', 'an icon'],
    ['<link rel=preload as=image imagesrcset="u 1x">', 'what is loaded early'],
    ['<link rel=manifest href=u>', 'a manifest'],
    ['<style>@import url(u);</style>', 'what a style element imports'],
    ['<p style="background: url(\'u\')">', 'what a style attribute shows'],
    ['<noscript><img src=u></noscript>', 'what is there without scripts'],
    ['<template><img src=u></template>', 'what is in a template'],
    ['<svg><image xlink:href="u"/></svg>', 'a picture in a drawing'],
    ['<svg><use href="u"/></svg>', 'a drawing in a drawing'],
  ])('%s: %s', (html) => {
    expect(namedByPage(html).loads).toEqual(['u'])
  })

  it('not what is in comments, in text and behind other links', () => {
    const html = '<!-- <img src=u> --><textarea><img src=u></textarea><link rel=canonical href=u><img data-src=u>'
    expect(namedByPage(html).loads).toEqual([])
  })
})

describe('a choice of pictures', () => {
  it.each<[string, string[]]>([
    ['a 1x, b 2x', ['a', 'b']],
    ['a,b', ['a,b']],
    ['a, b', ['a', 'b']],
    ['data:image/png;base64,AA== 1x, b', ['data:image/png;base64,AA==', 'b']],
    ['a 1x (x, y), b', ['a', 'b']],
    [' , a , , b,', ['a', 'b']],
    ['a 100w 50h,b 2x', ['a', 'b']],
  ])('%j', (srcset, urls) => {
    expect(candidates(srcset)).toEqual(urls)
  })
})

describe('a style sheet names', () => {
  it.each<[string, string[]]>([
    ['@import "u";', ['u']],
    ['@import url(u) screen;', ['u']],
    ['a { background: url( "u" ), url(v) }', ['u', 'v']],
    ['@font-face { src: url(u) format("woff2"), url(v) }', ['u', 'v']],
    ['a { background: image-set("u" 1x, url(v) 2x, "w" type("image/avif")) }', ['v', 'u', 'w']],
    ['a { background: url(a\\ b.png) }', ['a b.png']],
    ['a { background: url(\\75 ) }', ['u']],
    ['/* url(u) */ a { content: "x" }', []],
    ['@namespace url(u); a { color: red }', []],
    ['a { background: url(u)', ['u']],
  ])('%j', (css, urls) => {
    expect(namedByStyle(css)).toEqual(urls)
  })
})

it('a manifest names its icons', () => {
  const site = at(SITE, {
    'index.html': '<link rel=manifest href=m/site.webmanifest>',
    'm/site.webmanifest': '{"icons":[{"src":"i.png"}],"shortcuts":[{"icons":[{"src":"/j.png"}]}]}',
  })
  expect(crawl(site, [SITE]).broken.map(({ url }) => url)).toEqual([`${SITE}m/i.png`, `${SITE}j.png`])
})
