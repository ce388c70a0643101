import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Addresses } from '../../plugins/placement.ts'
import { createRelinker, type Names } from '../../plugins/relink.ts'
import { isSettledPage } from '../../plugins/settled-page.ts'
import { storeView } from '../../plugins/settled-sheet.ts'

const CDN = 'https://cdn.example.com/x/'

const KEYS = new Map([
  ['assets/a-1.png', 'a/assets/a-1.png'],
  ['assets/m-2.js', 'a/assets/m-2.js'],
  ['assets/s-3.css', 'a/assets/s-3.css'],
  ['logo.png', 'a/logo.abc.png'],
  ['own.js', 'a/own.abc.js'],
  ['site.webmanifest', 'a/site.webmanifest'],
])

const ADDRESSES: Addresses = {
  ...{ url: { href: CDN, kind: 'host' }, site: 'https://www.example.com/', base: '/', cors: true, sameOrigin: false },
  ...{ include: [], exclude: [], keep: [], lazyAttributes: [], isExcluded: () => false, isKept: () => false },
}

const NAMES: Names = {
  has: (path) => KEYS.has(path) || path === 'stays.png',
  keyOf: (path) => KEYS.get(path),
  pathOf: (key) => (key === 'a/stays.png' ? 'stays.png' : [...KEYS].find(([, known]) => known === key)?.[0]),
}

const settled = (html: string, addresses: Addresses = ADDRESSES): boolean =>
  isSettledPage(html, storeView(addresses, NAMES), addresses)

const relinked = (html: string): Promise<string> => createRelinker(ADDRESSES, NAMES).page('index.html', html)

const PICTURE = `${CDN}a/assets/a-1.png`
const LOGO = `${CDN}a/logo.abc.png`
const MODULE = `${CDN}a/assets/m-2.js`
const SHEET = `${CDN}a/assets/s-3.css`

const BUILT = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="UTF-8" />
    <link rel="icon" type="image/png" href="${LOGO}" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <meta property="og:title" content="A page: it's ours" />
    <title>A page</title>
    <!-- from a template -->
    <script type="module" crossorigin src="${MODULE}"></script>
    <link rel="modulepreload" crossorigin href="${MODULE}">
    <link rel="stylesheet" crossorigin href="${SHEET}">
  </head>
  <body><div id="app" class="a b"></div><a href="/about">About</a><img src="${PICTURE}" alt="a &amp; b" /></body>
</html>
`

describe('a page is settled at a glance', () => {
  it.each([
    ['when it names nothing', '<!DOCTYPE html><title>x</title><p>a</p>'],
    ['as a bundler writes it', BUILT],
    ['when it is text', 'nothing here'],
  ])('%s', async (_how, html) => {
    expect(settled(html)).toBe(true)
    expect(await relinked(html)).toBe(html)
  })

  it.each([
    ['a file of the site', '<img src="/logo.png">'],
    ['a file beside it', '<img src="logo.png">'],
    ['a value without quotes', `<img src=${PICTURE}>`],
    ['an attribute in capitals', `<img SRC="/logo.png">`],
    ['what the store does not have', `<img src="${CDN}a/stays.png">`],
    ['a piece', `<img src="${PICTURE}#x">`],
    ['the same path of another host', `<img src="${PICTURE.replace('.com', '.org')}">`],
    ['several pictures', `<img srcset="${PICTURE} 2x">`],
    ['a module that no bundler has emitted', `<script type="module" src="${CDN}a/own.abc.js"></script>`],
    ['a preload of such a module', `<link rel="modulepreload" href="${CDN}a/own.abc.js">`],
    ['a manifest', `<link rel="manifest" href="${CDN}a/site.webmanifest">`],
    ['a script of the page itself', '<script>import("/own.js")</script>'],
    ['a sheet of the page itself', '<style>a{background:url(/logo.png)}</style>'],
    ['a style', '<p style="background:url(/logo.png)">'],
    ['a picture for robots', '<meta property="og:image" content="/logo.png">'],
    ['a policy', `<meta http-equiv="Content-Security-Policy" content="img-src 'self'">`],
    ['a base', '<base href="/b/">'],
    ['a frame', '<iframe srcdoc="&lt;img src=/logo.png&gt;"></iframe>'],
    ['a lazy picture', '<img data-src="/logo.png">'],
    ['a piece of a drawing', `<svg><use href="${PICTURE}"/></svg>`],
    ['a film', `<video poster="/logo.png"></video>`],
    ['what reads like a tag in a value', `<p title="<img src='/logo.png'>">`],
    ['markup in a comment', '<!-- <img src="/logo.png"> -->'],
    ['a comment that ends at once', '<!--><img src="/logo.png">-->'],
    ['no end', `<img src="${PICTURE}"`],
  ])('and not with %s', (_what, html) => {
    expect(settled(html)).toBe(false)
  })

  it('and not where the options name attributes that hold addresses', () => {
    expect(settled('<x-card title="/logo.png"></x-card>')).toBe(true)
    expect(settled('<x-card title="/logo.png"></x-card>', { ...ADDRESSES, lazyAttributes: ['title'] })).toBe(false)
  })

  it('and not where the store has no CORS', () => {
    expect(settled(BUILT, { ...ADDRESSES, cors: false })).toBe(false)
  })

  it('only when taking it apart finds nothing to change either', async () => {
    const url = fc.constantFrom(PICTURE, LOGO, MODULE, SHEET, `${CDN}a/own.abc.js`, `${CDN}a/stays.png`, '/logo.png')
    const value = fc.oneof({ weight: 3, arbitrary: url }, fc.constantFrom('icon', 'modulepreload', 'module', 'x', ''))
    const names = 'src href rel type content name property as title srcset style data-src crossorigin poster SRC'
    const attribute = fc
      .tuple(fc.constantFrom(...names.split(' ')), value, fc.constantFrom('"', '"', '"', "'", ''))
      .map(([name, text, quote]) => ` ${name}=${quote}${text}${quote}`)
    const loading = fc.tuple(fc.constantFrom(' src', ' href', ' rel="icon" href', ' rel="stylesheet" href'), url)
    const likely = loading.map(([head, target]) => `${head}="${target}"`)
    const element = fc.constantFrom('img', 'link', 'script', 'meta', 'a', 'svg', 'use', 'image', 'base', 'p', 'x-y')
    const tag = fc
      .tuple(element, fc.array(fc.oneof(likely, attribute), { maxLength: 3 }))
      .map(([name, list]) => `<${name}${list.join('')}>${name === 'script' ? '</script>' : ''}`)
    const filler = fc.constantFrom('text', '<!--', '-->', '<title>', '</title>', '</svg>', '<textarea>', '<template>')
    const page = fc.array(fc.oneof({ weight: 3, arbitrary: tag }, filler), { minLength: 1, maxLength: 5 })
    let isEver = false
    await fc.assert(
      fc.asyncProperty(page, async (parts) => {
        const html = parts.join('')
        if (!settled(html)) return
        isEver ||= html.includes(MODULE) && html.includes(PICTURE)
        expect(await relinked(html)).toBe(html)
      }),
      { numRuns: 20_000, seed: 7 },
    )
    expect(isEver).toBe(true)
  })
})
