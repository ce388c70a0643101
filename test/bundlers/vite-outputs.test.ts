import { existsSync } from 'node:fs'
import { join } from 'node:path'
import legacy from '@vitejs/plugin-legacy'
import * as vite from 'vite'
import { describe, expect, it } from 'vitest'
import { buildVite, filesIn, project, recordOf, tempFolder } from './builds.ts'
import { expectLegacySent, SITE } from './legacy.ts'
import { keysIn } from './publishing.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'

/** Two outputs, each with a folder of its own. */
const OUTPUT = ['one', 'two'].map((name) => ({
  entryFileNames: `${name}/[name]-[hash].js`,
  assetFileNames: `${name}/[name]-[hash][extname]`,
  chunkFileNames: `${name}/[name]-[hash].js`,
}))

describe.each(VITES)('several outputs of $name', ({ vite }) => {
  const build = (folder: string, plugins: vite.Plugin[] = []): ReturnType<typeof buildVite> =>
    buildVite({
      vite,
      folder,
      root: project(SITE),
      options: { url: CDN, cors: true, to: join(folder, 'store'), upload: true },
      config: { plugins, build: { rollupOptions: { output: OUTPUT } } },
    })

  it('are sent once, when the last is written, under the names that each gave', async () => {
    const folder = tempFolder()
    const { outDir, log } = await build(folder)
    const { sent, files } = recordOf(outDir)
    for (const name of ['one', 'two']) {
      const scripts = filesIn(join(outDir, name)).filter((path) => /(?:index|later)-[^/]*\.js$/.test(path))
      expect(scripts).toHaveLength(2)
      for (const path of scripts) expect(sent).toContain(`a/${name}/${path}`)
    }
    expect(files.map(([, key]) => key).sort()).toEqual(sent)
    expect(log.filter((line) => line.includes('sent'))).toHaveLength(1)
  })

  it.each(['buildStart', 'transform', 'buildEnd', 'renderStart', 'renderChunk', 'generateBundle', 'writeBundle'])(
    'are not sent when a plugin throws in %s for the second',
    async (hook) => {
      const folder = tempFolder()
      let written = 0
      const fail = (): void => {
        if (written > 0) throw new Error('boom')
      }
      const counting: vite.Plugin = { name: 'counting', enforce: 'post', writeBundle: () => void written++ }
      const failing = build(folder, [{ name: 'failing', [hook]: fail }, counting])
      // Rollup reads and parses once for all outputs.
      const isOnce = vite.version < '8' && ['buildStart', 'transform', 'buildEnd'].includes(hook)
      if (isOnce) return void (await expect(failing).resolves.toBeDefined())
      await expect(failing).rejects.toThrow('boom')
      expect(await keysIn(join(folder, 'store'))).toEqual([])
      expect(existsSync(join(folder, 'dist/.lading/build.json'))).toBe(false)
    },
  )
})

// Vite 6 and 7 with theirs: test/frameworks/legacy.test.ts.
describe('@vitejs/plugin-legacy 8', () => {
  it('has its chunks and polyfills sent under the names that the page says', () => expectLegacySent({ vite, legacy }))
})
