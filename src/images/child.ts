import { type Answer, ImageError, type Product, type Reply, type Request, type Sent } from './wire.ts'

/**
 * The sandbox process that decodes images: it has none of our environment, no credentials and no store, receives bytes
 * and returns bytes, and is killed when it exceeds its time or memory.
 */

/** The only decoders that may run, all from memory; that of SVG besides, for an icon that is one. */
const LOADERS = ['JpegBuffer', 'PngBuffer', 'WebpBuffer', 'NsgifBuffer', 'HeifBuffer']

const MEMORY_EVERY_MS = 100

const say = (reply: Reply): void => {
  process.send?.(reply)
}

async function start(): Promise<void> {
  // only the parent decides when this ends; when it is gone, SIGKILL also stops a running encoder
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  const { default: sharp } = await import('sharp')
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: LOADERS.map((name) => `VipsForeignLoad${name}`) })
  sharp.cache(false)
  sharp.concurrency(1)
  const [{ look }, { render }] = await Promise.all([import('./look.ts'), import('./render.ts')])
  const work = async (request: Request): Promise<Product> => {
    if (request.kind === 'render') return render(request)
    if (request.kind === 'look') return (await look(Buffer.from(request.bytes), request.limits)).facts
    return (await import('./icons/draw.ts')).drawIcons(request)
  }
  // messages are not validated: both ends are our own build
  let held: Uint8Array = new Uint8Array()
  process.on('message', (sent: Sent) => {
    held = sent.bytes ?? held
    void answer(work, { ...sent, bytes: held })
  })
  if (process.platform !== 'linux') {
    setInterval(() => say({ kind: 'memory', rss: process.memoryUsage.rss() }), MEMORY_EVERY_MS)
  }
  say({ kind: 'ready' })
}

async function answer(work: (request: Request) => Promise<Product>, request: Request): Promise<void> {
  say({ kind: 'answer', answer: await attempt(() => work(request)) })
}

async function attempt<T>(deed: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await deed() }
  } catch (error) {
    // what is no failure of the image is a bug, and crashes
    if (!(error instanceof ImageError)) throw error
    return { ok: false, failure: { code: error.code, message: error.message, hint: error.hint } }
  }
}

start().catch((error: unknown) => {
  say({ kind: 'unusable', message: error instanceof Error ? error.message : String(error) })
})
