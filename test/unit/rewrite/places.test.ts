import { describe, expect, it } from 'vitest'
import { createResolver, htmlReferences, type Reference, rewriteDocument, whyKept } from '../../../src/rewrite/index.ts'
import type { PublicUrl } from '../../../src/words/model.ts'

/**
 * Every place of a page where an address can stand. In the documents below `{A /x.png}` is an address of class A that
 * is to be edited, `{A! /x.png}` one that must be written with its host; what has no braces must stay as it is.
 */
const MARK = /\{([ABC])(!?) ([^}]*)\}/g

const FILES = /^(?:x\.(?:png|svg|mp4|mp3|vtt|js|css|woff2|ico|webmanifest)|dir\/x\.png|about\.html|a,b\.png)$/
const SITE = 'https://site.example/'

interface Setting {
  readonly name: string
  readonly url: PublicUrl
  readonly cors: boolean
  /** Classes that may be edited. */
  readonly moves: string
}

const SETTINGS: readonly Setting[] = [
  { name: 'another host without CORS', url: { href: 'https://cdn.example/', kind: 'host' }, cors: false, moves: 'A' },
  { name: 'another host with CORS', url: { href: 'https://cdn.example/', kind: 'host' }, cors: true, moves: 'AB' },
  { name: 'a path of the site', url: { href: '/_a/', kind: 'path' }, cors: false, moves: 'ABC' },
]

/** The page as `sync` would write it: known files go to the address, as far as their class allows. */
function rewritten(html: string, { url, cors }: Setting): string {
  const has = (path: string): boolean => FILES.test(path)
  const resolver = createResolver({
    ...{ site: SITE, base: '/', url, has },
    pathOfKey: (key) => (has(key) ? key : undefined),
  })
  const document = htmlReferences(html)
  const decide = (reference: Reference): string | undefined => {
    const found = resolver.resolve(reference.url, 'index.html', reference.base ?? document.base)
    if ((found.kind !== 'file' && found.kind !== 'key') || found.path === undefined || /\.html$/.test(found.path))
      return
    if (whyKept(reference, { url, cors, sameOrigin: url.kind === 'path' }) !== undefined) return
    const address = url.href + found.path
    return (reference.absolute ? new URL(address, SITE).href : address) + found.query + found.fragment
  }
  return rewriteDocument(html, document, decide).text
}

const input = (marked: string): string => marked.replace(MARK, '$3')

