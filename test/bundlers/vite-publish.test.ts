import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { buildVite, filesIn, keyOf, keysNamedIn, project, recordOf, tempFolder, textOf, viteConfig } from './builds.ts'
import { keysIn, syncBuild } from './publishing.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'

afterEach(() => vi.unstubAllEnvs())

/** What the build is to send, and where. */
const toStore = (folder: string) => ({ url: CDN, cors: true, to: join(folder, 'store') }) as const

describe.each(VITES)('publishing with $name', ({ vite }) => {
  describe('a build with lading/vite that succeeds', () => {
    it('sends every key that its pages, scripts and style sheets name', async () => {
      const folder = tempFolder()
      const { outDir, log } = await buildVite({ vite, folder, options: { ...toStore(folder), upload: true } })
      const stored = new Set(await keysIn(join(folder, 'store')))
      const named = keysNamedIn(outDir, CDN)
      expect(named.size).toBeGreaterThan(12)
      expect([...named].filter((key) => !stored.has(key))).toEqual([])
      expect(log.filter((line) => line.includes('sent'))).toEqual([expect.stringMatching(/^lading: 24 assets sent \(/)])
    })

    it('sends no page, and records what it sent and where', async () => {
      const folder = tempFolder()
      const { outDir } = await buildVite({ vite, folder, options: { ...toStore(folder), upload: true } })
      const { sent, files, store } = recordOf(outDir)
      expect(sent).toEqual(files.map(([, key]) => key).sort())
      // A digest: the record lies beside the pages, and no path of a machine belongs there.
      expect(store).toMatch(/^[0-9a-f]{64}$/)
      expect(await keysIn(join(folder, 'store'))).toEqual(sent)
    })

    it('sends nothing when the next build is the same', async () => {
      const folder = tempFolder()
      const options = { ...toStore(folder), upload: true }
      await buildVite({ vite, folder, options })
      const { log } = await buildVite({ vite, folder, options })
      expect(log.at(-1)).toMatch(
        /^lading: 0 assets sent \(0 B\), 24 already there: https:\/\/cdn\.example\.com\/x\/ \(\d+\.\d s\)$/,
      )
    })

    it('is followed by a sync that publishes the pages and sends nothing twice', async () => {
      const folder = tempFolder()
      await buildVite({ vite, folder, options: { ...toStore(folder), upload: true } })
      const first = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
      expect(first.summary).toMatchObject({ ok: true, added: 0, bytes: 0, references: { missing: 0 } })
      expect(first.sent).toEqual([])
      expect(textOf(join(folder, 'origin'), /^index\.html$/)).toContain(`src="${CDN}a/assets/index-`)
      const second = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
      expect(second.summary).toMatchObject({ added: 0, changed: 0, pages: { written: 0 } })
    })

    it.each([
      ['named by sync', {}, /href="\/assets\/shared-/],
      ['named by the build', { rewrite: 'always' }, /href="https:\/\/cdn\.example\.com\/x\/a\/assets\/shared-/],
    ] as const)(
      'is published with one address for a style sheet that scripts load later: %s',
      async (_, options, link) => {
        const folder = tempFolder()
        const pages = ['one', 'two'].map((name) => [
          `${name}.html`,
          `<script type="module" src="/${name}.js"></script>`,
        ])
        const root = project({
          ...Object.fromEntries(pages),
          'one.js': "import './shared.js'; import './one.css'; globalThis.later = () => import('./later.js')",
          'two.js': "import './shared.js'; document.title = 'two'",
          'later.js': "import { shared } from './shared.js'; import './later.css'; export const later = shared",
          'shared.js': "import './shared.css'; export const shared = Date.now(); globalThis.shared = shared",
          ...{ 'shared.css': 'p{color:red}', 'one.css': 'p{color:green}', 'later.css': 'b{color:blue}' },
        })
        const config = { build: { rollupOptions: { input: [join(root, 'one.html'), join(root, 'two.html')] } } }
        const { outDir } = await buildVite({ vite, root, folder, options: { ...toStore(folder), ...options }, config })
        await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
        const html = textOf(join(folder, 'origin'), /^one\.html$/)
        expect(html).toMatch(link)
        expect(html).toMatch(/href="https:\/\/cdn\.example\.com\/x\/a\/assets\/one-/)
        const listed = /\bm\.f=\[[^\]]*"([^"]*shared-[^"]*\.css)"/.exec(textOf(outDir, /one-.*\.js$/))?.[1] ?? ''
        expect(html).toContain(`href="${listed.replace(/^(?!https:)/, '/')}"`)
      },
    )

    it("with rewrite: 'always' and no upload, is followed by a sync that sends all under the same names", async () => {
      const folder = tempFolder()
      const { outDir } = await buildVite({ vite, folder, options: { ...toStore(folder), rewrite: 'always' } })
      expect(await keysIn(join(folder, 'store'))).toEqual([])
      const { sent } = await syncBuild(folder, { url: CDN, cors: true, host: true })
      const { files } = recordOf(outDir)
      expect(files.filter(([, key]) => !sent.includes(key))).toEqual([])
      expect(sent).toContain('index.html')
    })

    it('whose service worker keeps scripts by their names at the site, is warned of that and told what to set', async () => {
      const folder = tempFolder()
      const { outDir } = await buildVite({ vite, folder, options: { ...toStore(folder), rewrite: 'always' } })
      const script = filesIn(join(outDir, 'assets')).find((path) => /^index-.*\.js$/.test(path))
      writeFileSync(join(outDir, 'sw.js'), `precache([{url:"assets/${script}",revision:null}])`)
      const { fixes } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
      expect(fixes).toContain(`with Workbox: modifyURLPrefix: { 'assets/': '${CDN}a/assets/' }`)
    })

    it('built without CORS is published as it was built', async () => {
      const folder = tempFolder()
      const { outDir } = await buildVite({
        vite,
        folder,
        options: { url: CDN, to: join(folder, 'store'), upload: true },
      })
      const { summary } = await syncBuild(folder, { url: CDN, out: 'origin' })
      expect(summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
      const page = textOf(join(folder, 'origin'), /^index\.html$/)
      expect(page).toBe(textOf(outDir, /^index\.html$/))
      expect(page).toMatch(/<script type="module" crossorigin src="\/assets\//)
    })
  })

  describe('what include and exclude leave alone', () => {
    it('stays at the site, emitted or copied, and a sync with the same options publishes the build', async () => {
      const folder = tempFolder()
      const select = { exclude: ['favicon.ico', 'img/**', 'assets/ship-*.png'], site: 'https://www.example.com' }
      const { outDir } = await buildVite({ vite, folder, options: { ...toStore(folder), ...select, upload: true } })
      const page = textOf(outDir, /^index\.html$/)
      expect(page).toContain('<link rel="icon" href="/favicon.ico" sizes="32x32">')
      expect(page).toContain('src="/img/quay-160.png"')
      const script = textOf(outDir, /fleet-[\w-]+\.js$/)
      expect(script).toMatch(/new URL\(.\/assets\/ship-[\w-]+\.png.,\s*location\.origin\)\.href/)
      const keys = await keysIn(join(folder, 'store'))
      expect(keys.length).toBeGreaterThan(12)
      expect(keys.filter((key) => /favicon|^a\/img\/|ship-/.test(key))).toEqual([])
      const { summary } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin', ...select })
      expect(summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
      expect(filesIn(join(folder, 'origin'))).toContain('favicon.ico')
    })

    it('is all that include does not name', async () => {
      const folder = tempFolder()
      const select = { include: ['assets/**', '*.html', 'icon.svg'], site: 'https://www.example.com' }
      const { outDir } = await buildVite({
        vite,
        folder,
        options: { ...toStore(folder), ...select, rewrite: 'always' },
      })
      const { files } = recordOf(outDir)
      const copied = files.filter(([path]) => !path.startsWith('assets/')).map(([path]) => path)
      expect(copied).toEqual(['icon.svg'])
      const { sent } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin', ...select })
      expect([...sent].sort()).toEqual(files.map(([, key]) => key).sort())
    })

    it('may not be chunks, which other chunks import from where they lie', async () => {
      const folder = tempFolder()
      const failing = buildVite({
        vite,
        folder,
        options: { ...toStore(folder), rewrite: 'always', exclude: ['**/*.js'] },
      })
      await expect(failing).rejects.toThrow('files that the bundler made are excluded')
    })
  })

  describe('with upload off', () => {
    it('addresses are left as they are, and the record says so', async () => {
      const folder = tempFolder()
      const { outDir, log } = await buildVite({ vite, folder, options: toStore(folder) })
      expect([...keysNamedIn(outDir, CDN)]).toEqual([])
      expect(textOf(outDir, /^index\.html$/)).toContain('href="/favicon.ico"')
      const record = recordOf(outDir)
      expect(record).toMatchObject({ rewritten: false, sent: [] })
      expect(record.files.every(([path, key, immutable]) => key === `a/${path}` && immutable)).toBe(true)
      expect(record.origin).toEqual([expect.stringMatching(/^assets\/tides-.*\.js$/)])
      expect(existsSync(join(folder, 'store'))).toBe(false)
      expect(log).toHaveLength(1)
    })

    it('a sync after it names pictures in pages under the names that the bundler gave', async () => {
      const root = project({
        'index.html': '<img src="/picture.png"><script type="module" src="/main.js"></script>',
        'picture.png': 'not a real one',
        'main.js': 'document.title = "x"',
      })
      const folder = tempFolder()
      const { outDir } = await buildVite({ vite, root, folder, options: toStore(folder) })
      const [picture] = recordOf(outDir).files.filter(([path]) => path.endsWith('.png'))
      await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
      expect(textOf(join(folder, 'origin'), /^index\.html$/)).toContain(`<img src="${CDN}${picture?.[1]}">`)
    })

    it('LADING_UPLOAD=1 turns it on, and upload: false keeps it off', async () => {
      vi.stubEnv('LADING_UPLOAD', '1')
      const folder = tempFolder()
      await buildVite({ vite, folder, options: { ...toStore(folder), upload: false } })
      expect(await keysIn(join(folder, 'store'))).toEqual([])
      await buildVite({ vite, folder, options: toStore(folder) })
      expect((await keysIn(join(folder, 'store'))).length).toBeGreaterThan(20)
    })
  })

  describe('an upload that fails', () => {
    it('fails the build', async () => {
      const folder = tempFolder()
      writeFileSync(join(folder, 'store'), 'a file where the store should be')
      const failing = buildVite({ vite, folder, options: { ...toStore(folder), upload: true } })
      await expect(failing).rejects.toThrow()
    })
  })

  describe('builds that are not one build of pages', () => {
    it('watch mode says that it leaves addresses alone, and sends nothing', async () => {
      const folder = tempFolder()
      const options = { ...toStore(folder), upload: true }
      const { config, built } = viteConfig({ folder, options, config: { build: { watch: {} } } })
      const watcher = await vite.build(config)
      if (!('on' in watcher)) throw new Error('this is not a watcher')
      await new Promise<void>((done, fail) => {
        watcher.on('event', (event) => {
          if (event.code === 'END') done()
          if (event.code === 'ERROR') fail(event.error)
        })
      })
      await watcher.close()
      expect([...keysNamedIn(built.outDir, CDN)]).toEqual([])
      expect(await keysIn(join(folder, 'store'))).toEqual([])
      expect(filesIn(built.outDir).filter((path) => path.includes('.lading'))).toEqual([])
      expect(built.log).toEqual(['lading: watching: addresses are left as they are and nothing is sent'])
    })

    it('a library is left alone', async () => {
      const folder = tempFolder()
      const root = project({ 'main.js': 'export const x = 1' })
      const lib = { entry: 'main.js', formats: ['es' as const], fileName: 'main' }
      const { log } = await buildVite({
        vite,
        root,
        folder,
        options: { ...toStore(folder), upload: true },
        config: { build: { lib } },
      })
      expect(await keysIn(join(folder, 'store'))).toEqual([])
      expect(log).toEqual([expect.stringContaining('a library has no pages')])
    })

    it('a build in app mode with a server beside the client sends the client once', async () => {
      const folder = tempFolder()
      const root = project({
        'index.html': '<img src="/logo.png"><script type="module" src="/main.js"></script>',
        'main.js': 'document.title = "x"',
        'server.js': "import logo from '/logo.png'\nexport const html = '<img src=\"' + logo + '\">'",
        'public/logo.png': 'logo',
      })
      const { config, built } = viteConfig({
        root,
        folder,
        options: { ...toStore(folder), upload: true },
        config: {
          builder: {},
          environments: {
            ssr: {
              consumer: 'server',
              build: { outDir: join(folder, 'server'), rollupOptions: { input: join(root, 'server.js') } },
            },
          },
        },
      })
      await (await vite.createBuilder(config)).buildApp()
      const record = recordOf(built.outDir)
      expect(record.sent).toHaveLength(2)
      expect(built.log.filter((line) => line.includes('sent'))).toHaveLength(1)
      // Both sides write the same address, or the page would be drawn twice.
      expect(textOf(join(folder, 'server'), /\.m?js$/)).toContain(CDN + keyOf(record, 'logo.png'))
    })
  })
})
