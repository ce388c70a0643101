import postcss from 'postcss'
import { describe, expect, it } from 'vitest'
import {
  createResolver,
  cssReferences,
  type DocumentReferences,
  encodePath,
  htmlReferences,
  relativeUrl,
  rewriteDocument,
  urlOfKey,
  webManifestReferences,
} from '../../../src/rewrite/index.ts'
import type { PublicUrl } from '../../../src/words/model.ts'
import { parse5Value, postcssUrls } from './oracles.ts'

const NAMES = [
  'a b.png',
  'a+b.png',
  '100%.png',
  'a%20b.png',
  'test%46.png',
  'q?x=1.png',
  'h#f.png',
  "it's(1)!*.png",
  'a&b<c>.png',
  'a&amp;b.png',
  '"q".png',
  'semi;colon=,:@$~.png',
  ',comma,.png,',
  'x:y.png',
  'caf\u00e9.png',
  '\u{1F6A2}\u200d\u{1F30A}.png',
  'gpj\u202e.exe.png',
  'back\\slash.png',
  '[id]{a,b}`^|.png',
  '$&.png',
  '__proto__',
  'constructor',
  ' lead and trail ',
  '...',
  '-->',
  '</style>.png',
]

interface Context {
  readonly name: string
  /** A document with `url` in it, as an author would write one that needs no escaping. */
  write(url: string): string
  scan(text: string): DocumentReferences
  /** What an independent parser takes for the URL. */
  read(text: string): string | undefined
}

const attribute = (name: string): Pick<Context, 'scan' | 'read'> => ({
  scan: htmlReferences,
  read: (text) => parse5Value(text, name),
})
const firstUrl = (css: string | undefined): string | undefined => postcssUrls(`a{${css ?? ''}}`)[0]
const sheet: Pick<Context, 'scan' | 'read'> = {
  scan: (text) => cssReferences(text, { context: 'sheet' }),
  read: (text) => postcssUrls(text)[0],
}

const CONTEXTS: readonly Context[] = [
  { name: 'double quotes', write: (url) => `<img src="${url}">`, ...attribute('src') },
  { name: 'single quotes', write: (url) => `<img src='${url}'>`, ...attribute('src') },
  { name: 'no quotes', write: (url) => `<img src=${url}>`, ...attribute('src') },
  {
    name: 'srcset',
    write: (url) => `<img srcset="${url} 1x, other.png 2x">`,
    scan: htmlReferences,
    read: (text) => parse5Value(text, 'srcset')?.split(/\s+/)[0],
  },
  {
    name: 'style attribute',
    write: (url) => `<p style="background:url(${url})">`,
    scan: htmlReferences,
    read: (text) => firstUrl(parse5Value(text, 'style')),
  },
  {
    name: 'quoted in a style attribute',
    write: (url) => `<p style="background:url(&quot;${url}&quot;)">`,
    scan: htmlReferences,
    read: (text) => firstUrl(parse5Value(text, 'style')),
  },
  { name: 'url()', write: (url) => `a{background:url(${url})}`, ...sheet },
  { name: "url('')", write: (url) => `a{background:url('${url}')}`, ...sheet },
  { name: '@import', write: (url) => `@import "${url}";`, ...sheet },
  {
    name: 'JSON',
    write: (url) => `{"icons":[{"src":"${url}"}]}`,
    scan: webManifestReferences,
    read: (text) => JSON.parse(text).icons[0].src,
  },
]

const CDN: PublicUrl = { href: 'https://cdn.example.com/', kind: 'host' }

describe.each(CONTEXTS)('in $name', ({ write, scan, read }) => {
  const moved = (url: string): string | undefined => {
    const text = write('old.png')
    return read(rewriteDocument(text, scan(text), (reference) => (reference.url === 'old.png' ? url : undefined)).text)
  }

  it.each(NAMES)('%j goes to its URL and back', (name) => {
    const key = `a/x y/${name}`
    expect(decodeURIComponent(new URL(moved(urlOfKey(CDN, key)) ?? '').pathname)).toBe(`/${key}`)
  })

  it.each(NAMES)('%j is named relatively', (name) => {
    for (const key of [`a/${name}`, `a/css/${name}`, `a/css/sub/${name}`]) {
      const url = new URL(moved(relativeUrl('a/css/s.css', key)) ?? '', 'https://cdn.example.com/a/css/s.css')
      expect(decodeURIComponent(url.pathname)).toBe(`/${key}`)
    }
  })

  it.each(NAMES)('%j is recognised where a page names it', (name) => {
    const { resolve } = createResolver({
      base: '/',
      url: undefined,
      has: (path) => path === `i/${name}`,
      pathOfKey: () => undefined,
    })
    const [reference] = scan(write(`/i/${encodePath(name)}`)).references
    expect(resolve(reference?.url ?? '', 'index.html')).toMatchObject({ kind: 'file', path: `i/${name}` })
  })
})

describe('Unicode forms', () => {
  it.each(['caf\u00e9.png', 'cafe\u0301.png'])('%j in a page leads to the file in NFC', (written) => {
    const { resolve } = createResolver({
      base: '/',
      url: undefined,
      has: (path) => path === 'caf\u00e9.png',
      pathOfKey: () => undefined,
    })
    for (const { write, scan } of CONTEXTS) {
      const [reference] = scan(write(written)).references
      expect(resolve(reference?.url ?? '', 'index.html')).toMatchObject({ kind: 'file', path: 'caf\u00e9.png' })
    }
  })
})

describe('a URL that is not plain', () => {
  /** What could be asked of us by a query that is kept as it was written. */
  const HOSTILE = 'https://cdn.example.com/a.png?a="b"&c=\'d\'&lt;<e>&f=(g)\\h`i'

  it.each(CONTEXTS.filter(({ name }) => /quotes|JSON/.test(name)))('survives in $name', ({ write, scan, read }) => {
    const text = write('old.png')
    expect(read(rewriteDocument(text, scan(text), () => HOSTILE).text)).toBe(HOSTILE)
  })

  it.each(CONTEXTS.filter(({ name }) => /url|import|style/.test(name)))('survives in $name', ({ write, scan }) => {
    const text = write('old.png')
    const { text: moved } = rewriteDocument(text, scan(text), () => HOSTILE)
    expect(scan(moved).references.map(({ url }) => url)).toEqual([HOSTILE])
    if (!moved.startsWith('<')) expect(postcss.parse(moved).nodes).toHaveLength(1)
  })
})
