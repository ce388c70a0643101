import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PNG } from 'pngjs'

/** A file as a server has it. */
export interface ServedFile {
  /** `content-type`. */
  readonly type: string
  readonly body: string | Buffer
  /** @default none */
  readonly headers?: Readonly<Record<string, string>>
}

const SCRIPT = 'text/javascript'
export const STYLE = 'text/css'
const SVG = 'image/svg+xml'

const svg = (content: string): ServedFile => ({
  type: SVG,
  body: `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">${content}</svg>`,
})

export const script = (body: string): ServedFile => ({ type: SCRIPT, body })

/** Lets whoever asked a worker of any kind know that it runs. */
const ANSWER = `if (globalThis.postMessage) postMessage('ok'); globalThis.onconnect = ({ ports: [port] }) => port.postMessage('ok')`

/** The files that a place is tried with. What can be seen turns lime when it loads; what runs sets `ran`. */
export const FILES: Readonly<Record<string, ServedFile>> = {
  'classic.js': script(`globalThis.ran = 'ok'`),
  'module.js': script(`globalThis.ran = 'ok'; export const ran = 'ok'`),
  'throws.js': script(`throw new Error('told')`),
  'worker.js': script(ANSWER),
  'module-worker.js': script(`${ANSWER}; export {}`),
  /** Imports the script named by its query. */
  'importing-worker.js': script(`importScripts(location.search.slice(1)); postMessage(globalThis.ran)`),
  'sw.js': script(''),
  'worklet.js': script(`registerProcessor('probe', class extends AudioWorkletProcessor {})`),
  'style.css': { type: STYLE, body: '#probe{background:lime}' },
  'data.json': { type: 'application/json', body: '{"ran":"ok"}' },
  'empty.wasm': { type: 'application/wasm', body: Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) },
  'lime.svg': svg('<rect width="40" height="40" fill="lime"/>'),
  'lime.png': { type: 'image/png', body: limePng() },
  'half.svg': svg('<rect width="20" height="40"/>'),
  'parts.svg': svg(
    [
      '<clipPath id="clip"><rect width="20" height="40"/></clipPath>',
      '<filter id="filter"><feFlood flood-color="lime"/></filter>',
      '<linearGradient id="paint"><stop stop-color="lime"/></linearGradient>',
      '<marker id="marker" markerUnits="userSpaceOnUse" markerWidth="40" markerHeight="40">',
      '<rect width="40" height="40" fill="lime"/></marker>',
      '<mask id="mask"><rect width="20" height="40" fill="white"/></mask>',
      '<rect id="shape" width="40" height="40" fill="lime"/>',
    ].join(''),
  ),
  'font.ttf': {
    type: 'font/ttf',
    body: readFileSync(join(import.meta.dirname, '../../../examples/plain-html/site/fonts/stencil.ttf')),
  },
  'cues.vtt': { type: 'text/vtt', body: 'WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n' },
  'tone.wav': { type: 'audio/wav', body: silence(800) },
  'app.webmanifest': { type: 'application/manifest+json', body: '{"name":"Probe"}' },
}

/** The value of `integrity` for one of {@link FILES}. */
export function integrityOf(name: string): string {
  return `sha256-${createHash('sha256')
    .update(FILES[name]?.body ?? '')
    .digest('base64')}`
}

function limePng(): Buffer {
  const picture = new PNG({ width: 40, height: 40 })
  for (let at = 0; at < picture.data.length; at += 4) picture.data.set([0, 255, 0, 255], at)
  return PNG.sync.write(picture)
}

/** A WAV file of silence: 8-bit, mono, 8000 samples a second. */
function silence(samples: number): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(8000, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples, 40)
  return Buffer.concat([header, Buffer.alloc(samples, 0x80)])
}
