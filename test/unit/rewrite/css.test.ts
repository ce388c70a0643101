import { describe, expect, it } from 'vitest'
import { cssReferences, rewriteDocument } from '../../../src/rewrite/index.ts'

/** `place url class`, one per reference. */
const found = (css: string, context: 'sheet' | 'declarations' = 'sheet'): string[] =>
  cssReferences(css, { context }).references.map(({ place, url, loadClass }) => `${place} ${url} ${loadClass}`)

const to = (css: string, url: string): string =>
  rewriteDocument(css, cssReferences(css, { context: 'sheet' }), () => url).text

describe('cssReferences finds what a sheet loads', () => {
  it.each<[string, string[]]>([
    ['a{background:url(a.png)}', ['background a.png A']],
    ['a{background:url( \n a.png\t)}', ['background a.png A']],
    ['a{background:URL("a b.png")}', ['background a b.png A']],
    ["a{background:u\\72l('a.png')}", ['background a.png A']],
    ['a{background:url(\\61\r\n b.png)}', []],
    ['a{background:url(\\61 b.png)}', ['background ab.png A']],
    ['a{background:url("a.png" cross-origin(anonymous))}', ['background a.png A']],
    ['a{background:src("a.png")}', ['background a.png A']],
    ['a{background:url(a.png),url(b.png)}', ['background a.png A', 'background b.png A']],
    ['a{background:url(a.png', ['background a.png A']],
    ['a{background:url("a.png', ['background a.png A']],
    ['a{BORDER-IMAGE:url(a.png) 3}', ['border-image a.png A']],
    ['a{*background:url(a.png)}', ['background a.png A']],
    ['a{background:image-set("a.png" 1x,url(b.png) 2x)}', ['background a.png A', 'background b.png A']],
    ['a{background:-webkit-image-set("a.png" 1x type("image/png"))}', ['background a.png A']],
    ['a{background:cross-fade(url(a.png),url("b.png"),50%)}', ['background a.png A', 'background b.png A']],
    ['a{cursor:url(a.cur),auto}', ['cursor a.cur A']],
    ['@counter-style x{symbols:url(a.png)}', ['symbols a.png A']],
  ])('images: %s', (css, expected) => expect(found(css)).toEqual(expected))

  it.each<[string, string[]]>([
    ['@import "a.css";', ['@import a.css A']],
    ["@IMPORT url( 'a.css' ) layer(x) supports(display:grid) screen;", ['@import a.css A']],
    ['@import url(a.css) supports(background:url(b.png));', ['@import a.css A']],
    ['@import "a.css" layer("b.css");', ['@import a.css A']],
    ['@import "a.css"', ['@import a.css A']],
    ['@charset "utf-8";@import "a.css";@import "b.css";', ['@import a.css A', '@import b.css A']],
    [
      '@font-face{font-family:"x.png";src:local("L"),url(f.woff2) format("woff2"),url("f.eot?#iefix")}',
      ['@font-face src f.woff2 B', '@font-face src f.eot?#iefix B'],
    ],
    ['@supports (x:y){@font-face{src:url(f.woff2)}}', ['@font-face src f.woff2 B']],
    ['@font-face{a{b:url(c.png)}src:url(f.woff2)}', ['b c.png A', '@font-face src f.woff2 B']],
    ['\u00d7@import "a.css";', ['@import a.css A']],
    ['a{b:\u00d7url(a.png)}c{b:\u00e9url(b.png)}', ['b a.png A']],
    ['a{b:5url(a.png)}c{b:5 url(b.png)}d{b:#url(d.png)}', ['b b.png A']],
    ['<!-- a{b:url(a.png)} -->c{b:url(b.png)}', ['b a.png A', 'b b.png A']],
  ])('imports and fonts: %s', (css, expected) => expect(found(css)).toEqual(expected))

  it.each<[string, string[]]>([
    ['a{mask:url(m.svg#a)}', ['mask m.svg#a B']],
    ['a{-webkit-mask-image:url(m.svg)}', ['-webkit-mask-image m.svg B']],
    ['a{mask-border-source:url(m.svg)}', ['mask-border-source m.svg B']],
    ['a{clip-path:url(m.svg#a)}', ['clip-path m.svg#a B']],
    ['a{shape-outside:url(m.png)}', ['shape-outside m.png B']],
    ['a{filter:url(f.svg#a)}', ['filter f.svg#a C']],
    ['a{-webkit-backdrop-filter:url(f.svg#a)}', ['-webkit-backdrop-filter f.svg#a C']],
    ['a{fill:url(f.svg#a)}', ['fill f.svg#a C']],
    ['@media print{a{mask:url(m.svg)} b{color:red}}c{background:url(c.png)}', ['mask m.svg B', 'background c.png A']],
    ['@supports (mask:url(x)){a{mask:url(m.svg)}}', ['mask m.svg B']],
    [
      'a{&:hover{mask:url(m.svg)}background:url(a.png);b{filter:url(f)}}',
      ['mask m.svg B', 'background a.png A', 'filter f C'],
    ],
    ['a{b:hover{background:url(a.png)}}', ['background a.png A']],
    ['@layer x;a{mask:url(m.svg)}', ['mask m.svg B']],
  ])('classes by property, however nested: %s', (css, expected) => expect(found(css)).toEqual(expected))

  it.each<[string, string[]]>([
    ['a{--x:url(a.png)}', ['--x a.png A']],
    ['a{--X:{background:url(a.png);mask:url(b.png)};color:red}', ['--X a.png A', '--X b.png A']],
    ['a{--x:url(a.png)}b{mask:var(--x)}', ['--x a.png B']],
    ['a{--x (b):{url(a.png)};mask:url(b.png)}', ['--x a.png A', 'mask b.png B']],
    ['b{filter:var(--x, none)}a{--x:url(a.svg#f)}', ['--x a.svg#f C']],
    ['a{--x:url(a.png);--y:var(--x)}b{mask:var(--y)}c{background:var(--x)}', ['--x a.png B']],
    ['a{--x:var(--y);--y:var(--x);--z:url(a.png)}', ['--z a.png A']],
    ['a{--x:var(--y);--y:var(--x);--y:url(a.png);mask:var(--x);fill:var(--y)}', ['--y a.png C']],
  ])('custom properties take the class of their use: %s', (css, expected) => expect(found(css)).toEqual(expected))

  it('wants absolute URLs in custom properties alone', () => {
    const { references } = cssReferences('a{--x:url(a.png);background:url(b.png)}', { context: 'sheet' })
    expect(references.map(({ absolute }) => absolute)).toEqual([true, false])
  })

  it.each([
    '@namespace svg url(http://www.w3.org/2000/svg);',
    '@charset "a.css";',
    '@document url(a.html){}',
    '@-moz-document url-prefix("a"){}',
    '@supports (background:url(a.png)){}',
    '/* a{background:url(a.png)} */',
    'a::before{content:"url(a.png)"}',
    'a[href="a.png"]{color:red}',
    'a{background:url()}',
    'a{background:url("")}',
    'a{filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src="a.png")}',
  ])('nothing in %s', (css) => expect(found(css)).toEqual([]))

  it.each<[string, string[]]>([
    ['a{background:url(a b.png)}b{background:url(b.png)}', ['background b.png A']],
    ['a{background:url(a"b.png)}b{background:url(b.png)}', ['background b.png A']],
    ['a{background:"x\n;mask:url(m.svg)}', ['mask m.svg B']],
    ['}}a{mask:url(m.svg)}', ['mask m.svg B']],
    ['a{mask:url(m.svg);}}}b{background:url(b.png)}', ['mask m.svg B', 'background b.png A']],
    ['a{color:rgb(1,2;background:url(a.png)}', ['color a.png A']],
    ['a{background:url(a b\\)c.png)}b{background:url(b.png)}', ['background b.png A']],
    ['a{background:url("a.png\\', ['background a.png A']],
    ['a{background:url(a.png\\', ['background a.png\ufffd A']],
    ['a{background:url(a\0.png)}b{background:url("b\0.png")}', ['background b\ufffd.png A']],
    ['@image-set{a:b("c.png")}', []],
    ['@image-set{"c.png" a:"b.png"}', []],
  ])('around malformed parts: %j', (css, expected) => expect(found(css)).toEqual(expected))

  it('reads declarations as a style attribute holds them', () => {
    expect(found('background:url(a.png);mask:url(m.svg)', 'declarations')).toEqual([
      'background a.png A',
      'mask m.svg B',
    ])
  })

  it('gives lines for messages', () => {
    const css = 'a{\nbackground:url(a.png)}\n\nb{background:url(\nb.png)}'
    expect(cssReferences(css, { context: 'sheet' }).references.map(({ line }) => line)).toEqual([2, 5])
  })

  it('reads a file that begins with a byte order mark', () => {
    expect(found('\uFEFF@import "a.css";')).toEqual(['@import a.css A'])
  })
})

