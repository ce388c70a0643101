import * as esbuild from 'esbuild'
import { describe, expect, it } from 'vitest'
import lading from '../../plugins/esbuild.ts'
import { buildVite, keysNamedIn, project, recordOf, tempFolder, type WrittenRecord } from './builds.ts'
import { OTHERS } from './others.ts'
import { KIN } from './rspack-builds.ts'
import { VITES } from './vites.ts'

const OPTIONS = { url: 'https://cdn.example.com/x/', cors: true, rewrite: 'always' } as const

/** Swahili, and a script that pages import. */
const FILES = {
  'index.html': '<script type="module" src="/src/main.js"></script>',
  'src/index.html': '<title>x</title>',
  'src/main.js': [
    "globalThis.later = (name) => name === 'sw' ? import('./sw.js') : import('./service-worker-registration.js')",
    "import('./en.js')",
  ].join('\n'),
  'src/en.js': "export default 'hello'\n",
  'src/sw.js': "export default 'jambo'\n",
  'src/service-worker-registration.js': "import('./sw.js')\nexport default 'register'\n",
}

const partsOf = (paths: readonly string[]): string[] => paths.filter((path) => /sw[._-]|service-worker/.test(path))

function expectMoved({ files, origin }: WrittenRecord): void {
  expect(partsOf(origin)).toEqual([])
  expect(partsOf(files.map(([path]) => path))).toHaveLength(2)
}

describe('chunks that are called like a service worker move with those that import them', () => {
  it.each(VITES)('in $name', async ({ vite }) => {
    // Sheets make Vite list what to load ahead.
    const files = {
      ...FILES,
      'src/sw.js': "import './sw.css'\nexport default 'jambo'\n",
      'src/sw.css': 'p { color: red }',
    }
    const { outDir } = await buildVite({ vite, root: project(files), options: OPTIONS })
    const record = recordOf(outDir)
    expectMoved({ ...record, files: record.files.filter(([path]) => path.endsWith('.js')) })
    const part = record.files.find(([path]) => /sw-.*\.js$/.test(path))
    expect([...keysNamedIn(outDir, OPTIONS.url)]).toContain(part?.[1])
  })

  const config = { entry: './src/main.js', optimization: { chunkIds: 'named' } } as const
  const named = { output: { chunkFilename: 'js/[name].[contenthash].js' } } as const

  it.each(KIN)('in %s', async (_name, { build }) => {
    const { outDir, errors } = await build({
      root: project(FILES),
      options: OPTIONS,
      config: { ...config, ...named },
    })
    expect(errors).toEqual([])
    expectMoved(recordOf(outDir))
  })

  it.each(OTHERS)('in $name', async ({ build }) => {
    const { outDir } = await build({ folder: tempFolder(), files: FILES, options: OPTIONS })
    expectMoved(recordOf(outDir))
  })
})

describe('a script that is named and not imported', () => {
  it.each(VITES)('stays at the site in $name when it is called like a service worker', async ({ vite }) => {
    const main = "navigator.serviceWorker.register(new URL('./sw.js', import.meta.url))"
    const { outDir } = await buildVite({ vite, root: project({ ...FILES, 'src/main.js': main }), options: OPTIONS })
    expect(recordOf(outDir).origin).toEqual([expect.stringMatching(/^assets\/sw-/)])
  })

  it('fails a build with esbuild, which has one address for all, and the message says why', async () => {
    const root = project({
      'main.js': "import sw from './tide.sw.js'\nglobalThis.sw = sw\n",
      'tide.sw.js': 'postMessage(1)',
    })
    const build = esbuild.build({
      ...{ absWorkingDir: root, entryPoints: ['main.js'], outdir: 'dist', bundle: true, logLevel: 'silent' },
      ...{ loader: { '.sw.js': 'file' }, plugins: [lading({ ...OPTIONS, config: false, cacheDir: tempFolder() })] },
    })
    await expect(build).rejects.toThrow(/files that stay at the site.*tide\.sw-\w+\.js: its path is its scope/s)
  })
})
