import { BOX, event, filled, KEEP_EVENT, painted, value } from './looks.ts'
import type { Row } from './row.ts'

const PICTURE = `${KEEP_EVENT}<style>#probe{${BOX};background:red}</style>`
const DRAWING = `<svg style="${BOX};background:red">`

const firstPixel = value(
  () => `(() => {
    const context = document.createElement('canvas').getContext('2d')
    context.drawImage(document.getElementById('probe'), 0, 0)
    return context.getImageData(0, 0, 1, 1).data[1] === 255 ? 'ok' : 'blocked'
  })()`,
)

const cues = value(
  () => `new Promise((resolve) => {
    const track = document.querySelector('track')
    track.onload = () => resolve(track.track.cues.length === 1 ? 'ok' : 'empty')
    track.onerror = () => resolve('blocked')
    track.track.mode = 'hidden'
  })`,
)

export const MEDIA_ROWS: readonly Row[] = [
  {
    use: '<img>',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `${PICTURE}<img id="probe" src="${cdn}lime.svg">`,
    look: event,
    ours: 'image',
  },
  {
    use: '<img crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `${PICTURE}<img id="probe" crossorigin src="${cdn}lime.svg">`,
    look: event,
    ours: 'image',
  },
  {
    use: '<img srcset>',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `${PICTURE}<img id="probe" srcset="${cdn}lime.svg 1x">`,
    look: event,
    ours: 'image',
  },
  {
    use: '<source srcset> of an <img crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) =>
      `${PICTURE}<picture><source srcset="${cdn}lime.svg"><img id="probe" crossorigin src="data:,"></picture>`,
    look: event,
    ours: 'image',
  },
  {
    use: '<input type=image>',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `${PICTURE}<input type="image" id="probe" src="${cdn}lime.svg">`,
    look: event,
    ours: 'image',
  },
  {
    use: 'getImageData of an <img> on a canvas',
    class: 'C',
    without: 'SecurityError',
    cors: 'SecurityError',
    page: (cdn) => `${PICTURE}<img id="probe" src="${cdn}lime.svg">`,
    look: firstPixel,
  },
  {
    use: 'getImageData of an <img crossorigin> on a canvas',
    class: 'B',
    without: 'InvalidStateError',
    cors: 'ok',
    page: (cdn) => `${PICTURE}<img id="probe" crossorigin src="${cdn}lime.svg">`,
    look: firstPixel,
    ours: 'image',
  },
  {
    use: '<img> under COEP: require-corp',
    class: 'C',
    without: 'blocked',
    cors: 'blocked',
    headers: { 'cross-origin-embedder-policy': 'require-corp' },
    page: (cdn) => `${PICTURE}<img id="probe" src="${cdn}lime.svg">`,
    look: event,
  },
  {
    use: '<img crossorigin> under COEP: require-corp',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    headers: { 'cross-origin-embedder-policy': 'require-corp' },
    page: (cdn) => `${PICTURE}<img id="probe" crossorigin src="${cdn}lime.svg">`,
    look: event,
    ours: 'image',
  },
  {
    use: 'SVG <image>',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `${DRAWING}<image width="40" height="40" href="${cdn}lime.svg"/></svg>`,
    look: filled,
    ours: 'svg-image',
  },
  {
    use: 'SVG <use>',
    class: 'C',
    without: 'blocked',
    cors: 'blocked',
    page: (cdn) => `${DRAWING}<use href="${cdn}parts.svg#shape"/></svg>`,
    look: filled,
    ours: 'svg-use',
  },
  {
    use: 'SVG <feImage>',
    // The document says it needs CORS; it is fetched as any image is.
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) =>
      `${DRAWING}<filter id="image"><feImage href="${cdn}lime.svg"/></filter><rect width="40" height="40" fill="red" filter="url(#image)"/></svg>`,
    look: filled,
    ours: 'svg-image',
    stricter: { class: 'C', because: 'no other browser was seen to do this' },
  },
  {
    use: '<audio>',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `${KEEP_EVENT}<audio id="probe" preload="auto" src="${cdn}tone.wav"></audio>`,
    look: event,
    ours: 'media',
  },
  {
    use: '<audio crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `${KEEP_EVENT}<audio id="probe" crossorigin preload="auto" src="${cdn}tone.wav"></audio>`,
    look: event,
    ours: 'media',
  },
  {
    use: '<track>',
    class: 'C',
    without: 'blocked',
    cors: 'blocked',
    page: (cdn) => `<video><track src="${cdn}cues.vtt"></video>`,
    look: cues,
    ours: 'track',
  },
  {
    use: '<track> in a <video crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `<video crossorigin><track src="${cdn}cues.vtt"></video>`,
    look: cues,
    ours: 'track',
  },
  {
    use: '<object> of a drawing',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `<style>#probe{${BOX};background:red}</style><object id="probe" data="${cdn}lime.svg"></object>`,
    look: filled,
  },
  {
    use: 'contentDocument of an <object>',
    class: 'C',
    without: 'null',
    cors: 'null',
    page: (cdn) => `<object id="probe" data="${cdn}lime.svg"></object>`,
    look: value(() => `document.getElementById('probe').contentDocument`),
  },
  {
    use: '<embed> of a drawing',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `<style>#probe{${BOX};background:red}</style><embed id="probe" src="${cdn}lime.svg">`,
    look: painted({ 'lime lime': 'ok', 'red red': 'blocked' }),
    ours: 'embed',
  },
  {
    use: '<link rel=manifest>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `<link rel="manifest" href="${cdn}app.webmanifest">`,
    look: async (page) => {
      const devtools = await page.context().newCDPSession(page)
      const { data } = await devtools.send('Page.getAppManifest')
      return data ? 'ok' : 'blocked'
    },
    ours: 'manifest',
    stricter: { class: 'C', because: 'its path is the scope of the application' },
  },
]
