import { describe, expect, it } from 'vitest'
import { htmlReferences } from '../../../src/rewrite/index.ts'

const found = (html: string): string[] => htmlReferences(html).references.map(({ url }) => url)
const places = (html: string): string[] => htmlReferences(html).references.map(({ place }) => place)

describe('what is no markup is not read', () => {
  it.each([
    ['in a comment', '<!-- <img src=no> --><img src=a>'],
    ['in a comment that closes at once', '<!--><img src=a><!---><img src=b>', 'a', 'b'],
    ['in a comment closed with a mark', '<!-- <img src=no> --!><img src=a>'],
    ['in what passes for a comment', '<! <img src=no><? <img src=no></ <img src=no><img src=a>'],
    ['in a doctype', '<!doctype html "<img src=no"><img src=a>'],
    ...['textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes', 'style', 'script'].map(
      (name): [string, string] => [`in a ${name}`, `<${name}><img src=no></${name.toUpperCase()} x><img src=a>`],
    ),
    ['after plaintext', '<img src=a><plaintext><img src=no></plaintext><img src=no>'],
    [
      'in a script inside a comment inside a script',
      '<script><!-- <script></script><img src=no>--></script><img src=a>',
    ],
    ['in a script whose comment closes at once', '<script><!--></script><img src=a>'],
    ['in a tag that the text ends in', '<img src=a><img src="no'],
    ['after a lone bracket', '< img src=no><img src=a>'],
  ] as [string, string, ...string[]][])('%s', (_where, html, ...expected) => {
    expect(found(html)).toEqual(expected.length > 0 ? expected : ['a'])
  })

  it('but noscript is, as by a browser whose scripts are off', () => {
    expect(found('<noscript><img src=a></noscript>')).toEqual(['a'])
  })
})

describe('attributes are read as browsers do', () => {
  it.each([
    ['<img src=a/>', 'a/'],
    ['<img/src=a>', 'a'],
    ['<img\fSRC\n=\t"a">', 'a'],
    ["<img alt='>' src='a'>", 'a'],
    ['<img src=a src=b>', 'a'],
    ['<img alt"x" src=a>', 'a'],
    ['<img =src=no src=a>', 'a'],
    ['<img src="a"alt="">', 'a'],
    ['<img src=a"b>', 'a"b'],
  ])('%s', (html, url) => expect(found(html)).toEqual([url]))
})

describe('SVG begins and ends where browsers say', () => {
  it.each([
    ['<svg><image href=a /></svg><image href=no src=b>', ['image[href]', 'img[src]']],
    ['<svg/><use href=no /><img src=b>', ['img[src]']],
    ['<svg><use href=a></svg>', ['use[href]']],
    ['<svg><foreignobject><img src=a><use href=no></foreignobject><use href=b /></svg>', ['img[src]', 'use[href]']],
    ['<svg><p><use href=no></svg>', []],
    ['<svg><title><img src=a></title><use href=b></svg>', ['img[src]', 'use[href]']],
    ['<svg><desc></svg><use href=no>', []],
    ['<svg><font size=1><use href=no></svg>', []],
    ['<svg><font><use href=a></svg>', ['use[href]']],
    ['<svg><![CDATA[<use href=no>]]><use href=a></svg><![CDATA[<img src=b>]]>', ['use[href]']],
    ['<math><mi><img src=a></mi><annotation-xml encoding="text/html"><img src=b></math>', ['img[src]', 'img[src]']],
    ['<svg><feimage href=a /></svg>', ['feImage[href]']],
    ['<svg><template></svg><base href=x><img src=a></template>', ['img[src]']],
  ])('%s', (html, expected) => expect(places(html)).toEqual(expected))

  it('and its style and script may hold markup, entities and sections', () => {
    const html =
      '<svg><style>a{fill:url(a.svg#x)}<!-- b{fill:url(no)} -->&#x61;{mask:url(m&amp;n)}<![CDATA[i{cursor:url(c)}]]></style></svg>'
    expect(found(html)).toEqual(['a.svg#x', 'm&n', 'c'])
  })
})

describe('a template', () => {
  it('is a wall for end tags, and its base counts for nothing', () => {
    const html = '<video crossorigin><template></video><base href=x></template><track src=a></video><base href=y>'
    const { references, base } = htmlReferences(html)
    expect(references.map(({ loadClass }) => loadClass)).toEqual(['B'])
    expect(base).toBe('y')
  })
})

describe('hostile documents', () => {
  /** CPU time of reading, in milliseconds: the least of three. */
  function cost(html: string): number {
    const times = [0, 1, 2].map(() => {
      const start = process.cpuUsage()
      htmlReferences(html)
      const { user, system } = process.cpuUsage(start)
      return (user + system) / 1000
    })
    return Math.min(...times)
  }

  it.each<[string, (count: number) => string]>([
    ['open tags', (count) => '<div>'.repeat(count)],
    ['end tags that end nothing', (count) => '<b>'.repeat(count) + '</i>'.repeat(count)],
    ['end tags behind the wall of a template', (count) => `<i><template>${'<b>'.repeat(count)}${'</i>'.repeat(count)}`],
    ['templates in templates', (count) => '<template>'.repeat(count)],
    ['attributes', (count) => `<img ${'a=1 '.repeat(count)}src=x>`],
    ['attributes of many names', (count) => `<img ${Array.from({ length: count }, (_, i) => `a${i}`).join(' ')}>`],
    ['brackets', (count) => '<'.repeat(count)],
    ['comments that do not end', (count) => '<!--'.repeat(count)],
    ['dashes', (count) => `<!--${'-'.repeat(count)}`],
    ['scripts in scripts', (count) => '<script><!--'.repeat(count)],
    ['svg in html in svg', (count) => '<svg><foreignobject>'.repeat(count)],
  ])('cost no more for each of many: %s', (_what, make) => {
    const [few, many] = [make(10_000), make(80_000)]
    // eight times as much; quadratic would be sixty-four
    expect(cost(many)).toBeLessThan(30 * Math.max(cost(few), 2))
  })
})
