import { BOX, box, filled, painted, value } from './looks.ts'
import type { Row } from './row.ts'

/** A drawing with one rule that names a file. */
const drawing = (css: string, shape = '<rect id="probe" width="40" height="40"/>'): string =>
  `<style>#probe{${css}}</style><svg style="${BOX}">${shape}</svg>`

/** Only the left half shows, where the file arrives. The document's "not applied" is one of two things. */
const halved = painted({ 'lime white': 'ok', 'lime lime': 'not applied', 'white white': 'nothing is shown' })

/** New: the document had only filters, and Chromium painted nothing from other documents before. */
const PAINT = { class: 'C', because: 'no other browser was seen to do this' } as const

/** Masks, filters and what a drawing is painted with: CSS that works on what is already there. */
export const EFFECT_ROWS: readonly Row[] = [
  {
    use: 'mask-image, an image',
    class: 'B',
    // Worse than the document's "not applied": a mask that is missing masks everything.
    without: 'nothing is shown',
    cors: 'ok',
    page: (cdn) => box(`background:lime;mask-image:url(${cdn}half.svg)`),
    look: halved,
    ours: 'css-mask',
  },
  {
    use: 'mask, an element of a drawing',
    class: 'B',
    without: 'nothing is shown',
    cors: 'ok',
    page: (cdn) => box(`background:lime;mask:url(${cdn}parts.svg#mask)`),
    look: halved,
    ours: 'css-mask',
  },
  {
    use: 'clip-path',
    class: 'B',
    without: 'not applied',
    cors: 'ok',
    page: (cdn) => box(`background:lime;clip-path:url(${cdn}parts.svg#clip)`),
    look: halved,
    ours: 'css-mask',
  },
  {
    use: 'shape-outside',
    class: 'B',
    without: 'not applied',
    cors: 'ok',
    page: (cdn) =>
      `<style>#shape{float:left;width:40px;height:40px;shape-outside:url(${cdn}half.svg)}</style>` +
      `<div style="${BOX};width:80px"><div id="shape"></div><span id="probe">x</span></div>`,
    look: value(() => `document.getElementById('probe').offsetLeft === 20 ? 'ok' : 'not applied'`),
    ours: 'css-mask',
  },
  {
    use: 'filter',
    class: 'C',
    without: 'blocked',
    cors: 'blocked',
    page: (cdn) => box(`background:red;filter:url(${cdn}parts.svg#filter)`),
    look: filled,
    ours: 'css-filter',
  },
  {
    use: 'fill',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => drawing(`fill:url(${cdn}parts.svg#paint) red`),
    look: filled,
    ours: 'css-filter',
    stricter: PAINT,
  },
  {
    use: 'stroke',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) =>
      drawing(
        `stroke-width:40;stroke:url(${cdn}parts.svg#paint) red`,
        '<path id="probe" d="M0 20H20L40 20.1" fill="none"/>',
      ),
    look: filled,
    ours: 'css-filter',
    stricter: PAINT,
  },
  {
    use: 'marker',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => drawing(`marker-start:url(${cdn}parts.svg#marker)`, '<path id="probe" d="M0 0H40" fill="none"/>'),
    look: painted({ 'lime lime': 'ok', 'white white': 'blocked' }),
    ours: 'css-filter',
    stricter: PAINT,
  },
  {
    use: 'mask attribute of a drawing',
    class: 'B',
    without: 'not applied',
    cors: 'ok',
    page: (cdn) =>
      `<svg style="${BOX}"><rect width="40" height="40" fill="lime" mask="url(${cdn}parts.svg#mask)"/></svg>`,
    look: halved,
    ours: 'css-mask',
  },
  {
    use: '-webkit-box-reflect',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => box(`width:20px;background:lime;-webkit-box-reflect:right 0 url(${cdn}lime.svg)`),
    look: painted({ 'lime lime': 'ok', 'lime white': 'blocked' }),
    ours: 'css-mask',
    stricter: { class: 'B', because: 'masks go together' },
  },
]
