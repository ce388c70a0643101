import type { IncomingMessage } from 'node:http'
import { resolve } from 'node:path'
import type { PreviewServer, ResolvedConfig } from 'vite'
import { BUILD_RECORD_PATH, type BuildRecord, LadingError, readBuildRecord } from '../src/index.ts'
import { inFull } from './masked-failure.ts'
import type { LadingPluginOptions } from './options.ts'
import { changeAnswer } from './preview-answers.ts'
import { openPreview, type Preview } from './preview-build.ts'
import { listenBeside, type SecondPort } from './preview-port.ts'

/**
 * Shows a build in `vite preview` with its assets where its pages look for them, before anything is uploaded: a CDN of
 * another host at a port of its own, a path of the site at the preview's. The files on disk are only read.
 */
export async function previewCdn(server: PreviewServer, options: LadingPluginOptions): Promise<void> {
  const { config } = server
  const say = (text: string): void => config.logger.info(`lading: ${text}`)
  const outDir = resolve(config.root, config.environments.client?.build.outDir ?? config.build.outDir)
  try {
    const record = readBuildRecord(outDir)
    const idle = whyIdle(record)
    if (idle !== undefined || record === undefined) return say(`this preview has no CDN: ${idle}`)
    const preview = await openPreview({ config, outDir, options })
    const { url, isOwnPath } = preview
    if (isOwnPath) {
      answerPath(server, preview)
      return say(`${url} is served here as the CDN would, from what is built`)
    }
    answerBeside(server, preview, say)
  } catch (error) {
    // The site can still be previewed, against the real CDN.
    const told = inFull(error)
    if (!(told instanceof LadingError)) throw error
    config.logger.warn(told.message.replace('lading: ', 'lading: this preview has no CDN: '))
  }
}

function whyIdle(record: BuildRecord | undefined): string | undefined {
  if (record === undefined) return `there is no ${BUILD_RECORD_PATH}; "vite build" leaves it`
  if (record.rewritten) return undefined
  return "the build names its assets at the site (rewrite: 'always' has it name the CDN)"
}

/** The path of the site that a CDN would route to the store. */
function answerPath({ config, middlewares }: PreviewServer, preview: Preview): void {
  const { url, path } = preview
  const isPath = url.startsWith('/')
  middlewares.use(async (request, response, next) => {
    const at = isPath ? undefined : `${schemeOf(config)}//${hostOf(request)}${path}`
    const local = await preview.at(at)
    if (request.url?.startsWith(path)) {
      preview.answer(local)(request, response)
      return
    }
    if (!isProxied(request, config)) changeAnswer(request, response, local)
    next()
  })
}

/** The CDN is another host: a second server plays it, and responses of the first name that server. */
function answerBeside({ config, middlewares, httpServer }: PreviewServer, preview: Preview, say: Say): void {
  const { path } = preview
  let beside: Promise<SecondPort> | undefined
  const addressOf = (host: string): string => `${schemeOf(config)}//${host}${path}`
  httpServer.once('listening', () => {
    const listening = listenBeside(config, httpServer, async (request, response) => {
      preview.answer(await preview.at(addressOf(hostOf(request))))(request, response)
    })
    beside = listening
    listening.then(
      ({ port }) => say(`${preview.url} is served from ${addressOf(`${nameOf(config)}:${port}`)} in this preview`),
      (error: unknown) => config.logger.warn(`lading: this preview has no CDN: ${String(error)}`),
    )
    httpServer.once('close', () => void listening.then(({ close }) => close()).catch(() => {}))
  })
  middlewares.use(async (request, response, next) => {
    const second = await beside?.catch(() => undefined)
    if (second === undefined || isProxied(request, config)) return next()
    const name = hostOf(request).replace(/:\d+$/, '')
    changeAnswer(request, response, await preview.at(addressOf(`${name}:${second.port}`)))
    next()
  })
}

type Say = (text: string) => void

const schemeOf = ({ preview }: ResolvedConfig): string => (preview.https ? 'https:' : 'http:')

/** How the log names this machine. */
function nameOf({ preview: { host } }: ResolvedConfig): string {
  if (typeof host !== 'string' || host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

/** The host and port by which the browser reached the preview; it is written into pages. */
function hostOf({ headers }: IncomingMessage): string {
  // HTTP/2, which an https preview speaks, has another name for it.
  const host = headers.host ?? String(headers[':authority'] ?? '')
  return /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.test(host) ? host : 'localhost'
}

/** Requests that the preview proxies are left alone. */
function isProxied({ url = '' }: IncomingMessage, { preview }: ResolvedConfig): boolean {
  const contexts = Object.keys(preview.proxy ?? {})
  return contexts.some((context) => (context.startsWith('^') ? new RegExp(context).test(url) : url.startsWith(context)))
}
