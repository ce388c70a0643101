import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { resolveConfig } from 'vite'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Built, buildVite, filesIn, keyOf, project, recordOf, textOf, viteConfig } from './builds.ts'

const CDN = 'https://cdn.example.com/x/'

describe('lading/vite on another host that answers CORS', () => {
  let built: Built
  beforeAll(async () => {
    built = await buildVite({ options: { url: CDN, cors: true, rewrite: 'always' } })
  })

  it('names scripts, style sheets and public files in the page at the CDN', () => {
    const page = textOf(built.outDir, /^index\.html$/)
    const record = recordOf(built.outDir)
    expect(page).toMatch(
      /<script type="module" crossorigin src="https:\/\/cdn\.example\.com\/x\/a\/assets\/index-[\w-]+\.js">/,
    )
    expect(page).toMatch(
      /<link rel="stylesheet" crossorigin href="https:\/\/cdn\.example\.com\/x\/a\/assets\/index-[\w-]+\.css">/,
    )
    expect(page).toContain(`<link rel="icon" href="${CDN}${keyOf(record, 'favicon.ico')}" sizes="32x32">`)
    const quay = [160, 320].map((width) => CDN + keyOf(record, `img/quay-${width}.png`))
    expect(page).toContain(`srcset="${quay[0]} 1x, ${quay[1]} 2x"`)
    expect(page).toContain(`<meta property="og:image" content="${CDN}${keyOf(record, 'img/share.png')}">`)
  })

  it('gives public files a name with a hash and leaves them at their path too', () => {
    expect(keyOf(recordOf(built.outDir), 'favicon.ico')).toMatch(/^a\/favicon\.[a-z2-7]{16}\.ico$/)
    expect(filesIn(built.outDir)).toContain('favicon.ico')
  })

  it('leaves the manifest and the sprite of <use> at the site', () => {
    const page = textOf(built.outDir, /^index\.html$/)
    expect(page).toContain('<link rel="manifest" href="/site.webmanifest">')
    expect(page).toContain('<use href="/sprite.svg#anchor">')
  })

  it('starts workers from the site, although the script that starts them comes from the CDN', () => {
    const [worker] = recordOf(built.outDir).origin
    expect(worker).toMatch(/^assets\/tides-[\w-]+\.js$/)
    const starting = filesIn(built.outDir).filter((path) =>
      readFileSync(join(built.outDir, path), 'utf8').includes('new Worker('),
    )
    expect(starting).toHaveLength(1)
    const text = readFileSync(join(built.outDir, String(starting[0])), 'utf8')
    expect(text).toMatch(new RegExp(`new URL\\(.\\/${worker}.,\\s*location\\.origin\\)`))
    expect(text).not.toContain(`${CDN}a/${worker}`)
  })

  it('names pictures and fonts of style sheets, imported pictures and preloaded chunks at the CDN', () => {
    const sheet = textOf(built.outDir, /index-[\w-]+\.css$/)
    expect(sheet).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/assets\/stencil-[\w-]+\.ttf\)/)
    expect(sheet).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/assets\/waves-[\w-]+\.png\)/)
    expect(textOf(built.outDir, /fleet-[\w-]+\.js$/)).toMatch(
      /https:\/\/cdn\.example\.com\/x\/a\/assets\/ship-[\w-]+\.png/,
    )
    expect(textOf(built.outDir, /index-[\w-]+\.js$/)).toMatch(
      /"https:\/\/cdn\.example\.com\/x\/a\/assets\/today-[\w-]+\.css"/,
    )
  })

  it('records what it named, and that it was rewritten', () => {
    const record = recordOf(built.outDir)
    expect(record).toMatchObject({
      bundler: expect.stringMatching(/^vite \d+\.\d+\.\d+/),
      url: CDN,
      cors: true,
      rewritten: true,
      sent: [],
    })
    const emitted = filesIn(join(built.outDir, 'assets')).map((path) => `assets/${path}`)
    const moved = emitted.filter((path) => !record.origin.includes(path))
    expect(moved.length).toBeGreaterThan(10)
    for (const path of moved) expect(record.files).toContainEqual([path, `a/${path}`, true])
    expect(record.files.filter(([path]) => path === 'robots.txt' || path === 'index.html')).toEqual([])
  })

  it('says in one line what it did', () => {
    expect(built.log).toEqual([expect.stringMatching(/^lading: \d+ assets named, 1 kept at the site/)])
  })
})

describe('lading/vite on another host without CORS', () => {
  let built: Built
  beforeAll(async () => {
    built = await buildVite({ options: { url: CDN, rewrite: 'always' } })
  })

  it('leaves scripts and style sheets at the site and moves pictures', () => {
    const page = textOf(built.outDir, /^index\.html$/)
    expect(page).toMatch(/<script type="module" crossorigin src="\/assets\/index-[\w-]+\.js">/)
    expect(page).toMatch(/<link rel="stylesheet" crossorigin href="\/assets\/index-[\w-]+\.css">/)
    expect(page).toContain(`src="${CDN}${keyOf(recordOf(built.outDir), 'img/quay-160.png')}"`)
    expect(textOf(built.outDir, /fleet-[\w-]+\.js$/)).toMatch(
      /https:\/\/cdn\.example\.com\/x\/a\/assets\/ship-[\w-]+\.png/,
    )
  })

  it('leaves fonts and masks at the site, where they load without CORS', () => {
    expect(textOf(built.outDir, /index-[\w-]+\.css$/)).toMatch(/url\(\/assets\/stencil-[\w-]+\.ttf\)/)
    const masked = textOf(built.outDir, /today-[\w-]+\.css$/)
    expect(masked).toMatch(/mask-image:url\(\/assets\/wave-[\w-]+\.svg\)/)
    expect(masked).not.toContain(CDN)
  })

  it('names no script, style sheet or font in the store', () => {
    const { files, origin } = recordOf(built.outDir)
    expect(files.filter(([path]) => /\.(?:js|css|ttf)$/.test(path))).toEqual([])
    expect(origin.filter((path) => path.endsWith('.js')).length).toBeGreaterThan(3)
  })

  it('says so in one line', () => {
    expect(built.log.filter((line) => line.includes('cors is not set for https://cdn.example.com/x/'))).toHaveLength(1)
  })
})

