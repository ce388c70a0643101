import { integrityOf } from './files.ts'
import { ran, value } from './looks.ts'
import type { Row } from './row.ts'

const blob = (text: string): string => `URL.createObjectURL(new Blob([${text}], { type: 'text/javascript' }))`

/** An exception of the constructor, or else what the worker says first. */
const answerOf = (worker: string, port = ''): string => `new Promise((resolve, reject) => {
  const worker = ${worker}
  worker.onerror = () => resolve('error')
  worker${port}.onmessage = ({ data }) => resolve(data)
})`

export const SCRIPT_ROWS: readonly Row[] = [
  {
    use: '<script> classic',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    page: (cdn) => `<script src="${cdn}classic.js"></script>`,
    look: ran,
    ours: 'script',
  },
  {
    use: '<script crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `<script crossorigin src="${cdn}classic.js"></script>`,
    look: ran,
    ours: 'script',
  },
  {
    use: 'what window.onerror hears of a <script>',
    class: 'A',
    without: 'Script error.',
    cors: 'Script error.',
    page: (cdn) => `<script>onerror = (text) => { ran = text }</script><script src="${cdn}throws.js"></script>`,
    look: ran,
    ours: 'script',
  },
  {
    use: 'what window.onerror hears of a <script crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'Uncaught Error: told',
    page: (cdn) =>
      `<script>onerror = (text) => { ran = text }</script><script crossorigin src="${cdn}throws.js"></script>`,
    look: ran,
    ours: 'script',
  },
  {
    use: '<script type=module>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `<script type="module" src="${cdn}module.js"></script>`,
    look: ran,
    ours: 'module',
  },
  {
    use: 'import',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `<script type="module">import '${cdn}module.js'</script>`,
    look: ran,
    ours: 'import',
  },
  {
    use: 'import()',
    class: 'B',
    without: 'TypeError',
    cors: 'ok',
    look: value((cdn) => `(await import('${cdn}module.js')).ran`),
  },
  {
    use: '<script integrity>',
    class: 'C',
    without: 'blocked',
    cors: 'blocked',
    page: (cdn) => `<script integrity="${integrityOf('classic.js')}" src="${cdn}classic.js"></script>`,
    look: ran,
  },
  {
    use: '<script integrity crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `<script crossorigin integrity="${integrityOf('classic.js')}" src="${cdn}classic.js"></script>`,
    look: ran,
    ours: 'script',
  },
  {
    use: '<script type=module integrity>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) => `<script type="module" integrity="${integrityOf('module.js')}" src="${cdn}module.js"></script>`,
    look: ran,
    ours: 'module',
  },
  {
    use: '<script type=module integrity crossorigin>',
    class: 'B',
    without: 'blocked',
    cors: 'ok',
    page: (cdn) =>
      `<script type="module" crossorigin integrity="${integrityOf('module.js')}" src="${cdn}module.js"></script>`,
    look: ran,
    ours: 'module',
  },
  {
    use: 'new Worker',
    class: 'C',
    without: 'SecurityError',
    cors: 'SecurityError',
    look: value((cdn) => answerOf(`new Worker('${cdn}worker.js')`)),
  },
  {
    use: 'new Worker, type module',
    class: 'C',
    without: 'SecurityError',
    cors: 'SecurityError',
    look: value((cdn) => answerOf(`new Worker('${cdn}module-worker.js', { type: 'module' })`)),
  },
  {
    use: 'new SharedWorker',
    class: 'C',
    without: 'SecurityError',
    cors: 'SecurityError',
    look: value((cdn) => answerOf(`new SharedWorker('${cdn}worker.js')`, '.port')),
  },
  {
    use: 'new SharedWorker, type module',
    class: 'C',
    without: 'SecurityError',
    cors: 'SecurityError',
    look: value((cdn) => answerOf(`new SharedWorker('${cdn}module-worker.js', { type: 'module' })`, '.port')),
  },
  {
    use: 'worker of a blob, importScripts',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    look: value((cdn) =>
      answerOf(`new Worker(${blob(`\`importScripts('${cdn}classic.js'); postMessage(globalThis.ran)\``)})`),
    ),
  },
  {
    use: 'worker of the page\u2019s origin, importScripts',
    class: 'A',
    without: 'ok',
    cors: 'ok',
    look: value((cdn) => answerOf(`new Worker('/importing-worker.js?${cdn}classic.js')`)),
  },
  {
    use: 'module worker of a blob, import',
    class: 'B',
    without: 'error',
    cors: 'ok',
    look: value((cdn) =>
      answerOf(`new Worker(${blob(`\`import '${cdn}module.js'; postMessage(globalThis.ran)\``)}, { type: 'module' })`),
    ),
  },
  {
    use: 'serviceWorker.register',
    class: 'C',
    without: 'SecurityError',
    cors: 'SecurityError',
    look: value((cdn) => `navigator.serviceWorker.register('${cdn}sw.js').then(() => 'ok')`),
  },
  {
    use: 'audioWorklet.addModule',
    class: 'B',
    without: 'AbortError',
    cors: 'ok',
    look: value(
      (cdn) => `new OfflineAudioContext(1, 1, 44100).audioWorklet.addModule('${cdn}worklet.js').then(() => 'ok')`,
    ),
  },
  {
    use: 'WebAssembly.instantiateStreaming(fetch())',
    class: 'B',
    without: 'TypeError',
    cors: 'ok',
    look: value((cdn) => `WebAssembly.instantiateStreaming(fetch('${cdn}empty.wasm')).then(() => 'ok')`),
  },
  {
    use: 'fetch of JSON',
    class: 'B',
    without: 'TypeError',
    cors: 'ok',
    look: value((cdn) => `(await (await fetch('${cdn}data.json')).json()).ran`),
  },
]