function expected(marked: string, { url, moves }: Setting): string {
  return marked.replace(MARK, (_, loadClass: string, absolute: string, address: string) => {
    if (!moves.includes(loadClass)) return address
    const path = address.replace(/^(?:https:)?\/\/site\.example\//, '').replace(/^(?:\.{0,2}\/)*/, '')
    return absolute === '' ? url.href + path : new URL(url.href + path, SITE).href
  })
}

const ROWS: Readonly<Record<string, readonly string[]>> = {
  'images and media': [
    '<img src="{A /x.png}" alt="/x.png">',
    `<IMG Src='{A x.png}'>`,
    '<img src={A /x.png} loading=lazy>',
    '<img src=" {A ./x.png?v=1#f}\n">',
    '<img crossorigin src="{B /x.png}" srcset="{B /x.png} 2x">',
    '<input type=image src="{A /x.png}"><input src="/x.png" value="/x.png">',
    '<picture><source srcset="{A /x.png}, {A dir/x.png} 2x" type=image/png><img src="{A /x.png}"></picture>',
    '<video src="{A /x.mp4}" poster="{A /x.png}"></video>',
    '<audio controls><source src="{A x.mp3}"></audio>',
    '<embed src="{A /x.svg}">',
    '<image src="{A /x.png}">',
    '<body background="{A /x.png}"><table background="{A /x.png}"><tr background="{A /x.png}"><td background="{A /x.png}">',
    '<img src="{A https://site.example/x.png}"><img src="{A //site.example/x.png}">',
  ],
  srcset: [
    '<img srcset="{A /x.png} 1x,{A /x.png} 2x , {A a,b.png} 3x, data:image/png;base64,AA== 4x, https://other.example/x.png 5x">',
    '<link rel=preload as=image href="{A /x.png}" imagesrcset="{A /x.png} 1x, {A dir/x.png} 2x">',
    '<img srcset="{A /x.png} 100w, {A /x.png} 200w" sizes="(max-width: /x.png) 1px">',
  ],
  tracks: [
    '<video><track src="{C /x.vtt}"></video>',
    '<video crossorigin><track src="{B /x.vtt}"></video>',
    '<audio crossorigin=use-credentials><track src="{B /x.vtt}"></audio><track src="{C /x.vtt}">',
  ],
  'objects and frames': [
    '<object data="/x.svg" type="image/svg+xml"><img src="{A /x.png}"></object>',
    '<iframe src="/x.svg"></iframe><frame src="/x.svg">',
    `<iframe srcdoc="<p style='background:url({A /x.png})'><img src={A x.png}><a href=/x.png>"></iframe>`,
    '<iframe srcdoc="&lt;img src=&quot;{A /x.png}&quot;&gt;" src="/x.svg"></iframe>',
    `<base href="/dir/"><iframe srcdoc="<img src='{A ../x.png}'>"></iframe>`,
    `<iframe srcdoc="<base href='/dir/'><img src='{A ../x.png}'>"></iframe><img src="{A x.png}">`,
  ],
  scripts: [
    '<script src="{A /x.js}"></script>',
    '<script src="{B /x.js}" crossorigin></script>',
    '<script type=module src="{B /x.js}"></script>',
    '<script src="{B /x.js}" integrity="sha256-x" crossorigin></script>',
    '<svg><script href="{A /x.js}"></script></svg>',
    '<script type="module">import "{B /x.js}"; const a = await import(`{B ./x.js}`); const s = "/x.png"</script>',
    '<script>import("{B /x.js}"); document.write("<img src=/x.png>"); fetch("/x.png")</script>',
    '<script>const logo = "/x.png"; const html = \'<img src="/x.png">\'; new Worker("/x.js")</script>',
    '<script type="text/template"><img src="/x.png"></script>',
    '<button onclick="show(\'/x.png\')" data-url="/x.png" value="/x.png">/x.png</button>',
  ],
  links: [
    '<link rel=stylesheet href="{A /x.css}"><link rel="preload stylesheet" crossorigin href="{B /x.css}">',
    '<link rel=modulepreload href="{B /x.js}"><link rel=modulepreload as=worker href="/x.js">',
    '<link rel=preload as=script href="{A /x.js}"><link rel=preload as=font crossorigin href="{B /x.woff2}">',
    '<link rel=preload as=style href="{A /x.css}"><link rel=preload as=video href="{A /x.mp4}">',
    '<link rel=preload as=fetch crossorigin href="/x.js"><link rel=preload as=worker href="/x.js"><link rel=preload href="/x.js">',
    '<link rel=prefetch href="{A /x.png}"><link rel=prefetch href="/about.html"><link rel=prerender href="/about.html">',
    '<link rel=icon href="{A /x.ico}"><link rel="shortcut icon" href="{A /x.ico}"><link rel=mask-icon href="{A /x.svg}">',
    '<link rel=apple-touch-icon href="{A /x.png}"><link rel=apple-touch-icon-precomposed href="{A /x.png}">',
    '<link rel=apple-touch-startup-image href="{A /x.png}"><link rel=fluid-icon href="{A /x.png}">',
    '<link rel=image_src href="{A! /x.png}"><link itemprop=image href="{A /x.png}"><link itemprop=url href="/x.png">',
    '<link rel=manifest href="/x.webmanifest">',
  ],
  'what robots read': [
    '<meta property="og:image" content="{A! /x.png}"><meta property="og:image:url" content="{A! https://site.example/x.png}">',
    '<meta property="og:image:secure_url" content="{A! /x.png}"><meta property="og:video:secure_url" content="{A! /x.mp4}">',
    '<meta property="og:audio" content="{A! /x.mp3}"><meta property="og:audio:secure_url" content="{A! /x.mp3}">',
    '<meta property="og:url" content="https://site.example/x.png"><meta property="og:title" content="/x.png">',
    '<meta name="twitter:image" content="{A! /x.png}"><meta name="twitter:image:src" content="{A! /x.png}">',
    '<meta name="twitter:player:stream" content="{A! /x.mp4}"><meta name="twitter:player" content="/about.html">',
    '<meta property="vk:image" content="{A! /x.png}"><meta name=description content="/x.png">',
    '<meta itemprop=image content="{A /x.png}"><meta itemprop="thumbnailUrl url" content="{A /x.png}"><meta itemprop=name content="/x.png">',
    '<meta name=thumbnail content="{A /x.png}"><img itemprop=image src="{A /x.png}"><a itemprop=url href="/x.png">',
    '<script type="application/ld+json">{"@id":"/x.png","image":"{A! /x.png}","logo":{"url":"{A! https://site.example/x.png}"},"name":"x.png"}</script>',
  ],
  'pinned sites': [
    '<meta name="msapplication-TileImage" content="{A /x.png}"><meta name="msapplication-TileColor" content="/x.png">',
    '<meta name="msapplication-square70x70logo" content="{A /x.png}"><meta name="msapplication-wide310x150logo" content="{A /x.png}">',
    '<meta name="msapplication-task" content="name=News; action-uri=/about.html; icon-uri={A /x.ico}; window-type=tab">',
    '<meta name="msapplication-task" content="icon-uri={A /x.ico};name=icon-uri=/x.png"><meta name="msapplication-config" content="/x.png">',
  ],
  'style sheets inside the page': [
    '<p style="background:url({A /x.png});list-style:url(\'{A /x.png}\')">',
    '<p style="mask:url({B /x.svg#m});filter:url({C /x.svg#f})">',
    '<style>@import "{A /x.css}";@font-face{src:url({B /x.woff2}?#iefix)}p:after{content:"/x.png"}/* url(/x.png) */</style>',
  ],
  SVG: [
    '<svg><image href="{A /x.png}"/><image xlink:href="{A /x.png}"/></svg>',
    '<svg><use href="{C /x.svg#i}"/><use xlink:href="{C /x.svg#i}"/><use href="#i"/></svg>',
    '<svg><filter><feImage href="{C /x.png}"/></filter></svg>',
    '<svg><rect fill="url({C /x.svg#g})" mask="url({B /x.svg#m})" clip-path="url({B /x.svg#c})" marker-end="url({C /x.svg#m})"/></svg>',
    '<svg><a href="/x.png"><text>/x.png</text></a></svg>',
    '<svg><foreignObject><img src="{A /x.png}"></foreignObject></svg>',
  ],
  'where markup hides': [
    '<template><base href="/dir/"><img src="{A x.png}"><style>p{background:url({A /x.png})}</style></template><img src="{A x.png}">',
    '<noscript><img src="{A x.png}"><link rel=stylesheet href="{A /x.css}"><style>p{background:url({A /x.png})}</style></noscript>',
    '<template><template><svg><image href="{A /x.png}"/></svg></template><noscript><img src="{A /x.png}"></noscript></template>',
    '<select><option><img src="{A /x.png}"></select>',
  ],
  'lazy loading': [
    '<img data-src="{A /x.png}" data-srcset="{A /x.png} 1x, {A dir/x.png} 2x" src="data:,">',
    '<img crossorigin data-src="{B /x.png}"><img data-lazy-src="{A /x.png}" data-original="{A /x.png}" data-lazy="{A /x.png}">',
    '<div data-bg="{A /x.png}" data-background-image="url({A /x.png})" data-bgset="{A /x.png}">',
    `<div data-bg="linear-gradient(red, blue), url('{A /x.png}')" data-background="#fff">`,
    '<video data-poster="{A /x.png}"><source data-src="{A /x.mp4}"></video><video crossorigin><source data-src="{B /x.mp4}"></video>',
    '<svg data-src="{B /x.svg}"></svg><iframe data-src="/x.svg"></iframe><object data-src="/x.svg"></object>',
    '<p data-path="/x.png" data-icon="x.png" data-href="/x.png" data-content="/x.png">',
    '<img data-src="true" data-lazy="1">',
  ],
  'import maps': [
    '<script type=importmap>{"imports":{"x":"{B /x.js}","/x.js":"{B ./x.js}","d/":"/dir/","n":null},"scopes":{"/x.js":{"x":"{B /x.js}"}},"integrity":{"{B /x.js}":"sha256-x"}}</script>',
  ],
  navigation: [
    '<a href="/x.png">x</a><a href="/x.png" download>x</a><area href="/x.png"><form action="/x.png"><q cite="/x.png">',
    '<link rel=canonical href="/x.png"><link rel=alternate href="/x.png"><link rel=next href="/x.png"><link rel=prev href="/x.png">',
    '<link rel="alternate" type="application/rss+xml" href="/x.css"><link rel=preconnect href="/x.png"><link rel=search href="/x.png">',
    '<base href="/dir/"><img src="{A ../x.png}"><img src="{A /x.png}">',
    '<script type=speculationrules>{"prefetch":[{"urls":["/x.png"]}]}</script>',
    '<meta http-equiv=refresh content="0;url=/x.png"><img longdesc="/x.png" usemap="#x" alt="/x.png">',
  ],
}

describe.each(Object.entries(ROWS))('%s', (_, documents) => {
  describe.each(documents)('%s', (marked) => {
    it.each(SETTINGS)('on $name', (setting) => {
      const once = rewritten(input(marked), setting)
      expect(once).toBe(expected(marked, setting))
      expect(rewritten(once, setting)).toBe(once)
    })
  })
})

describe('what only looks like an address', () => {
  it.each([
    '<script>document.getElementById("x"); $("#x.png"); require("./x.js")</script>',
    '<p id="x" class="x.png x.css" name="x.js" title="/x.png">x.png and /x.png</p>',
    '<style>.x.png, #x.css, [src="/x.png"], a[href$="x.js"] { content: "/x.png" }</style>',
    '<!-- <img src="/x.png"> /x.png --><!--[if IE]><link rel=icon href="/x.ico"><![endif]-->',
    '<script type=application/json>{"x.png":"/x.png"}</script>',
    '<script type="application/ld+json">{"/x.png":"x","description":"see /x.png"}</script>',
    '<img src="data:image/png;base64,x.png"><img src="blob:https://site.example/x.png"><img src="about:blank">',
    '<img src="https://other.example/x.png"><img src="//other.example/x.png"><img src="http://site.example:81/x.png">',
    '<img src="#x.png"><img src="?x.png"><img src="javascript:/x.png"><img src="mailto:x.png"><img src="">',
    '<img src="/gone/x.png"><img src="../../x.png.png"><img src="/X.PNG"><img src="/x.png/">',
    '<textarea><img src="/x.png"></textarea><title><img src="/x.png"></title><xmp><img src="/x.png"></xmp>',
    '<img alt="/x.png" src="/gone.png" src="/x.png">',
    '<![CDATA[<img src="/gone.png">]]><?x <img src="/gone.png"?>',
    '<img src="/x.png"',
  ])('is never touched: %s', (html) => {
    for (const setting of SETTINGS) expect(rewritten(html, setting)).toBe(html)
  })
})
