import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { htmlReferences, type Reference, rewriteDocument } from '../../../src/rewrite/index.ts'

/** `place url class`, one per reference. */
const found = (html: string): string[] =>
  htmlReferences(html).references.map(({ place, url, loadClass }) => `${place} ${url} ${loadClass}`)

const to = (html: string, url: string): string => rewriteDocument(html, htmlReferences(html), () => url).text

const only = (html: string): Reference => {
  const [reference, ...more] = htmlReferences(html).references
  if (reference === undefined || more.length > 0) throw new Error(`not one reference in ${html}`)
  return reference
}

describe('the tag of a script or link is known', () => {
  it.each<[string, string]>([
    ['<script src="a.js"></script>', '<script src="a.js" X></script>'],
    ['<script src=a.js></script>', '<script src=a.js X></script>'],
    ['<script src = "a.js"  async ></script>', '<script src = "a.js"  async X ></script>'],
    ['<script src=a.js\ndefer=x\n></script>', '<script src=a.js\ndefer=x X\n></script>'],
    ['<link rel=stylesheet href="a.css"/>', '<link rel=stylesheet href="a.css" X/>'],
    ["<link href='a.css' rel='stylesheet' />", "<link href='a.css' rel='stylesheet' X />"],
  ])('with the place for another attribute: %s', (html, expected) => {
    const at = only(html).tag?.insertAt ?? -1
    expect(`${html.slice(0, at)} X${html.slice(at)}`).toBe(expected)
  })

  it.each<[string, boolean, string | undefined]>([
    ['<script src=a.js></script>', false, undefined],
    ['<script src=a.js crossorigin integrity="sha256-AA==">', true, 'sha256-AA=='],
    ["<script integrity='sha256-&#65;A==' src=a.js>", false, 'sha256-AA=='],
    ['<link rel=stylesheet href=a.css integrity=sha384-x crossorigin=use-credentials>', true, 'sha384-x'],
  ])('with crossorigin and integrity: %s', (html, crossorigin, integrity) => {
    const { tag } = only(html)
    expect([tag?.crossorigin, tag?.integrity?.value]).toEqual([crossorigin, integrity])
    if (tag?.integrity === undefined) return
    const { start, end } = tag.integrity
    expect(html.slice(start, end).replace('&#65;', 'A')).toBe(integrity)
  })

  it('and of nothing else', () => expect(only('<img src=a.png integrity=x>').tag).toBeUndefined())
})

const digest = (algorithm: string, text: string): string =>
  `'${algorithm}-${createHash(algorithm).update(text).digest('base64')}'`
const policy = (content: string): string => `<meta http-equiv=Content-Security-Policy content="${content}">`
const frozen = (html: string): boolean => only(html).frozen !== undefined

