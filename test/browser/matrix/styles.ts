import { integrityOf } from './files.ts'
import { BOX, box, filled, value } from './looks.ts'
import type { Row } from './row.ts'

const SHEET_FILLS = `<style>#probe{background:red;${BOX}}</style>`
const PROBE = '<div id="probe"></div>'

const firstRule = value(() => `document.styleSheets[1].cssRules[0].selectorText`)

export const STYLE_ROWS: readonly Row[] = [
  {
    use: '<link rel=stylesheet>',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `${SHEET_FILLS}<link rel="stylesheet" href="${cdn}style.css">${PROBE}`,
    look: filled,
    ours: 'stylesheet',
  },
  {
    use: 'cssRules of a <link rel=stylesheet>',
    class: 'C',
    without: 'SecurityError',
    cors: 'SecurityError',
    page: (cdn) => `${SHEET_FILLS}<link rel="stylesheet" href="${cdn}style.css">${PROBE}`,
    look: firstRule,
  },
  {
    use: '<link rel=stylesheet crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `${SHEET_FILLS}<link rel="stylesheet" crossorigin href="${cdn}style.css">${PROBE}`,
    look: filled,
    ours: 'stylesheet',
  },
  {
    use: 'cssRules of a <link rel=stylesheet crossorigin>',
    class: 'B',
    without: 'SecurityError',
    cors: '#probe',
    page: (cdn) => `${SHEET_FILLS}<link rel="stylesheet" crossorigin href="${cdn}style.css">${PROBE}`,
    look: firstRule,
  },
  {
    use: '<link rel=stylesheet integrity>',
    class: 'C',
    without: 'blocked',
    cors: 'blocked',
    page: (cdn) =>
      `${SHEET_FILLS}<link rel="stylesheet" integrity="${integrityOf('style.css')}" href="${cdn}style.css">${PROBE}`,
    look: filled,
  },
  {
    use: '<link rel=stylesheet integrity crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) =>
      `${SHEET_FILLS}<link rel="stylesheet" crossorigin integrity="${integrityOf('style.css')}" href="${cdn}style.css">${PROBE}`,
    look: filled,
    ours: 'stylesheet',
  },
  {
    use: '@import',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `${SHEET_FILLS}<style>@import "${cdn}style.css";</style>${PROBE}`,
    look: filled,
    ours: 'css-import',
  },
  {
    use: '@font-face',
    class: 'B',
    without: 'error',
    cors: 'loaded',
    page: (cdn) => `<style>@font-face{font-family:Probe;src:url(${cdn}font.ttf)}</style>`,
    look: value(() => `[...document.fonts][0].load().catch(() => {}).then(() => [...document.fonts][0].status)`),
    ours: 'font',
  },
  {
    use: 'background-image',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => box(`background:red url(${cdn}lime.svg)`),
    look: filled,
    ours: 'css-image',
  },
  {
    use: 'image-set()',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => box(`background:red image-set("${cdn}lime.png" 1x type("image/png"))`),
    look: filled,
    ours: 'css-image',
  },
  {
    use: 'border-image',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => box(`box-sizing:border-box;border:20px solid red;border-image:url(${cdn}lime.svg) 20`),
    look: filled,
    ours: 'css-image',
  },
  {
    use: 'content',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => box(`background:red;content:url(${cdn}lime.svg)`),
    look: filled,
    ours: 'css-image',
  },
  {
    use: 'list-style-image',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) =>
      `<style>ul{${BOX};margin:0;padding:0;background:red}li{list-style:inside url(${cdn}lime.svg)}</style><ul><li></ul>`,
    look: filled,
    ours: 'css-image',
  },
]
