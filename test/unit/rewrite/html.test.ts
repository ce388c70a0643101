import { describe, expect, it } from 'vitest'
import { htmlReferences, rewriteDocument } from '../../../src/rewrite/index.ts'

/** `place url class`, one per reference. */
const found = (html: string): string[] =>
  htmlReferences(html).references.map(({ place, url, loadClass }) => `${place} ${url} ${loadClass}`)

describe('htmlReferences finds what a page loads', () => {
  it.each<[string, string[]]>([
    ['<img src=a.png>', ['img[src] a.png A']],
    ['<IMG SRC="a.png">', ['img[src] a.png A']],
    ['<img crossorigin src=a.png srcset="b.png 2x">', ['img[src] a.png B', 'img[srcset] b.png B']],
    ['<img srcset="a.png 1x, b,c.png 2x">', ['img[srcset] a.png A', 'img[srcset] b,c.png A']],
    ['<input type=IMAGE src=a.png><input src=b.png>', ['input[src] a.png A']],
    ['<video src=a.mp4 poster=p.jpg></video>', ['video[src] a.mp4 A', 'video[poster] p.jpg A']],
    ['<video crossorigin src=a.mp4 poster=p.jpg></video>', ['video[src] a.mp4 B', 'video[poster] p.jpg A']],
    ['<audio><source src=a.ogg></audio>', ['source[src] a.ogg A']],
    ['<audio crossorigin><source src=a.ogg></audio><source src=b.ogg>', ['source[src] a.ogg B', 'source[src] b.ogg A']],
    ['<video><track src=a.vtt></video>', ['track[src] a.vtt C']],
    ['<video crossorigin><track src=a.vtt></video>', ['track[src] a.vtt B']],
    ['<embed src=a.svg>', ['embed[src] a.svg A']],
    ['<body background=a.png>', ['body[background] a.png A']],
    ['<picture><source srcset=a.avif><img src=a.png></picture>', ['source[srcset] a.avif A', 'img[src] a.png A']],
    [
      '<img src=0.png><picture><source srcset=a.avif><img crossorigin src=a.png></picture><img src=c.png>',
      ['img[src] 0.png A', 'source[srcset] a.avif B', 'img[src] a.png B', 'img[src] c.png A'],
    ],
  ])('in media: %s', (html, expected) => expect(found(html)).toEqual(expected))

  it.each<[string, string[]]>([
    ['<script src=a.js></script>', ['script[src] a.js A']],
    ['<script src=a.js crossorigin=anonymous></script>', ['script[src] a.js B']],
    ['<script type=module src=a.js></script>', ['script[src] a.js B']],
    ['<script type="text/plain" src=a.js></script>', ['script[src] a.js A']],
    ['<script type=importmap src=a.json></script>', []],
    ['<link rel=stylesheet href=a.css>', ['link[rel=stylesheet] a.css A']],
    ['<link rel="alternate stylesheet" crossorigin href=a.css>', ['link[rel=alternate stylesheet] a.css B']],
    ['<link rel="Shortcut Icon" href=favicon.ico>', ['link[rel=shortcut icon] favicon.ico A']],
    ['<link rel=apple-touch-icon-precomposed href=i.png>', ['link[rel=apple-touch-icon-precomposed] i.png A']],
    ['<link rel=mask-icon href=i.svg>', ['link[rel=mask-icon] i.svg A']],
    ['<link rel=manifest href=site.webmanifest>', ['link[rel=manifest] site.webmanifest C']],
    ['<link rel=modulepreload href=a.js>', ['link[rel=modulepreload] a.js B']],
    ['<link rel=preload as=font href=a.woff2>', ['link[rel=preload] a.woff2 B']],
    ['<link rel=preload as=style href=a.css>', ['link[rel=preload] a.css A']],
    ['<link rel=preload as=script crossorigin href=a.js>', ['link[rel=preload] a.js B']],
    ['<link rel=preload as=fetch href=a.json crossorigin>', []],
    ['<link rel=prefetch href=next.js>', ['link[rel=prefetch] next.js A']],
    [
      '<link rel=preload as=image imagesrcset="a.png 1x, b.png 2x">',
      ['link[rel=preload][imagesrcset] a.png A', 'link[rel=preload][imagesrcset] b.png A'],
    ],
  ])('in scripts and links: %s', (html, expected) => expect(found(html)).toEqual(expected))

  it.each<[string, string[]]>([
    ['<meta property="og:image" content="/a.png">', ['meta[og:image] /a.png A']],
    ['<meta property="og:image:secure_url" content="/a.png">', ['meta[og:image:secure_url] /a.png A']],
    ['<meta property="og:image:width" content="100">', []],
    ['<meta name="twitter:image:src" content="/a.png">', ['meta[twitter:image:src] /a.png A']],
    ['<meta itemprop=image content="/a.png">', ['meta[image] /a.png A']],
    ['<meta name="msapplication-TileImage" content="/a.png">', ['meta[msapplication-tileimage] /a.png A']],
    ['<meta name="msapplication-square70x70logo" content="/a.png">', ['meta[msapplication-square70x70logo] /a.png A']],
    ['<meta name="msapplication-config" content="/browserconfig.xml">', []],
  ])('in meta: %s', (html, expected) => expect(found(html)).toEqual(expected))

  it.each<[string, string[]]>([
    ['<p style="background: url(a.png)">', ['p[style] background a.png A']],
    ['<p style="background: url(&quot;a b.png&quot;)">', ['p[style] background a b.png A']],
    ['<p style="-webkit-mask: url(m.svg)">', ['p[style] -webkit-mask m.svg B']],
    ['<style>p { background: url(a.png) }</style>', ['<style> background a.png A']],
    ['<style>p { background: url(a.png) }', ['<style> background a.png A']],
    ['<style type="text/css">@import "a.css";</style>', ['<style> @import a.css A']],
    ['<style type="text/less">@import "a.css";</style>', []],
    ['<svg><style>p{fill:url(&quot;a.svg#x&quot;)}</style></svg>', ['<style> fill a.svg#x C']],
    ['<svg><style><![CDATA[p{cursor:url(a.cur)}]]></style></svg>', ['<style> cursor a.cur A']],
  ])('in CSS: %s', (html, expected) => expect(found(html)).toEqual(expected))

  it.each<[string, string[]]>([
    ['<svg><image href="a.png"/></svg>', ['image[href] a.png A']],
    ['<svg><image xlink:href="a.png"/></svg>', ['image[xlink:href] a.png A']],
    ['<svg><use href="s.svg#i"/></svg>', ['use[href] s.svg#i C']],
    ['<svg><feimage href="a.png"/></svg>', ['feImage[href] a.png C']],
    ['<svg><rect fill="url(g.svg#a)"/></svg>', ['rect[fill] fill g.svg#a C']],
    ['<svg><rect mask="url(m.svg#a)"/></svg>', ['rect[mask] mask m.svg#a B']],
    ['<svg><rect filter="url(f.svg#a)"/></svg>', ['rect[filter] filter f.svg#a C']],
    ['<svg cursor="url(a.cur), auto"></svg>', ['svg[cursor] cursor a.cur A']],
    ['<rect fill="url(g.svg#a)">', []],
    ['<use href="s.svg#i">', []],
  ])('in SVG: %s', (html, expected) => expect(found(html)).toEqual(expected))

  it.each([
    '<a href="a.png">',
    '<form action="a.php">',
    '<iframe src="a.html">',
    '<object data="a.svg"></object>',
    '<link rel=canonical href="/a">',
    '<link rel=alternate href="/feed.xml">',
    '<link rel=next href="/2">',
    '<link rel=preconnect href="https://x">',
    '<link rel=dns-prefetch href="//x">',
    '<link href=a.css>',
    '<base href="/a/">',
    '<img>',
    '<img src>',
    '<img src="">',
    '<img src="  ">',
    '<!-- <img src=a.png> -->',
    '<script>"<img src=a.png>"</script>',
    '<textarea><img src=a.png></textarea>',
    '<title><img src=a.png></title>',
  ])('not in navigation, comments, text or empty values: %s', (html) => expect(found(html)).toEqual([]))

  it.each([
    '<template><img src=a.png></template>',
    '<noscript><img src=a.png></noscript>',
    '<select><img src=a.png></select>',
  ])('everywhere markup can hide: %s', (html) => expect(found(html)).toEqual(['img[src] a.png A']))

  it('counts the first of two attributes with one name', () => {
    expect(found('<img src=a.png src=b.png SRC=c.png>')).toEqual(['img[src] a.png A'])
    expect(found('<img src src=b.png>')).toEqual([])
  })

  it('ignores a tag that the text ends in', () => {
    expect(found('<img src=a.png><img src="b.png"')).toEqual(['img[src] a.png A'])
  })

  it('marks what robots and other documents need as an absolute URL', () => {
    const html =
      '<meta property=og:image content=/a.png><meta itemprop=image content=/b.png><p style="--x: url(c.png)">'
    expect(htmlReferences(html).references.map(({ absolute }) => absolute)).toEqual([true, false, true])
  })

  it('marks tags with integrity', () => {
    const html = '<script src=a.js integrity=sha256-x></script><script src=b.js></script>'
    expect(htmlReferences(html).references.map(({ integrity }) => integrity)).toEqual([true, false])
  })

  it('gives lines for messages', () => {
    const html = '<p>\n<img\n src=a.png>\r\n<img src=b.png>'
    expect(htmlReferences(html).references.map(({ line }) => line)).toEqual([3, 4])
  })
})