describe('the page’s own Content-Security-Policy', () => {
  it('is reported as the browser reads it, each one', () => {
    const html = `${policy("img-src 'self'")}<META HTTP-EQUIV="content-security-policy" CONTENT='a&amp;b'><meta http-equiv=refresh content=1>`
    expect(htmlReferences(html).csp).toEqual(["img-src 'self'", 'a&b'])
  })

  const sheet = 'p{background:url(a.png)}'
  it.each(['sha256', 'sha384', 'sha512'])(
    'freezes a style sheet whose %s it names, and its edits are refused',
    (name) => {
      const html = `${policy(`style-src ${digest(name, sheet)}`)}<style>${sheet}</style>`
      expect(only(html).frozen).toBe("a hash in the page's Content-Security-Policy names this block")
      expect(to(html, 'b.png')).toBe(html)
    },
  )

  it('does so wherever it stands, in any letters, for text beyond ASCII and with other line ends', () => {
    const text = 'p{background:url(a.png)}/* é */'
    expect(frozen(`<style>${text}</style>${policy(digest('sha256', text).replace('sha', 'SHA'))}`)).toBe(true)
    const urlSafe = digest('sha512', text).replaceAll('+', '-').replaceAll('/', '_')
    expect(frozen(`<style>${text}</style>${policy(urlSafe)}`)).toBe(true)
    const lines = 'p{\nbackground:url(a.png)}'
    expect(frozen(`${policy(digest('sha256', lines))}<style>${lines.replace('\n', '\r\n')}</style>`)).toBe(true)
  })

  it('freezes inline modules and import maps, but no data', () => {
    const code = 'import "./a.js"'
    const map = '{"imports":{"a":"./a.js"}}'
    const data = '{"image":"/a.png"}'
    expect(frozen(`${policy(digest('sha256', code))}<script type=module>${code}</script>`)).toBe(true)
    expect(frozen(`${policy(digest('sha256', map))}<script type=importmap>${map}</script>`)).toBe(true)
    expect(frozen(`${policy(digest('sha256', data))}<script type=application/ld+json>${data}</script>`)).toBe(false)
  })

  it('freezes style attributes only where it says so', () => {
    const css = 'background:url(a.png)'
    const html = `<p style="${css}">`
    expect(frozen(`${policy(`'unsafe-hashes' ${digest('sha256', css)}`)}${html}`)).toBe(true)
    expect(frozen(`${policy(digest('sha256', css))}${html}`)).toBe(false)
    expect(frozen(`${policy("'unsafe-hashes'")}${policy(digest('sha256', css))}${html}`)).toBe(false)
  })

  it('leaves what its hashes do not name', () => {
    expect(frozen(`${policy(digest('sha256', `${sheet} `))}<style>${sheet}</style>`)).toBe(false)
    expect(frozen(`${policy(digest('sha256', 'a.png'))}<img src=a.png>`)).toBe(false)
  })

  it('holds for the documents inside the page', () => {
    const html = `${policy(digest('sha256', sheet))}<iframe srcdoc="<style>${sheet}</style>"></iframe>`
    expect(frozen(html)).toBe(true)
  })
})

describe('inline scripts', () => {
  it.each<[string, string[]]>([
    ['<script type=module>import "./a.js"</script>', ['<script> import ./a.js B']],
    ['<script type=" MODULE ">import("/a.js")</script>', ['<script> import() /a.js B']],
    ['<script type=module>new URL("a.png", import.meta.url)</script>', ['<script> new URL() a.png B']],
    ['<script>import("./a.js")</script>', ['<script> import() ./a.js B']],
    ['<script type=text/javascript>import ( "./a.js" )</script>', ['<script> import() ./a.js B']],
    ['<script type=module>import "vue"; const s = "./a.png"</script>', []],
    ['<script>document.body.innerHTML = "<img src=/a.png>"</script>', []],
    ['<script>const s = "import(\'./a.js\')"</script>', []],
    ['<script type=text/template>import("./a.js")</script>', []],
    ['<script type=module src=b.js>import "./a.js"</script>', ['script[src] b.js B']],
    ['<svg><script type=module><![CDATA[import "./a.js"]]></script></svg>', ['<script> import ./a.js B']],
  ])('name what they import, and nothing else is read: %s', (html, expected) => expect(found(html)).toEqual(expected))

  it.each<[string, string, string]>([
    [`<script type=module>import './a.js'</script>`, "n'.js", `<script type=module>import 'n\\'.js'</script>`],
    ['<script>import("./a.js")</script>', '</script>', '<script>import("\\u003c/script>")</script>'],
    ['<script>import("./a.js")</script>', 'n&amp;.js', '<script>import("n&amp;.js")</script>'],
    [
      '<svg><script type=module>import &quot;./a.js&quot;</script></svg>',
      'n.js?a&b',
      '<svg><script type=module>import &quot;n.js?a&amp;b&quot;</script></svg>',
    ],
  ])('are written in their own escapes: %s with %s', (html, url, expected) => expect(to(html, url)).toBe(expected))

  it.each<[string, string | undefined]>([
    ['<script type=module>import(name)</script>', 'of an inline script: it imports what it computes'],
    ['<script>import("./x/" + name)</script>', 'of an inline script: it imports what it computes, relative to itself'],
    ['<script type=module>import "./a.js"</script>', undefined],
    ['<script>const a = 1</script>', undefined],
  ])('say whether they ask for more: %s', (html, opaque) => expect(htmlReferences(html).opaque).toBe(opaque))
})

