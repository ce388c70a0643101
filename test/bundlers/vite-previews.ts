import { get as getPlain, type IncomingMessage } from 'node:http'
import { Agent, get } from 'node:https'
import { join } from 'node:path'
import * as vite8 from 'vite'
import { createLogger, type InlineConfig, type PreviewServer } from 'vite'
import { expect } from 'vitest'
import lading, { type LadingPluginOptions } from '../../plugins/vite.ts'
import { eventually } from '../rig/eventually.ts'
import { after } from '../rig/tidying.ts'
import { buildVite, project } from './builds.ts'
import type { ViteModule } from './vites.ts'

/** What builds are made for. */
export const CDN = 'https://cdn.example.com/x/'

export const FILES: Readonly<Record<string, string>> = {
  'index.html': `<meta http-equiv="Content-Security-Policy" content="default-src 'self' https:; upgrade-insecure-requests">
    <link rel="icon" href="/icon.svg"><link rel="manifest" href="/site.webmanifest">
    <script type="module" src="/main.js"></script><img src="/img/p.png">`,
  'main.js': `import './main.css'; import logo from './logo.png'; import('./lazy.js')
    document.title = logo; new Worker(new URL('./job.js', import.meta.url))`,
  'lazy.js': 'document.body.id = "lazy"',
  'job.js': 'postMessage(1)',
  'main.css': 'p { background: url(./logo.png) }',
  'logo.png': 'x'.repeat(20_000),
  'public/img/p.png': 'picture',
  'public/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'public/site.webmanifest': '{"icons":[{"src":"/img/p.png"}]}',
}

/** Ended after each test. */
export const servers: { close(): Promise<unknown> | unknown }[] = []
after('test', async () => {
  for (const server of servers.splice(0)) await server.close()
})

interface Shown {
  /** Of the page; ends with `/`. */
  readonly url: string
  /** Where the log says that the CDN is. */
  readonly cdn: string
  readonly log: readonly string[]
  readonly outDir: string
  readonly server: PreviewServer
}

/** Builds for an address into `<root>/dist`; gives that folder. */
export async function buildFor(
  options: LadingPluginOptions,
  root: string = project(FILES),
  vite: ViteModule = vite8,
): Promise<string> {
  const { outDir } = await buildVite({ vite, root, folder: root, options: { rewrite: 'always', ...options } })
  return outDir
}

interface Showing extends InlineConfig {
  /** @default Vite 8 */
  readonly vite?: ViteModule
}

/** Starts a preview, which ends with the test, and waits until its log has said where the CDN is. */
export async function show(
  outDir: string,
  options: LadingPluginOptions = {},
  { vite = vite8, ...config }: Showing = {},
): Promise<Shown> {
  const log: string[] = []
  const customLogger = {
    ...createLogger('silent'),
    info: (line: string) => void log.push(line),
    warn: (line: string) => void log.push(line),
  }
  const server = await vite.preview({
    root: join(outDir, '..'),
    configFile: false,
    customLogger,
    build: { outDir },
    plugins: [lading({ cacheDir: join(outDir, '../cache'), ...options })],
    ...config,
    preview: { port: 0, ...config.preview },
  })
  servers.push(server)
  await eventually(() => expect(log).toContainEqual(expect.stringMatching(/served|CDN/)))
  const cdn = /served from (\S+)/.exec(log.join('\n'))?.[1] ?? ''
  return { url: server.resolvedUrls?.local[0] ?? '', cdn, log, outDir, server }
}

export const text = async (url: string, headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(url, { headers })).text()

/** With a Host header of its own, which fetch does not take. */
export function rawGet(url: string, host: string): Promise<string> {
  return new Promise((done, fail) => getPlain(url, { headers: { host } }, collect(done)).on('error', fail))
}

/** From a server whose certificate nobody knows. */
export function secureGet(url: string): Promise<string> {
  const agent = new Agent({ rejectUnauthorized: false })
  return new Promise((done, fail) => get(url, { agent }, collect(done)).on('error', fail))
}

function collect(done: (text: string) => void): (answer: IncomingMessage) => void {
  return (answer) => {
    let all = ''
    answer.setEncoding('utf8')
    answer.on('data', (piece: string) => {
      all += piece
    })
    answer.on('end', () => done(all))
  }
}
