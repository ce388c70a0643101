import { describe, expect, it } from 'vitest'
import { namedByPage, namedByStyle, styleWithoutAddresses, withoutAddresses } from './documents.ts'

const PAGE = `<!doctype html><link rel=stylesheet href=a.css><a href="b.html">b</a>
<noscript><img src="c.png" alt=c></noscript><template><img srcset="d.png 1x, e.png 2x"></template>
<p style="background: url('f.png') red">x</p><style>p{background:url(g.png)}</style>`

describe('the second reading', () => {
  it('finds what a page names, in order', () => {
    expect(namedByPage(PAGE).map(({ kind, url }) => `${kind} ${url}`)).toEqual([
      'stylesheet a.css',
      'navigation b.html',
      'image c.png',
      'image d.png',
      'image e.png',
      'image f.png',
      'image g.png',
    ])
  })

  it('finds what a style sheet names', () => {
    const css = `@import "a.css";@font-face{src:url(f.woff2) format("woff2")}p{background:url( 'b.png' )}`
    expect(namedByStyle(css).map(({ kind, url }) => `${kind} ${url}`)).toEqual([
      'stylesheet a.css',
      'font f.woff2',
      'image b.png',
    ])
  })

  it('takes pages for the same when only addresses differ', () => {
    const moved = PAGE.replace(/[acdefg]\.(png|css)/g, 'https://cdn.example/x.$1').replace(
      'href=https://cdn.example/x.css',
      'href="https://cdn.example/x.css"',
    )
    expect(moved).not.toBe(PAGE)
    expect(withoutAddresses(moved)).toBe(withoutAddresses(PAGE))
  })

  it.each([
    ['text', '>b</a>', '>c</a>'],
    ['another attribute', 'alt=c', 'alt=d'],
    ['a link', 'href="b.html"', 'href="c.html"'],
    ['a descriptor', 'e.png 2x', 'e.png 3x'],
    ['a declaration', 'red', 'blue'],
    ['an inline rule', 'p{background', 'q{background'],
    ['white space', '<p style', '<p  style'],
  ])('sees that %s differs', (_, before, after) => {
    expect(withoutAddresses(PAGE.replace(before, after))).not.toBe(withoutAddresses(PAGE))
  })

  it('sees that a style sheet differs outside its addresses', () => {
    expect(styleWithoutAddresses('p{background:url(a.png) red}')).toBe('p{background:url() red}')
  })
})
