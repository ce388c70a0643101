import { Maker, type Part, type Slot, textOf, type Write } from './random-spelling.ts'

/** A page, and every address in it that loads something, in its order. */
export interface RandomPage {
  readonly parts: readonly Part[]
  readonly text: string
}

/** A page made of the places where an address can stand, in random spelling, each address another one. */
export function randomPage(seed: string): RandomPage {
  const maker = new Maker(seed, { places: PLACES, nests: NESTS, noise: NOISE })
  const parts = maker.list(12, 0)
  return { parts, text: textOf(parts) }
}

/** Text in which nothing is an address. */
const NOISE = [
  '',
  '\n',
  ' /f0.png ',
  '<!-- <img src="/f0.png"> -->',
  '<a href="/f0.png" download>f0.png</a>',
  '<script>const a = "/f0.png", b = \'<img src="/f0.png">\'</script>',
  '<style>.f0\\.png::after{content:"/f0.png"}/* url(/f0.png) */</style>',
  '<textarea><img src="/f0.png"></textarea>',
  '<p id=f0.png class="f0.png">1 < 2 && 3 > 2 &copy; &notit; <3</p>',
  '<link rel=canonical href="/f0.png"><form action="/f0.png"></form>',
  '<script type="application/json">{"/f0.png":"/f0.png"}</script>',
  '<br/><img alt="/f0.png" src>',
] as const

/** Rows of the table of places. */
const PLACES: readonly Write[] = [
  (m) => m.tag('img', [['src', m.url()]]),
  (m) => m.tag('img', [['srcset', m.candidate(), ' 1x, ', m.candidate(), ' 2x']]),
  (m) =>
    m.tag('img', [
      ['data-src', m.url()],
      ['data-srcset', m.candidate(), ' 100w,\n', m.candidate(), ' 2w'],
    ]),
  (m) => [
    ...m.tag('video', [
      ['src', m.url()],
      ['poster', m.url()],
    ]),
    '</video>',
  ],
  (m) =>
    m.tag('input', [
      ['type', 'image'],
      ['src', m.url()],
    ]),
  (m) => m.tag('embed', [['src', m.url()]]),
  (m) => [
    ...m.tag('script', [
      ['src', m.url()],
      ['async', 'x'],
    ]),
    '</script>',
  ],
  (m) => [
    ...m.tag('script', [
      ['type', 'module'],
      ['src', m.url()],
    ]),
    '"/f0.png"</script>',
  ],
  (m) =>
    m.tag('link', [
      ['rel', 'stylesheet'],
      ['href', m.url()],
    ]),
  (m) =>
    m.tag('link', [
      ['rel', 'preload'],
      ['as', 'image'],
      ['href', m.url()],
    ]),
  (m) =>
    m.tag('link', [
      ['rel', 'apple-touch-icon'],
      ['sizes', '1x1'],
      ['href', m.url()],
    ]),
  (m) =>
    m.tag('meta', [
      ['property', 'og:image'],
      ['content', m.url()],
    ]),
  (m) =>
    m.tag('meta', [
      ['name', 'msapplication-TileImage'],
      ['content', m.url()],
    ]),
  (m) => m.tag('p', [['style', 'background: ', ...m.css(), '; color: red']]),
  (m) => m.tag('div', [['data-bg', ...m.css()]]),
  (m) => ['<style>p{--x:1;background:', ...m.css(), '}</style>'],
  (m) => ['<script type="importmap">{ "imports": { "a" : "', slash(m.url()), '" } }</script>'],
  (m) => ['<script type=application/ld+json>{"image":"', slash(m.url()), '","name":"f0.png"}</script>'],
  (m) => ['<script type=module>import "', slash(m.url()), '"; const a = "/f0.png"</script>'],
  (m) => ["<script>import('", slash(m.url()), "')</script>"],
]

/** In scripts and data only what begins with a slash, a dot or a scheme is an address. */
const slash = ({ url }: Slot): Slot => {
  const rooted = url.startsWith('x/') ? `/${url}` : url
  return { url: rooted, raw: rooted }
}

/** Places that hold other places. */
const NESTS: readonly Write[] = [
  (m, depth) => ['<template>', ...m.list(2, depth + 1), '</template>'],
  (m, depth) => ['<noscript>', ...m.list(2, depth + 1), '</noscript>'],
  (m, depth) => ['<div><p>', ...m.list(2, depth + 1), '</div>'],
  (m) => [
    '<svg>',
    ...m.tag('image', [['href', m.url()]]),
    '<g>',
    ...m.tag('use', [['xlink:href', m.url()]]),
    '</g></svg>',
  ],
  (m) => [
    '<picture>',
    ...m.tag('source', [['srcset', m.candidate()]]),
    ...m.tag('img', [['src', m.url()]]),
    '</picture>',
  ],
  (m, depth) => [...m.tag('iframe', [['srcdoc', '<p>', ...m.list(2, depth + 1)]]), '</iframe>'],
]
