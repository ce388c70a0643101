import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'
import { describe, expect, it } from 'vitest'
import { buildVite, filesIn, keyOf, project, recordOf, textOf, viteConfig } from './builds.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'

describe.each(VITES)('lading/vite in $name', ({ vite }) => {
  describe('names and bytes', () => {
    const immutable = (outDir: string): Map<string, string> => {
      const paths = recordOf(outDir).files.filter(([, , isImmutable]) => isImmutable)
      return new Map(paths.map(([path]) => [path, readFileSync(join(outDir, path), 'latin1')]))
    }

    const emitted = (outDir: string): Map<string, string> => {
      const paths = filesIn(join(outDir, 'assets')).map((path) => `assets/${path}`)
      return new Map(paths.map((path) => [path, readFileSync(join(outDir, path), 'latin1')]))
    }

    it.each([
      ['another url', { url: 'https://other.example/', cors: true }],
      ['cors unset', { url: CDN }],
      ['a site', { url: CDN, cors: true, site: 'https://www.example.com' }],
      ['a path', { url: '/_a/' }],
    ])('never come apart: %s gives the same bytes under every name that stays', async (_what, options) => {
      // Only the list of what to preload holds addresses here, and Vite writes it after it has named the script.
      const root = project({
        'index.html': '<script type="module" src="/main.js"></script>',
        'main.js': "document.body.onclick = () => import('./route.js')",
        'route.js': "import './route.css'\nexport const x = 1",
        'route.css': 'p { color: red }',
      })
      const one = immutable(
        (await buildVite({ vite, root, options: { url: CDN, cors: true, rewrite: 'always' } })).outDir,
      )
      const two = emitted((await buildVite({ vite, root, options: { ...options, rewrite: 'always' } })).outDir)
      expect(one.size).toBe(3)
      for (const [path, bytes] of one) expect(two.get(path) ?? bytes, path).toBe(bytes)
      expect([...two.keys()].filter((path) => path.endsWith('.css') && one.has(path))).toHaveLength(1)
    })

    it('change together when a public file changes that a script names', async () => {
      const root = project({
        'index.html': '<script type="module" src="/main.js"></script>',
        'main.js': "import logo from '/logo.png'\ndocument.title = logo",
        'public/logo.png': 'one',
      })
      const options = { url: CDN, cors: true, rewrite: 'always' } as const
      const one = immutable((await buildVite({ vite, root, options })).outDir)
      writeFileSync(join(root, 'public/logo.png'), 'two')
      const two = immutable((await buildVite({ vite, root, options })).outDir)
      expect([...one.keys()]).toHaveLength(1)
      expect([...two.keys()]).not.toEqual([...one.keys()])
    })
  })

  describe('a style sheet on the CDN that shows pieces of an SVG', () => {
    const root = project({
      'index.html': '<link rel="stylesheet" href="/main.css"><p>x</p>',
      'main.css':
        'p { background: url("/icons.svg#star"); mask: url("/icons.svg#round") } i { list-style: url("./own.svg#dot") }',
      'own.svg': '<svg xmlns="http://www.w3.org/2000/svg"><view id="dot"/></svg>',
      'public/icons.svg': '<svg xmlns="http://www.w3.org/2000/svg"><view id="star"/><mask id="round"/></svg>',
    })
    const options = { url: CDN, cors: true, rewrite: 'always' } as const

    it('names the copies in the store', async () => {
      const { outDir } = await buildVite({ vite, root, options })
      const key = keyOf(recordOf(outDir), 'icons.svg')
      const css = textOf(outDir, /\.css$/)
      expect(css).toContain(`url(${CDN}${key}#star)`)
      expect(css).toContain(`url(${CDN}${key}#round)`)
      expect(css).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/assets\/own-[\w-]+\.svg#dot\)/)
    })

    it('names the site in full where it is known', async () => {
      const { outDir } = await buildVite({ vite, root, options: { ...options, site: 'https://www.example.com' } })
      const css = textOf(outDir, /\.css$/)
      expect(css).toContain('url(https://www.example.com/icons.svg#star)')
      expect(css).toMatch(/url\(https:\/\/www\.example\.com\/assets\/own-[\w-]+\.svg#dot\)/)
    })
  })

  describe('pictures whose names have signs in them', () => {
    it.each(['hero (1).png', "it's.png", 'a!b.png', 'my photo.png', 'bücher.png'])(
      '%s move, and style sheets name them',
      async (name) => {
        const root = project({
          'index.html': '<script type="module" src="/main.js"></script>',
          'main.js': "import './main.css'",
          'main.css': `body { background: url("./${name}") }`,
          [name]: 'a picture',
        })
        const { outDir } = await buildVite({ vite, root, options: { url: CDN, cors: true, rewrite: 'always' } })
        const { files } = recordOf(outDir)
        const picture = files.map(([path]) => path).find((path) => path.endsWith('.png'))
        expect(picture).toContain(name.replace('.png', '-'))
        const url = /url\((?:"([^"]*)"|((?:\\.|[^)\\])*))\)/.exec(textOf(outDir, /\.css$/))
        const written = (url?.[1] ?? url?.[2] ?? '').replaceAll('\\', '')
        expect(decodeURIComponent(written)).toBe(`${CDN}a/${picture}`)
      },
    )
  })

  describe('what it refuses', () => {
    const page = { 'index.html': '<script type="module" src="/main.js"></script>', 'main.js': 'document.title = "x"' }
    const always = { url: CDN, cors: true, rewrite: 'always' } as const

    it('names without a hash', async () => {
      const output = { entryFileNames: 'assets/[name].js' }
      const failing = buildVite({
        vite,
        root: project(page),
        options: always,
        config: { build: { rollupOptions: { output } } },
      })
      await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('without a hash') })
    })

    it('a name without a hash that another plugin gives, and says where such names are given', async () => {
      const root = project(page)
      const federation: Plugin = {
        name: 'federation',
        buildStart() {
          this.emitFile({ type: 'chunk', id: join(root, 'main.js'), fileName: 'remoteEntry.js' })
        },
      }
      const failing = buildVite({ vite, root, options: always, config: { plugins: [federation] } })
      await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('remoteEntry.js') })
      await expect(failing).rejects.toMatchObject({
        message: expect.stringContaining("filename: 'remoteEntry-[hash].js'"),
      })
    })

    it('a relative base', async () => {
      const failing = buildVite({ vite, root: project(page), options: always, config: { base: './' } })
      await expect(failing).rejects.toMatchObject({ code: 'E_CONFIG', subject: 'base' })
    })

    it('an import map of chunks, whose addresses nobody may write', async () => {
      const failing = buildVite({
        vite,
        root: project(page),
        options: always,
        config: { build: { chunkImportMap: true } },
      })
      await expect(failing).rejects.toMatchObject({ code: 'E_CONFIG', subject: 'build.chunkImportMap' })
    })

    it('a style sheet on the CDN that names a filter, unless the site is known', async () => {
      const root = project({
        'index.html': '<link rel="stylesheet" href="/main.css"><p>x</p>',
        'main.css': 'p { filter: url("./blur.svg#soft") }',
        'blur.svg': '<svg xmlns="http://www.w3.org/2000/svg"><filter id="soft"/></svg>',
      })
      await expect(buildVite({ vite, root, options: always })).rejects.toMatchObject({
        message: expect.stringContaining('names a file that stays at the site'),
      })
      const { outDir } = await buildVite({ vite, root, options: { ...always, site: 'https://www.example.com' } })
      expect(textOf(outDir, /\.css$/)).toMatch(/url\(https:\/\/www\.example\.com\/assets\/blur-[\w-]+\.svg#soft\)/)
    })

    it("a style sheet on the CDN that names a path of the site's host where the build has no file, unless the site is known", async () => {
      const root = project({
        'index.html': '<link rel="stylesheet" href="/main.css"><p>x</p>',
        'main.css': 'p { background: url("/shared/logo.png?v=2"), url(//img.example.org/a.png) }',
      })
      const config = { base: '/app/' }
      await expect(buildVite({ vite, root, options: always, config })).rejects.toMatchObject({
        message: expect.stringMatching(
          /names a path of the site's host[\s\S]+\/shared\/logo\.png[\s\S]+no such file[\s\S]+Set site:/,
        ),
      })
      const { outDir } = await buildVite({
        vite,
        root,
        options: { ...always, site: 'https://www.example.com' },
        config,
      })
      expect(textOf(outDir, /\.css$/)).toMatch(
        /url\("?https:\/\/www\.example\.com\/shared\/logo\.png\?v=2"?\),\s*url\(\/\/img\.example\.org\/a\.png\)/,
      )
      const atPath = await buildVite({ vite, root, options: { url: '/_a/', rewrite: 'always' }, config })
      expect(textOf(atPath.outDir, /\.css$/)).toMatch(/url\("?\/shared\/logo\.png\?v=2"?\)/)
    })

    it.each([
      ["import(/* @vite-ignore */ '/config.js')", '/config.js'],
      ["import('/settings/x.js').then(console.log)", '/settings/x.js'],
    ])('a script on the CDN that imports from the root of the site: %s', async (code, address) => {
      const files = { ...page, 'main.js': `document.title = "x"; ${code}`, 'public/config.js': 'export default 1' }
      const config = { build: { rollupOptions: { external: [address] } } }
      const root = project(files)
      await expect(buildVite({ vite, root, options: always, config })).rejects.toMatchObject({
        message: expect.stringMatching(
          new RegExp(`from the root of the site[\\s\\S]+assets/index-[^/]+\\.js: ${address}`),
        ),
      })
      const advice = `import(/* @vite-ignore */ new URL('${address}', location.origin).href)`
      await expect(buildVite({ vite, root, options: always, config })).rejects.toThrow(`Write ${advice} instead`)
      const told = await buildVite({ vite, root: project({ ...files, 'main.js': advice }), options: always })
      expect(textOf(told.outDir, /index-[^/]+\.js$/)).toMatch(
        new RegExp(`import\\([^)]*new URL\\(.${address}., ?location\\.origin\\)\\.href\\)`),
      )
      for (const options of [{ url: '/_a/' }, { url: CDN, cors: false }] as const) {
        const { outDir } = await buildVite({ vite, root, options: { ...options, rewrite: 'always' }, config })
        expect(textOf(outDir, /index-[^/]+\.js$/)).toContain(address)
      }
    })

    it('a style sheet on the CDN that names a public file as Vite would not write it, unless the site is known', async () => {
      const root = project({
        'index.html': '<link rel="stylesheet" href="/main.css"><p>x</p>',
        'main.css': 'p { background: url("/a,b.png") }',
        'public/a,b.png': 'x',
      })
      await expect(buildVite({ vite, root, options: always })).rejects.toMatchObject({
        message: expect.stringContaining('/a,b.png'),
      })
      const { outDir } = await buildVite({ vite, root, options: { ...always, site: 'https://www.example.com' } })
      expect(textOf(outDir, /\.css$/)).toContain('url(https://www.example.com/a,b.png)')
    })
  })

  describe('keep', () => {
    it('leaves emitted and public files at the site, wherever they are named', async () => {
      const keep = ['assets/ship-*.png', '**/*.ttf', 'img/**']
      const options = { url: CDN, cors: true, rewrite: 'always', keep, site: 'https://www.example.com' } as const
      const { outDir } = await buildVite({ vite, options })
      expect(textOf(outDir, /fleet-[\w-]+\.js$/)).toMatch(
        /new URL\(.\/assets\/ship-[\w-]+\.png.,\s*location\.origin\)\.href/,
      )
      expect(textOf(outDir, /index-[\w-]+\.css$/)).toMatch(
        /url\(https:\/\/www\.example\.com\/assets\/stencil-[\w-]+\.ttf\)/,
      )
      expect(textOf(outDir, /^index\.html$/)).toContain('src="/img/quay-160.png"')
      const { files } = recordOf(outDir)
      expect(files.filter(([path]) => /ship-|\.ttf$|^img\//.test(path))).toEqual([])
    })

    it('refuses globs that name chunks, which other chunks import from where they lie', async () => {
      const failing = buildVite({ vite, options: { url: CDN, cors: true, rewrite: 'always', keep: ['*.js'] } })
      await expect(failing).rejects.toThrow('keep names files that the bundler made')
    })
  })

  describe('public files of other kinds', () => {
    it('move or stay by what loads them', async () => {
      const root = project({
        'index.html': [
          '<link rel="stylesheet" href="/old.css"><link rel="stylesheet" crossorigin href="/old.css">',
          '<script src="/old.js"></script><script type="module" src="/graph.js"></script>',
          '<script type="module" src="/main.js"></script>',
        ].join('\n'),
        'main.js': "import worker from '/old.js?url'\nimport sprite from '/s.svg'\ndocument.title = worker + sprite",
        'public/old.css': 'p { background: url(a.png) }',
        'public/a.png': 'not a real one',
        'public/old.js': 'document.title = "old"',
        'public/graph.js': 'document.title = "graph"',
        'public/s.svg': '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="a"/></svg>',
      })
      const { outDir } = await buildVite({ vite, root, options: { url: CDN, rewrite: 'always' } })
      const html = textOf(outDir, /^index\.html$/)
      const record = recordOf(outDir)
      expect(html).toContain(`<link rel="stylesheet" href="${CDN}${keyOf(record, 'old.css')}">`)
      expect(html).toContain('<link rel="stylesheet" crossorigin href="/old.css">')
      expect(html).toContain(`<script src="${CDN}${keyOf(record, 'old.js')}"></script>`)
      expect(html).toContain('<script type="module" src="/graph.js"></script>')
      expect(textOf(outDir, /main|index-.*\.js$/)).not.toContain(CDN)
    })
  })

  describe('what it leaves to others', () => {
    it('asks a renderBuiltUrl of the project first', async () => {
      const root = project({
        'index.html': '<img src="/a.png"><img src="/b.png"><script type="module" src="/main.js"></script>',
        'main.js': 'document.title = "x"',
        'public/a.png': 'a',
        'public/b.png': 'b',
      })
      const renderBuiltUrl = (file: string): string | undefined =>
        file.endsWith('a.png') ? 'https://own.example/a.png' : undefined
      const { outDir } = await buildVite({
        vite,
        root,
        options: { url: CDN, cors: true, rewrite: 'always' },
        config: { experimental: { renderBuiltUrl } },
      })
      const html = textOf(outDir, /^index\.html$/)
      expect(html).toContain('src="https://own.example/a.png"')
      expect(html).toContain(`src="${CDN}${keyOf(recordOf(outDir), 'b.png')}"`)
    })

    it('answers itself where a renderBuiltUrl of the project says no more than that addresses are relative', async () => {
      const root = project({
        'index.html': '<link rel="stylesheet" href="/main.css"><script type="module" src="/main.js"></script>',
        'main.js': 'import a from "/a.png"; document.title = a',
        'main.css': 'body{background:url(./b.png)} p{background:url(/a.png)}',
        'b.png': 'b',
        'public/a.png': 'a',
        'public/robots.txt': 'x',
      })
      const { outDir } = await buildVite({
        vite,
        root,
        options: { url: CDN, cors: true, rewrite: 'always' },
        config: { build: { assetsInlineLimit: 0 }, experimental: { renderBuiltUrl: () => ({ relative: true }) } },
      })
      const publicUrl = `${CDN}${keyOf(recordOf(outDir), 'a.png')}`
      expect(textOf(outDir, /index-.*\.js$/)).toContain(publicUrl)
      expect(textOf(outDir, /index-.*\.css$/)).toContain(publicUrl)
      expect(textOf(outDir, /index-.*\.css$/)).toContain(`url(${CDN}a/assets/b-`)
      expect(textOf(outDir, /^index\.html$/)).toContain(`src="${CDN}a/assets/index-`)
    })

    it('leaves the dev server alone', async () => {
      const { config } = viteConfig({ vite, options: { url: CDN, rewrite: 'always' } })
      const dev = await vite.resolveConfig(config, 'serve')
      // For virtual:lading alone.
      expect(dev.plugins.filter(({ name }) => name.startsWith('lading')).map(({ name }) => name)).toEqual(['lading'])
      expect(dev.experimental.renderBuiltUrl).toBeUndefined()
    })
  })
})