describe('import maps', () => {
  const map = {
    imports: { vue: './vue.js', 'lib/': '/lib/', '/app/x.js': '/x.js', bad: 'nowhere', none: null, './y.js': '/y.js' },
    scopes: { '/admin/': { vue: '../vue2.js' }, 'b/': {} },
    integrity: { './vue.js': 'sha384-abc' },
  }
  const html = `<script type="importmap">${JSON.stringify(map)}</script>`

  it('name modules, by value and in their integrity', () => {
    expect(found(html)).toEqual([
      '<script> imports.vue ./vue.js B',
      '<script> imports./app/x.js /x.js B',
      '<script> imports../y.js /y.js B',
      '<script> scopes./admin/.vue ../vue2.js B',
      '<script> integrity../vue.js ./vue.js B',
    ])
    expect(new Set(htmlReferences(html).references.map(({ use }) => use))).toEqual(new Set(['import-map']))
  })

  it('say which addresses they give a meaning', () => {
    expect(htmlReferences(html).importMapKeys).toEqual(['/app/x.js', './y.js', '/admin/', 'b/', '/lib/'])
  })

  it('show the hash of each key, where it can be written anew', () => {
    const tag = htmlReferences(html).references.find(({ integrity }) => integrity)?.tag
    expect(tag).toMatchObject({ insertAt: -1, crossorigin: true, integrity: { value: 'sha384-abc' } })
    expect(html.slice(tag?.integrity?.start, tag?.integrity?.end)).toBe('sha384-abc')
  })

  it('keep every byte but the addresses', () => {
    const text = '<script type=importmap>{ "imports" : {\n "a":".\\/a.js" , "b/": "/b/" } }</script>'
    expect(to(text, '</script>"')).toBe(
      '<script type=importmap>{ "imports" : {\n "a":"\\u003c/script>\\"" , "b/": "/b/" } }</script>',
    )
  })

  it('that are no JSON are left', () => expect(found('<script type=importmap>{imports:{}}</script>')).toEqual([]))
})

describe('JSON-LD', () => {
  const block = (value: unknown): string => `<script type="application/ld+json">${JSON.stringify(value)}</script>`

  it.each<[unknown, string[]]>([
    [{ image: '/a.png' }, ['<script> image /a.png A']],
    [
      { image: ['https://site.example/a.png', './b.png'] },
      ['<script> image.0 https://site.example/a.png A', '<script> image.1 ./b.png A'],
    ],
    [{ logo: { '@type': 'ImageObject', url: '//site.example/a.png' } }, ['<script> logo.url //site.example/a.png A']],
    [{ '@graph': [{ logo: '../a.png' }] }, ['<script> @graph.0.logo ../a.png A']],
    [{ '@context': 'https://schema.org', '@id': '/a.png', '@type': '/a.png' }, []],
    [{ '@context': { image: '/a.png' } }, []],
    [{ logo: 'a.png', name: 'logo', '/a.png': 1 }, []],
    [{ text: 'see /a.png', html: '/a.png is it' }, []],
  ])('names files by whole values: %j', (value, expected) => expect(found(block(value))).toEqual(expected))

  it('is read by robots, so it is written absolute', () => {
    expect(only(block({ image: '/a.png' }))).toMatchObject({ absolute: true, use: 'structured-data' })
  })

  it('never ends the script around it', () => {
    expect(to(block({ image: '/a.png' }), 'https://cdn/</script>')).toBe(
      '<script type="application/ld+json">{"image":"https://cdn/\\u003c/script>"}</script>',
    )
  })

  it('of another type, or no JSON, is left', () => {
    expect(found('<script type=application/json>{"image":"/a.png"}</script>')).toEqual([])
    expect(found('<script type="application/ld+json">{"image":"/a.png",}</script>')).toEqual([])
    expect(found('<script type="application/ld+json; charset=utf-8">{"image":"/a.png"}</script>')).toHaveLength(1)
  })
})

