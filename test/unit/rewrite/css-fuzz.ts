/** Random CSS, from a seed: the same seed gives the same text. */

/** Whole parts, so that texts hold URLs that count. */
const COMMON: readonly string[] = [
  ...['{', '}', '}', ')', ')', ';', ';', ':', ',', ' ', '\n', '\r\n', '/**/', 'a', '--x', '5px', '"a.png"', "'b.png'"],
  ...['a{background:', 'a{mask:', 'a{--x:', 'a{--x:{', ';mask:', '}b{filter:', '@font-face{src:', 'a{\\62 ackground:'],
  ...['@import ', '@import "i.css"', '@import url(i.css) layer(x);', '@media print{', '@layer a{', '@supports (a:b){'],
  ...[
    'url(a.png)',
    'url( a.png )',
    'url("a.png")',
    "URL( 'a.png' )",
    'u\\72l(a.png)',
    'url("a.png" x(y))',
    'src("s.png")',
  ],
  ...[
    'image-set("a.png" 1x)',
    '-webkit-image-set(url(a.png) 1x',
    'cross-fade(url(a.png)',
    'var(--x)',
    'var(--X,url(d.png))',
  ],
]

/** Halves and oddities, that make readers stumble. */
const ODD: readonly string[] = [
  ...['{', '}', '{', '}', '(', ')', ')', '[', ']', ';', ';', ':', ':', ',', ' ', ' ', '\n', '\r\n', '\t', '\f'],
  ...['a', 'b', 'background', 'mask', 'BACKGROUND', 'filter', '--x', '--X', 'src', 'color', '-', '--', '-->', '<!--'],
  ...['a{background:', 'a{mask:', 'a{--x:', 'a{--x:{', ';mask:', '}b{filter:', '@font-face{src:', '*zoom:'],
  ...[
    '@import ',
    '@import',
    '@IMPORT ',
    '@namespace x ',
    '@charset ',
    '@media ',
    '@supports (',
    '@document ',
    '@',
    '@-',
  ],
  ...['@image-set{', '@src{', '@x;', '@\\69mport ', '@layer a{', '@import a:'],
  ...['url(', 'URL(', 'u\\72l(', '\\75 rl(', 'ur\\6C(', 'url(a.png)', 'url( a.png )', 'url("a.png")', "url( 'a.png' )"],
  ...[
    'src(',
    'src("s.png")',
    'SRC(',
    'url-prefix(',
    'curl(',
    '5url(',
    '#url(',
    '.url(',
    '-url(',
    'url (',
    '\u00d7url(',
  ],
  ...[
    'image-set(',
    '-webkit-image-set(',
    '-webkit-imag\\65-set(',
    'cross-fade(',
    'var(',
    'var(--x',
    'var(--X,',
    'VAR( --y)',
  ],
  ...['layer(', 'supports(', 'format(', 'calc(', 'rgb(', ' cross-origin(anonymous)', ' !important', '!'],
  ...['"', "'", '"a.png"', "'b.png'", '"a\\"b"', "'\\\n'", '"\\\r\n"', '"\\61\n b"', '"x\n', "'\\27'", '""', '" "'],
  ...['\\', '\\\n', '\\\r\n', '\\61', '\\61 ', '\\000061b', '\\0', '\\d800 ', '\\110000', '\\29', '\\)', '\\"', '\\('],
  ...['/*', '*/', '/**/', '/* url(c.png) */', '/*/', '/', '*', '//x'],
  ...[
    '5',
    '5px',
    '1e3',
    '1e',
    '1e-',
    '1e-3x',
    '+5',
    '+.5e+1',
    '-5',
    '-.5',
    '.5',
    '.',
    '+',
    '50%',
    '5\\61',
    '-\\61',
    '1.',
  ],
  ...['#', '#fff', '#\\61', '#-', '<', '<!-', '>', '=', '|', '~', '%', '$', '&', '^', '`', '?', 'U+26', 'u+0-7F'],
  ...[
    '\0',
    '\ufeff',
    '\ufffd',
    '\u00e9',
    '\u00d7',
    '\u00b7',
    '\u037e',
    '\u2003',
    '\u{1f600}',
    '\ud800',
    '\udc00',
    '\x7f',
  ],
  ...[
    '\u200c',
    '\u00a0',
    '\x01',
    '\x0b',
    '\u212a',
    '\u0130',
    'data:image/png;base64,AA==',
    'a.png',
    '//h/x.png',
    'x?#iefix',
  ],
  ...['url(a b\\)', 'url(a"\\\n', '\uf900url(', '\ufdd0url(', '\u2fefurl(', '\u2ff0url(', '\u2070url(', '\u206furl('],
]

/** What a text may break off in. */
const ENDS: readonly string[] = [
  'a{b:url("c.png\\',
  'a{b:url(c.png\\',
  'a{b:url("c.png',
  'a{b:url(c.png ',
  '@import "i.css\\',
  '/*',
]

/** Numbers in [0, 1), by a linear congruence whose high bits are used. */
function random(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1)
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 8) / 0x100_0000
  }
}

/** Up to 40 pieces in a row, every other text with few odd ones, every eighth cut off. */
export function randomCss(seed: number): string {
  const next = random(seed)
  const length = 1 + Math.floor(next() * 40)
  const oddity = seed % 2 === 0 ? 0.1 : 0.5
  const pieces = Array.from({ length }, () => {
    const choice = next() < oddity ? ODD : COMMON
    return choice[Math.floor(next() * choice.length)] ?? ''
  })
  const end = seed % 8 === 0 ? `}\n*/}${ENDS[Math.floor(next() * ENDS.length)]}` : ''
  return pieces.join('') + end
}
