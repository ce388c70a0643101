import { join } from 'node:path'
import type { PluginOption } from 'vite'
import { expect } from 'vitest'
import { buildVite, filesIn, keysNamedIn, project, recordOf, tempFolder, textOf } from './builds.ts'
import { keysIn, syncBuild } from './publishing.ts'
import type { ViteModule } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'

/** A page with everything that Vite makes a file of. */
export const SITE = {
  'index.html': '<!doctype html><html><head></head><body><script type="module" src="/main.js"></script></body></html>',
  'main.js':
    "import './main.css'\nimport pic from './pic.png'\nimport('./later.js')\nnew Worker(new URL('./tide.js', import.meta.url))\ndocument.title = pic",
  'main.css': 'p { color: red }',
  'pic.png': 'pic',
  'later.js': "import './later.css'\nexport const later = 1",
  'later.css': 'b { color: red }',
  'tide.js': 'postMessage(1)',
}

/** A Vite, and the `@vitejs/plugin-legacy` that belongs to it. */
export interface WithLegacy {
  readonly vite: ViteModule
  legacy(): PluginOption
}

/** Builds and publishes a site with the legacy plugin: what it makes is sent under the names that the page says. */
export async function expectLegacySent({ vite, legacy }: WithLegacy): Promise<void> {
  const folder = tempFolder()
  const options = { url: CDN, cors: true, to: join(folder, 'store'), upload: true }
  const config = { plugins: [legacy()], build: { minify: false } }
  const { outDir } = await buildVite({ vite, folder, root: project(SITE), options, config })
  const { bundler, sent, origin } = recordOf(outDir)
  expect(bundler.split('.')[0]).toBe(`vite ${vite.version.split('.')[0]}`)
  const page = textOf(outDir, /^index\.html$/)
  const legacyFiles = filesIn(outDir).filter((path) => path.includes('-legacy'))
  expect(legacyFiles.map((path) => path.replace(/-[\w-]{8}\.js$/, '')).sort()).toEqual([
    'assets/index-legacy',
    'assets/later-legacy',
    'assets/polyfills-legacy',
  ])
  for (const path of legacyFiles) expect(sent).toContain(`a/${path}`)
  expect(page).toMatch(/id="vite-legacy-polyfill" src="https:\/\/cdn\.example\.com\/x\/a\/assets\/polyfills-legacy-/)
  expect(page).toMatch(/id="vite-legacy-entry" data-src="https:\/\/cdn\.example\.com\/x\/a\/assets\/index-legacy-/)
  expect([...keysNamedIn(outDir, CDN)].filter((key) => !sent.includes(key))).toEqual([])
  expect(await keysIn(join(folder, 'store'))).toEqual(sent)
  const [worker] = origin
  expect(textOf(outDir, /index-legacy-/)).toContain(`new URL("/${worker}", location.origin).href`)
  const synced = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
  expect(synced.summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
}