describe('the document in a frame', () => {
  it.each<[string, string, string]>([
    [`<iframe srcdoc="<img src='a.png'>"></iframe>`, "n'.png", `<iframe srcdoc="<img src='n&amp;#39;.png'>"></iframe>`],
    [
      '<iframe srcdoc="&lt;img src=&quot;a.png&quot;&gt;"></iframe>',
      'n"&.png',
      '<iframe srcdoc="&lt;img src=&quot;n&amp;quot;&amp;.png&quot;&gt;"></iframe>',
    ],
    [
      '<iframe srcdoc="&lt;img src=&quot;a.png?b&amp;amp;c&quot;&gt;"></iframe>',
      'n.png?b&c',
      '<iframe srcdoc="&lt;img src=&quot;n.png?b&amp;amp;c&quot;&gt;"></iframe>',
    ],
    ['<iframe srcdoc=<img/src=a.png&gt;>', 'n 1.png', '<iframe srcdoc=<img/src=&#34;n&#32;1.png&#34;&gt;>'],
    [
      `<iframe srcdoc='<p style="background:url(a.png)">'></iframe>`,
      'n (1).png',
      `<iframe srcdoc='<p style="background:url(&amp;quot;n (1).png&amp;quot;)">'></iframe>`,
    ],
    [
      `<iframe srcdoc="<iframe srcdoc='&amp;lt;img src=&amp;quot;a.png&amp;quot;>'>"></iframe>`,
      'n&quot;.png',
      `<iframe srcdoc="<iframe srcdoc='&amp;lt;img src=&amp;quot;n&amp;amp;amp;quot;.png&amp;quot;>'>"></iframe>`,
    ],
  ])('is escaped once per context: %s with %s', (html, url, expected) => {
    const result = to(html, url)
    expect(result).toBe(expected)
    expect(htmlReferences(result).references.map((reference) => reference.url)).toEqual([url])
    expect(to(result, url)).toBe(result)
  })

  it.each<[string, string | undefined]>([
    ['<base href=/a/><iframe srcdoc="<img src=x.png>">', undefined],
    ['<base href=/a/><iframe srcdoc="<base href=/b/><img src=x.png>">', '/b/'],
    ['<base href=/a/><iframe srcdoc="<base href=b/><img src=x.png>">', '/a/b/'],
    ['<iframe srcdoc="<base href=b/c><img src=x.png>">', 'b/c'],
    ['<base href=https://h/a/b><iframe srcdoc="<base href=c/><img src=x.png>">', 'https://h/a/c/'],
    ['<base href=//h/a/><iframe srcdoc="<base href=/c/><img src=x.png>">', 'https://h/c/'],
    ['<base href=/a/><iframe srcdoc="<base href=https://h/><img src=x.png>">', 'https://h/'],
    ['<base href=/a/?q><iframe srcdoc="<base href=?p><img src=x.png>">', '/a/?q'],
    [`<base href=/a/><iframe srcdoc="<base href=b/><iframe srcdoc='<base href=c/><img src=x.png>'>">`, '/a/b/c/'],
  ])('has the page’s base unless it has its own: %s', (html, base) => {
    expect(only(html).base).toBe(base)
    expect(htmlReferences(html).base).toBe(/^<base href=([^>]*)>/.exec(html)?.[1])
  })

  it('has its own import map, read against its own base', () => {
    const html = `<iframe srcdoc='<base href=/b/><script type=importmap>{"imports":{"./x.js":"./y.js"}}</script>'></iframe>`
    expect(htmlReferences(html).importMapKeys).toEqual(['/b/./x.js'])
  })

  it('is not read without end', () => {
    const inFrame = (html: string): string => `<iframe/srcdoc=${html.replaceAll('&', '&amp;').replaceAll('>', '&gt;')}>`
    const nested = (frames: number): string =>
      Array.from({ length: frames }).reduce<string>((html) => inFrame(html), '<img/src=a.png>')
    expect(found(nested(8))).toHaveLength(1)
    expect(found(nested(9))).toEqual([])
  })
})
