import { describe, expect, it } from 'vitest'
import {
  browserConfigReferences,
  type DocumentReferences,
  feedReferences,
  rewriteDocument,
} from '../../../src/rewrite/index.ts'

const found = ({ references }: DocumentReferences): string[] => references.map(({ place, url }) => `${place} ${url}`)
const to = (text: string, url: string): string => rewriteDocument(text, feedReferences(text), () => url).text

describe('browserconfig.xml', () => {
  const config = `<?xml version="1.0" encoding="utf-8"?>
<!-- <square70x70logo src="/no.png"/> -->
<browserconfig><msapplication>
  <tile>
    <square70x70logo src="/mstile-70.png"/>
    <wide310x150logo src='wide.png?a&amp;b' />
    <TileImage src="/tile.png"></TileImage>
    <TileColor>#fff</TileColor>
  </tile>
  <badge><polling-uri src="badge.xml"/></badge>
  <notification><polling-uri src="/n.png"/></notification>
</msapplication></browserconfig>
`
  it('names its pictures, and nothing that is polled', () => {
    const document = browserConfigReferences(config)
    expect(found(document)).toEqual([
      'square70x70logo[src] /mstile-70.png',
      'wide310x150logo[src] wide.png?a&b',
      'TileImage[src] /tile.png',
    ])
    expect(document.references.map(({ line, loadClass, absolute }) => [line, loadClass, absolute])).toEqual([
      [5, 'A', false],
      [6, 'A', false],
      [7, 'A', false],
    ])
  })

  it('changes in the edited values alone', () => {
    const { text } = rewriteDocument(config, browserConfigReferences(config), ({ url }) =>
      url.startsWith('wide') ? "n'<.png?a&b" : undefined,
    )
    expect(text).toBe(config.replace('wide.png?a&amp;b', 'n&#39;&lt;.png?a&amp;b'))
  })

  it('of another root is left', () => {
    expect(found(browserConfigReferences('<x><square70x70logo src="/a.png"/></x>'))).toEqual([])
  })
})

describe('a sitemap', () => {
  it('names the pictures of its pages, not the pages', () => {
    const sitemap = `<urlset xmlns="s" xmlns:image="i" xmlns:v="v"><url><loc>https://site.example/a.png</loc>
<image:image><image:loc> https://site.example/a.png?b&amp;c
</image:loc><image:license>/l.png</image:license></image:image>
<v:video><v:thumbnail_loc><![CDATA[/t.png]]></v:thumbnail_loc><v:player_loc>/p.png</v:player_loc></v:video></url></urlset>`
    expect(found(feedReferences(sitemap))).toEqual([
      'image:loc https://site.example/a.png?b&c',
      'v:thumbnail_loc /t.png',
    ])
    expect(feedReferences(sitemap).references.map(({ use, absolute }) => [use, absolute])).toEqual([
      ['feed', true],
      ['feed', true],
    ])
    expect(to(sitemap, 'https://cdn/n.png?a&b<]]>')).toBe(
      sitemap
        .replace('https://site.example/a.png?b&amp;c', 'https://cdn/n.png?a&amp;b&lt;]]&gt;')
        .replace('/t.png', 'https://cdn/n.png?a&b<]]%3E'),
    )
  })
})

describe('a feed', () => {
  it.each<[string, string[]]>([
    ['<rss><channel><item><enclosure url="/a.mp3" length="1"/></item></channel></rss>', ['enclosure[url] /a.mp3']],
    ['<rss><channel><image><url>/a.png</url><link>/b.png</link></image></channel></rss>', ['url /a.png']],
    [
      '<rss><item><media:content url="/a.mp4"/><media:thumbnail url="/a.png"/></item></rss>',
      ['media:content[url] /a.mp4', 'media:thumbnail[url] /a.png'],
    ],
    ['<rss><channel><itunes:image href="/a.png"/></channel></rss>', ['itunes:image[href] /a.png']],
    ['<rss><item><link>/a.png</link><guid>/a.png</guid><title>/a.png</title></item></rss>', []],
    [
      '<feed><icon>/a.ico</icon><logo>/a.png</logo><id>/a.png</id><link href="/a.png"/></feed>',
      ['icon /a.ico', 'logo /a.png'],
    ],
    ['<feed><entry><icon>/a.ico</icon><content src="/a.png"/></entry></feed>', []],
    ['<rdf:RDF><item><description>&lt;img src=/a.png></description></item></rdf:RDF>', ['description img[src] /a.png']],
    [
      '<rss><item><content:encoded><![CDATA[<img src="/a.png">]]></content:encoded></item></rss>',
      ['content:encoded img[src] /a.png'],
    ],
    ['<feed><entry><content type="html">&lt;img src="/a.png"></content></entry></feed>', ['content img[src] /a.png']],
    [
      '<feed><entry><content type="text">&lt;img src="/a.png"></content><summary>&lt;img src="/b.png"></summary></entry></feed>',
      [],
    ],
    ['<html><img src="/a.png"/></html>', []],
    ['no XML', []],
  ])('names what readers fetch: %s', (text, expected) => expect(found(feedReferences(text))).toEqual(expected))

  it.each<[string, string, string]>([
    [
      '<rss><item><description>&lt;img src=&quot;/a.png?b&amp;amp;c&quot;&gt;</description></item></rss>',
      'https://cdn/n.png?b&c',
      '<rss><item><description>&lt;img src=&quot;https://cdn/n.png?b&amp;amp;c&quot;&gt;</description></item></rss>',
    ],
    [
      '<rss><item><description><![CDATA[<img src="/a.png">]]></description></item></rss>',
      'https://cdn/"]]>&',
      '<rss><item><description><![CDATA[<img src="https://cdn/&quot;]]%3E&">]]></description></item></rss>',
    ],
    [
      '<rss><item><description>a <![CDATA[<p style="background:url(/a.png)">]]> &amp; &lt;img src=/b.png></description></item></rss>',
      'https://cdn/x y',
      '<rss><item><description>a <![CDATA[<p style="background:url(&quot;https://cdn/x y&quot;)">]]> &amp; &lt;img src="https://cdn/x y"></description></item></rss>',
    ],
  ])('carries HTML, escaped once per context: %s', (text, url, expected) => {
    const result = to(text, url)
    expect(result).toBe(expected)
    // a `>` is written as `%3E`, which is another address to whoever compares
    expect(to(result, url.replace('>', '%3E'))).toBe(result)
  })

  it('leaves an address that begins inside a CDATA section and ends outside', () => {
    const text = '<rss><item><description><![CDATA[<img src="/a]]>.png"&gt;</description></item></rss>'
    expect(found(feedReferences(text))).toEqual([])
  })

  it('says that its addresses must be absolute, and against what they resolve', () => {
    const text = '<rss><item><description>&lt;base href=/b/>&lt;img src=a.png></description></item></rss>'
    expect(feedReferences(text).references).toMatchObject([{ absolute: true, base: '/b/', loadClass: 'A' }])
  })

  it('that breaks off is read as far as its elements are whole', () => {
    expect(found(feedReferences('<rss><item><enclosure url="/a.mp3"/><description>&lt;img src=/b.png>'))).toEqual([
      'enclosure[url] /a.mp3',
    ])
  })
})