describe('lading/vite under a path of the site', () => {
  let built: Built
  beforeAll(async () => {
    built = await buildVite({ options: { url: '/_a/', rewrite: 'always' } })
  })

  it('moves sprites and workers too, since nothing is cross-origin', () => {
    const record = recordOf(built.outDir)
    expect(record.origin).toEqual([])
    expect(textOf(built.outDir, /^index\.html$/)).toContain(`<use href="/_a/${keyOf(record, 'sprite.svg')}#anchor">`)
    const worker = record.files.find(
      ([path]) =>
        /tides-[\w-]+\.js$/.test(path) && !readFileSync(join(built.outDir, path), 'utf8').includes('new Worker('),
    )
    expect(worker?.[1]).toMatch(/^a\/assets\/tides-/)
  })

  it('leaves the manifest, whose path is its scope', () => {
    expect(textOf(built.outDir, /^index\.html$/)).toContain('<link rel="manifest" href="/site.webmanifest">')
  })
})

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
    const one = immutable((await buildVite({ root, options: { url: CDN, cors: true, rewrite: 'always' } })).outDir)
    const two = emitted((await buildVite({ root, options: { ...options, rewrite: 'always' } })).outDir)
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
    const one = immutable((await buildVite({ root, options })).outDir)
    writeFileSync(join(root, 'public/logo.png'), 'two')
    const two = immutable((await buildVite({ root, options })).outDir)
    expect([...one.keys()]).toHaveLength(1)
    expect([...two.keys()]).not.toEqual([...one.keys()])
  })
})

describe('what lading/vite refuses', () => {
  const page = { 'index.html': '<script type="module" src="/main.js"></script>', 'main.js': 'document.title = "x"' }
  const always = { url: CDN, cors: true, rewrite: 'always' } as const

  it('names without a hash', async () => {
    const output = { entryFileNames: 'assets/[name].js' }
    const failing = buildVite({
      root: project(page),
      options: always,
      config: { build: { rolldownOptions: { output } } },
    })
    await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('without a hash') })
  })

  it('a relative base', async () => {
    const failing = buildVite({ root: project(page), options: always, config: { base: './' } })
    await expect(failing).rejects.toMatchObject({ code: 'E_CONFIG', subject: 'base' })
  })

  it('a style sheet on the CDN that names a filter, unless the site is known', async () => {
    const root = project({
      'index.html': '<link rel="stylesheet" href="/main.css"><p>x</p>',
      'main.css': 'p { filter: url("./blur.svg#soft") }',
      'blur.svg': '<svg xmlns="http://www.w3.org/2000/svg"><filter id="soft"/></svg>',
    })
    await expect(buildVite({ root, options: always })).rejects.toMatchObject({
      message: expect.stringContaining('names a file that stays at the site'),
    })
    const { outDir } = await buildVite({ root, options: { ...always, site: 'https://www.example.com' } })
    expect(textOf(outDir, /\.css$/)).toMatch(/url\(https:\/\/www\.example\.com\/assets\/blur-[\w-]+\.svg#soft\)/)
  })
})

describe('keep', () => {
  it('leaves emitted and public files at the site, wherever they are named', async () => {
    const keep = ['assets/ship-*.png', '**/*.ttf', 'img/**']
    const options = { url: CDN, cors: true, rewrite: 'always', keep, site: 'https://www.example.com' } as const
    const { outDir } = await buildVite({ options })
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
    const failing = buildVite({ options: { url: CDN, cors: true, rewrite: 'always', keep: ['*.js'] } })
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
    const { outDir } = await buildVite({ root, options: { url: CDN, rewrite: 'always' } })
    const html = textOf(outDir, /^index\.html$/)
    const record = recordOf(outDir)
    expect(html).toContain(`<link rel="stylesheet" href="${CDN}${keyOf(record, 'old.css')}">`)
    expect(html).toContain('<link rel="stylesheet" crossorigin href="/old.css">')
    expect(html).toContain(`<script src="${CDN}${keyOf(record, 'old.js')}"></script>`)
    expect(html).toContain('<script type="module" src="/graph.js"></script>')
    expect(textOf(outDir, /main|index-.*\.js$/)).not.toContain(CDN)
  })
})

describe('what lading/vite leaves to others', () => {
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
      root,
      options: { url: CDN, cors: true, rewrite: 'always' },
      config: { experimental: { renderBuiltUrl } },
    })
    const html = textOf(outDir, /^index\.html$/)
    expect(html).toContain('src="https://own.example/a.png"')
    expect(html).toContain(`src="${CDN}${keyOf(recordOf(outDir), 'b.png')}"`)
  })

  it('leaves the dev server alone', async () => {
    const { config } = viteConfig({ options: { url: CDN, rewrite: 'always' } })
    const dev = await resolveConfig(config, 'serve')
    // For virtual:lading alone.
    expect(dev.plugins.filter(({ name }) => name.startsWith('lading')).map(({ name }) => name)).toEqual(['lading'])
    expect(dev.experimental.renderBuiltUrl).toBeUndefined()
  })
})