describe('htmlReferences reports the base', () => {
  it.each<[string, string | undefined]>([
    ['<base href="/a/">', '/a/'],
    ['<base target=_top><base href="/a/"><base href="/b/">', '/a/'],
    ['<template><base href="/a/"></template>', undefined],
    ['<template></template><base href=" /b/?a&amp;b ">', '/b/?a&b'],
    ['<svg><base href="/a/"></svg>', undefined],
    ['<p>', undefined],
  ])('%s', (html, base) => expect(htmlReferences(html).base).toBe(base))
})

describe('rewritten values', () => {
  const to = (html: string, url: string): string => rewriteDocument(html, htmlReferences(html), () => url).text

  it.each([
    ['<img src="a.png" alt=x>', 'n.png', '<img src="n.png" alt=x>'],
    ["<img src='a.png'>", "n'1.png", "<img src='n&#39;1.png'>"],
    ['<img src="a.png">', 'n"1.png', '<img src="n&quot;1.png">'],
    ['<img src=a.png>', 'n.png', '<img src=n.png>'],
    ['<img src=a.png>', 'n.png?v=1', '<img src="n.png?v=1">'],
    ['<img src=a.png/>', 'n.png', '<img src=n.png>'],
    ['<img src = " a.png\n">', 'n.png', '<img src = " n.png\n">'],
    ['<img src="a.png?a=1&b=2">', 'n.png?a=1&b=2', '<img src="n.png?a=1&b=2">'],
    ['<img src="a.png?a=1&amp;b=2">', 'n.png?a=1&b=2', '<img src="n.png?a=1&amp;b=2">'],
    ['<img src="a.png">', 'n.png?a&lt;b', '<img src="n.png?a&amp;lt;b">'],
    ['<img src="a.png">', 'n.png?a&copy=1', '<img src="n.png?a&copy=1">'],
    ['<img src="a.png">', 'n.png?a&copy', '<img src="n.png?a&amp;copy">'],
    ['<img srcset="a.png 1x">', ',n,.png,', '<img srcset="%2Cn,.png%2C 1x">'],
    ['<img srcset=a.png>', 'n.png?v=1', '<img srcset=n.png?v&#61;1>'],
    ['<p style="background:url(a.png)">', 'n.png', '<p style="background:url(n.png)">'],
    ['<p style="background:url(a.png)">', 'n (1).png', '<p style="background:url(&quot;n (1).png&quot;)">'],
    [`<p style="background:url('a.png')">`, "n'.png", `<p style="background:url('n\\'.png')">`],
    [`<p style='background:url("a.png")'>`, "n'.png", `<p style='background:url("n&#39;.png")'>`],
    [
      '<p style="background:url(&quot;a.png&quot;)">',
      'n"&.png',
      '<p style="background:url(&quot;n\\&quot;&amp;.png&quot;)">',
    ],
    ['<p style=background:url(a.png)>', 'n 1.png', '<p style=background:url(&#34;n&#32;1.png&#34;)>'],
    ['<style>p{background:url(a.png)}</style>', '</style>.png', '<style>p{background:url("\\3c /style>.png")}</style>'],
    ['<style>p{background:url(a.png)}</style>', 'n.png?a&amp;b', '<style>p{background:url(n.png?a&amp;b)}</style>'],
    [
      '<svg><style>p{cursor:url(a&amp;b.png)}</style></svg>',
      'n&b.png',
      '<svg><style>p{cursor:url(n&amp;b.png)}</style></svg>',
    ],
  ])('%s with %s', (html, url, expected) => {
    const result = to(html, url)
    expect(result).toBe(expected)
    if (!html.includes('srcset'))
      expect(htmlReferences(result).references.map((reference) => reference.url)).toEqual([url])
  })

  it('edits each candidate of a srcset alone', () => {
    const html = '<img srcset=" a.png 1x,\n b.png 2x, data:image/png;base64,AA== 3x">'
    const { text } = rewriteDocument(html, htmlReferences(html), ({ url }) => (url === 'b.png' ? 'n.png' : undefined))
    expect(text).toBe('<img srcset=" a.png 1x,\n n.png 2x, data:image/png;base64,AA== 3x">')
  })

  it('edits the icon of a pinned task alone, and never ends it early', () => {
    const html = '<meta name=msapplication-task content="name=x;icon-uri=a.ico; action-uri=a.ico">'
    expect(to(html, 'n.ico?a;b')).toBe(html.replace('icon-uri=a.ico', 'icon-uri=n.ico?a%3Bb'))
  })

  it('tells adjoining entities apart', () => {
    const html = '<p style="background:url(&quot;&#x61;.png&quot;&#41;">'
    const { text } = rewriteDocument(html, htmlReferences(html), () => 'n.png')
    expect(text).toBe('<p style="background:url(&quot;n.png&quot;&#41;">')
  })
})
