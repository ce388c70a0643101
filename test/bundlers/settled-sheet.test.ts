import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Addresses } from '../../plugins/placement.ts'
import { createRelinker, type Names } from '../../plugins/relink.ts'
import { isSettled } from '../../plugins/settled-sheet.ts'

const CDN = 'https://cdn.example.com/x/'
const SITE = 'https://www.example.com/'

const KEYS = new Map([
  ['assets/a-1.png', 'a/assets/a-1.png'],
  ['assets/a-1.pn', 'a/assets/a-1.pn'],
  ['assets/f-2.woff2', 'a/assets/f-2.woff2'],
  ['assets/a&b.png', 'a/assets/a&b.png'],
])

const ADDRESSES: Addresses = {
  ...{ url: { href: CDN, kind: 'host' }, site: SITE, base: '/', cors: true, sameOrigin: false },
  ...{ include: [], exclude: [], keep: [], lazyAttributes: [], isExcluded: () => false, isKept: () => false },
}

const NAMES: Names = {
  has: (path) => KEYS.has(path) || path === 'stays.png',
  keyOf: (path) => KEYS.get(path),
  pathOf: (key) => (key === 'a/stays.png' ? 'stays.png' : [...KEYS].find(([, known]) => known === key)?.[0]),
}

const settled = (css: string): boolean =>
  isSettled(css, { href: CDN, isNamed: (key) => [...KEYS.values()].includes(key) })

const relinked = (css: string): string => createRelinker(ADDRESSES, NAMES).style('assets/s.css', css, { moves: true })

const A = `${CDN}a/assets/a-1.png`
const F = `${CDN}a/assets/f-2.woff2`

describe('a sheet is settled at a glance', () => {
  it.each([
    [
      'when it names nothing',
      '.a:not(.b){color:rgba(0,0,0,.5);width:calc(1px + (2px*3))}@media (min-width:1px){.c{top:0}}',
    ],
    ['when a picture is the store’s', `.a{background:url(${A})}`],
    ['with quotes', `.a{color:red;background-image:url("${A}")}.b{background:url('${A}')}`],
    ['in capitals', `.a{BACKGROUND:URL(${A})}`],
    ['with two in one value', `.a{background:url(${A}) 0 0/cover,url(${A}) no-repeat}`],
    ['with fonts', `@font-face{font-family:x;src:url(${F})format("woff2"),url(${F}) format("woff")}`],
    ['with the rest of a value', `.a{background:linear-gradient(90deg,#fff 0%,var(--x)),url(${A}) 0 0/50% no-repeat}`],
  ])('%s', (_how, css) => {
    expect(settled(css)).toBe(true)
    expect(relinked(css)).toBe(css)
  })

  it.each([
    ['a file of the site', '.a{background:url(/assets/a-1.png)}'],
    ['a file beside it', '.a{background:url(a-1.png)}'],
    ['what the store does not have', `.a{background:url(${CDN}a/stays.png)}`],
    ['the same path of another host', `.a{background:url(${A.replace('.com', '.org')})}`],
    ['a name that is written otherwise', `.a{background:url(${CDN}a/assets/a&b.png)}`],
    ['another after the store’s', `.a{background:url(${A}),url(/stays.png)}`],
    ['one before the store’s', `.a{background:url(/stays.png),url(${A})}`],
    ['a function written with an escape', '.a{background:u\\72l(/stays.png)}'],
    ['an import', '@import "/stays.css";'],
    ['an import of the store’s', `@IMPORT url(${A});`],
    ['a set of pictures', '.a{background:image-set("/stays.png" 1x)}'],
    ['src()', '.a{background:src("/stays.png")}'],
    ['a piece of another document', `.a{filter:url(${A})}`],
    ['one in another value of the rule', `.a{background:url(${A});filter:url(${A})}`],
    ['one behind a string that reads like a declaration', `.a{filter:";background:"url(${A})}`],
    ['one behind a comment that reads like a declaration', `.a{filter:/*;background:*/url(${A})}`],
    ['a custom property, which a filter may take over', `.a{--x:url(${A});filter:var(--x)}`],
    ['a mask', `.a{mask:url(${A})}`],
    ['a fragment', `.a{background:url(${A}#piece)}`],
    ['a quotation mark at one end only', `.a{background:url("${A})}`],
    ['no end', `.a{background:url(${A}`],
  ])('and not with %s', (_what, css) => {
    expect(settled(css)).toBe(false)
  })

  it('only when taking it apart finds nothing to change either', () => {
    const url = fc.constantFrom(A, A, F, `${CDN}a/stays.png`, '/stays.png', 'a-1.png', `${A}#p`, `${A}?q`, 'data:,a;b')
    const call = fc.tuple(fc.constantFrom('url(', 'URL(', 'src("', 'image-set("', "url('", 'url( '), url)
    const ends: Readonly<Record<string, string>> = {
      'src("': '")',
      'image-set("': '" 1x)',
      "url('": "')",
      'url( ': ' )',
    }
    const named = call.map(([open, target]) => `${open}${target}${ends[open] ?? ')'}`)
    const filler = fc.constantFrom(' ', ',', '0 0/cover', 'format("woff2")', 'var(--x)', 'red', '";"', '/*{*/', '"a:b"')
    const value = fc.array(fc.oneof(named, filler), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
    const names = [
      'background',
      'BACKGROUND',
      'filter',
      'mask',
      '--x',
      'src',
      'content',
      'cursor',
      'fill',
      '-background',
    ]
    const declaration = fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `${name}:${text}`)
    const rule = fc
      .tuple(fc.constantFrom('.a', '@font-face', '/*;*/.b', '.c::after', '@media (a){.d'), fc.array(declaration))
      .map(([head, body]) => `${head}{${body.join(';')}}${head.startsWith('@media') ? '}' : ''}`)
    const sheet = fc.array(rule, { minLength: 1, maxLength: 4 }).map((rules) => rules.join(''))
    let isEver = false
    fc.assert(
      fc.property(sheet, (css) => {
        if (!settled(css)) return
        isEver ||= css.includes(A)
        expect(relinked(css)).toBe(css)
      }),
      { numRuns: 20_000, seed: 7 },
    )
    expect(isEver).toBe(true)
  })
})