describe('rewritten CSS', () => {
  it.each([
    ['a{b:url(a.png)}', 'n.png', 'a{b:url(n.png)}'],
    ['a{b:url( a.png )}', 'n.png?#iefix', 'a{b:url( n.png?#iefix )}'],
    ['a{b:url( a.png )}', 'n (1).png', 'a{b:url( "n (1).png" )}'],
    ['a{b:url(a\\ )}', 'n.png', 'a{b:url(n.png)}'],
    ['a{b:url(\\29\r\n.png )}', 'n.png', 'a{b:url(n.png )}'],
    ['a{b:url("a.png")}', 'n"\'\\.png', 'a{b:url("n\\"\'\\\\.png")}'],
    ["a{b:url('a.png')}", 'n"\'\n.png', "a{b:url('n\"\\'\\a .png')}"],
    ['a{b:url("a\\".png")}', 'n.png', 'a{b:url("n.png")}'],
    ['a{b:url("a.png', 'n.png', 'a{b:url("n.png'],
    ['a{b:url("a\\".png', 'n.png', 'a{b:url("n.png'],
    ['a{b:url(a.png', 'n.png', 'a{b:url(n.png'],
    ['@import"a.css";', 'n.css', '@import"n.css";'],
    ['a{b:image-set("a.png"1x)}', 'n.png', 'a{b:image-set("n.png"1x)}'],
  ])('%j with %j', (css, url, expected) => {
    expect(to(css, url)).toBe(expected)
    expect(cssReferences(expected, { context: 'sheet' }).references.map((reference) => reference.url)).toEqual([url])
  })

  it.each(['a{b:url(a b.png)}', 'a{b:url(a(b.png)}', 'a{b:"x\nurl(a', '@media{{{', '\\'])(
    'leaves malformed CSS as it is: %j',
    (css) => expect(to(css, 'n.png')).toBe(css),
  )
})
