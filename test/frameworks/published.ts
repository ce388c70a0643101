import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { openStore, serveFolder, serveStore } from '../../src/index.ts'
import { keysIn } from '../bundlers/publishing.ts'
import { type App, type AppBuild, type OpenApp, openApp } from './apps.ts'

const LIMITS = { requestTimeoutMs: 60_000, retries: 0, concurrency: 16 }
const main = resolve(import.meta.dirname, '../../dist/src/cli/main.cjs')

/** An app that was built with the plugin and published as the plugin said. */
export interface PublishedApp extends OpenApp {
  /** What it was built with. */
  readonly prefix: string
  readonly options: object
  /** What the plugin said. */
  readonly lines: readonly string[]
  /** The folder of the store, and what lay there before the command ran. */
  readonly store: string
  readonly keysBefore: readonly string[]
  /** The command that the line names. */
  readonly command: { readonly status: number | null; readonly output: string }
  /** Where the site and the store are served; both end in a slash. */
  readonly url: string
  readonly cdn: string
  close(): Promise<void>
}

/** @throws with the framework's log when the build fails */
export async function publishApp(app: App, work: string): Promise<PublishedApp> {
  const store = join(work, 'store')
  const cdn = await serveStore(await openStore({ kind: 'folder', path: store, label: store }, LIMITS), { cors: true })
  const prefix = app.takesSlash ? cdn.url : cdn.url.replace(/\/$/, '')
  const options = { url: cdn.url, cors: true, to: store, upload: true, rewrite: 'always' }
  const opened = openApp(app)
  const log = buildWhole(opened, { prefix, options })
  const lines = log.split('\n').filter((line) => line.includes('lading:'))
  const keysBefore = await keysIn(store)
  const command = runAsTold(lines.join('\n'), { folder: opened.folder, home: work })
  const origin = await serveFolder(opened.site, {})
  const close = async (): Promise<void> => {
    await Promise.all([cdn.close(), origin.close()])
    opened.remove()
  }
  return {
    ...opened,
    prefix,
    options,
    lines,
    store,
    keysBefore,
    command,
    cdn: cdn.url,
    url: origin.url,
    close,
  }
}

/** @throws with the framework's log when the build fails */
export function buildWhole({ folder, build }: OpenApp, what: AppBuild): string {
  const { status, log } = build(what)
  if (status !== 0) throw new Error(`${folder} could not be built\n${log}`)
  return log
}

/** In a shell where `lading` is what this project builds. */
function runAsTold(line: string, { folder, home }: { readonly folder: string; readonly home: string }) {
  const [told = 'false'] = /lading sync .*/.exec(line) ?? []
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `lading() { "$NODE" "$MAIN" "$@"; }\n${told}`], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: home, NODE: process.execPath, MAIN: main },
  })
  return { status, output: stdout + stderr }
}
