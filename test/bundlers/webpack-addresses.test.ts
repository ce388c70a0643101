import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildWebpack, filesIn, keyOf, project, recordOf, tempFolder, textOf, type WebpackBuilt } from './builds.ts'

const CDN = 'https://cdn.example.com/x/'

/** The page without the quotes that webpack's minimizer drops or not, by version. */
function pageOf(outDir: string): string {
  return textOf(outDir, /^index\.html$/).replaceAll('"', '')
}

/** The scripts of a build in one text. */
function scriptsIn(outDir: string): string {
  const scripts = filesIn(outDir).filter((path) => path.endsWith('.js'))
  return scripts.map((path) => readFileSync(join(outDir, path), 'utf8')).join('\n')
}

describe('lading/webpack on another host that answers CORS', () => {
  let built: WebpackBuilt
  beforeAll(async () => {
    built = await buildWebpack({ options: { url: CDN, cors: true, rewrite: 'always' } })
  })

  it('names scripts and style sheets at the CDN, with crossorigin', () => {
    const page = pageOf(built.outDir)
    expect(page).toMatch(
      /<script defer src=https:\/\/cdn\.example\.com\/x\/a\/js\/main\.[0-9a-f]+\.js crossorigin=anonymous>/,
    )
    expect(page).toMatch(
      /<link href=https:\/\/cdn\.example\.com\/x\/a\/css\/main\.[0-9a-f]+\.css rel=stylesheet crossorigin=anonymous>/,
    )
  })

  it('names copied files at the CDN by a hash of their content, and leaves them at their path too', () => {
    const page = pageOf(built.outDir)
    const record = recordOf(built.outDir)
    expect(keyOf(record, 'favicon.ico')).toMatch(/^a\/favicon\.[a-z2-7]{16}\.ico$/)
    expect(page).toContain(`<link rel=icon href=${CDN}${keyOf(record, 'favicon.ico')} sizes=32x32>`)
    expect(page).toContain(`<img src=${CDN}${keyOf(record, 'img/chart.png')} `)
    expect(page).toContain(`<meta property=og:image content=${CDN}${keyOf(record, 'img/share.png')}>`)
    expect(page).toContain('<link rel=manifest href=/site.webmanifest>')
    expect(filesIn(built.outDir)).toContain('img/chart.png')
  })

  it('names copied files, pictures and fonts in style sheets at the CDN', () => {
    expect(readSheets(built.outDir)).toContain(`url("${CDN}${keyOf(recordOf(built.outDir), 'img/chart.png')}")`)
    expect(readSheets(built.outDir)).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/media\/stencil\.[0-9a-f]+\.ttf\)/)
  })

  it('loads chunks and pictures from the CDN, workers and sprites from the site', () => {
    const scripts = scriptsIn(built.outDir)
    expect(scripts).toContain(`.p="${CDN}a/"`)
    expect(scripts).toMatch(/new Worker\(new URL\("\/"\+/)
    expect(scripts).toMatch(/"\/media\/sprite\.[0-9a-f]+\.svg#lamp"/)
    const { origin } = recordOf(built.outDir)
    expect(origin).toEqual([expect.stringMatching(/^js\/\d+\..*\.js$/), expect.stringMatching(/^media\/sprite\./)])
  })

  it('records every other emitted file under its own name', () => {
    const record = recordOf(built.outDir)
    expect(record).toMatchObject({
      bundler: expect.stringMatching(/^webpack 5\.\d/),
      url: CDN,
      cors: true,
      rewritten: true,
    })
    const emitted = filesIn(built.outDir).filter(
      (path) => /^(?:js|css|media)\//.test(path) && !record.origin.includes(path),
    )
    expect(emitted.length).toBeGreaterThan(10)
    for (const path of emitted) expect(record.files).toContainEqual([path, `a/${path}`, true])
  })

  it('says in one line what it did', () => {
    expect(built.log).toEqual([expect.stringMatching(/^<i> \[lading\] \d+ assets named, 2 kept at the site/)])
  })
})

function readSheets(outDir: string): string {
  const sheets = filesIn(outDir).filter((path) => path.endsWith('.css'))
  return sheets.map((path) => readFileSync(join(outDir, path), 'utf8')).join('\n')
}

describe('lading/webpack on another host without CORS', () => {
  let built: WebpackBuilt
  beforeAll(async () => {
    built = await buildWebpack({ options: { url: CDN, rewrite: 'always' } })
  })

  it('leaves scripts, style sheets and fonts at the site', () => {
    const page = pageOf(built.outDir)
    expect(page).toMatch(/<script defer src=\/js\/main\.[0-9a-f]+\.js>/)
    expect(page).toMatch(/<link href=\/css\/main\.[0-9a-f]+\.css rel=stylesheet>/)
    expect(readSheets(built.outDir)).toMatch(/url\(\/media\/stencil\.[0-9a-f]+\.ttf\)/)
    expect(scriptsIn(built.outDir)).toContain('.p="/"')
  })

  it('moves pictures, imported, in style sheets and copied', () => {
    expect(scriptsIn(built.outDir)).toMatch(/https:\/\/cdn\.example\.com\/x\/a\/media\/keeper\.[0-9a-f]+\.png/)
    expect(readSheets(built.outDir)).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/media\/night\.[0-9a-f]+\.png\)/)
    const chart = CDN + keyOf(recordOf(built.outDir), 'img/chart.png')
    expect(readSheets(built.outDir)).toContain(`url("${chart}")`)
    expect(pageOf(built.outDir)).toContain(`<img src=${chart} `)
  })

  it('says so in one line', () => {
    expect(built.log.filter((line) => line.includes('cors is not set for https://cdn.example.com/x/'))).toHaveLength(1)
  })
})

describe('lading/webpack under a path of the site', () => {
  it('moves all but workers', async () => {
    const { outDir } = await buildWebpack({ options: { url: '/_a/', rewrite: 'always' } })
    expect(pageOf(outDir)).toMatch(/src=\/_a\/a\/js\/main\.[0-9a-f]+\.js><\/script>/)
    expect(scriptsIn(outDir)).toContain('.p="/_a/a/"')
    const { files, origin } = recordOf(outDir)
    expect(origin).toEqual([expect.stringMatching(/^js\/\d+\./)])
    expect(files.filter(([path]) => path.includes('sprite'))).toHaveLength(1)
  })
})

describe('what webpack needs help with', () => {
  const page = { 'src/index.html': '<p>x</p>', 'src/main.js': 'document.title = "x"' }
  const always = { url: CDN, cors: true, rewrite: 'always' } as const

  it('a favicon that html-webpack-plugin copies gets a name with a hash', async () => {
    const root = project({ ...page, 'src/favicon.ico': 'icon' })
    const { outDir, errors } = await buildWebpack({ root, options: always, html: { favicon: './src/favicon.ico' } })
    expect(errors).toEqual([])
    const key = keyOf(recordOf(outDir), 'favicon.ico')
    expect(key).toMatch(/^a\/favicon\.[a-z2-7]{16}\.ico$/)
    expect(pageOf(outDir)).toContain(`href=${CDN}${key}`)
  })

  it('names without a hash fail the build', async () => {
    const failing = buildWebpack({
      root: project(page),
      options: always,
      config: { output: { filename: '[name].js' } },
    })
    await expect(failing).rejects.toThrow(/without a hash of their content\n {2}main\.js\n/)
  })

  it('a script that looks for a copied file under the public path fails the build', async () => {
    const main = "document.title = __webpack_public_path__ + 'data/log.txt'"
    const root = project({ ...page, 'src/main.js': main, 'public/data/log.txt': 'x' })
    const failing = buildWebpack({ root, options: always })
    await expect(failing).rejects.toThrow('scripts look for copied files under the public path')
  })

  it('a style sheet that moves and names a file that stays fails the build, unless the site is known', async () => {
    const files = {
      ...page,
      'src/main.js': "import './main.css'",
      'src/main.css': 'p { filter: url(/fx.svg#soft) }',
      'public/fx.svg': '<svg xmlns="http://www.w3.org/2000/svg"><filter id="soft"/></svg>',
    }
    const failing = buildWebpack({ root: project(files), options: always })
    await expect(failing).rejects.toThrow(/names a file that stays at the site[\s\S]+Fix: Set site:/)
    const { outDir } = await buildWebpack({
      root: project(files),
      options: { ...always, site: 'https://www.example.com' },
    })
    expect(textOf(outDir, /\.css$/)).toContain('url(https://www.example.com/fx.svg#soft)')
  })

  it('keep leaves copied files at the site, and is refused for emitted ones', async () => {
    const { outDir } = await buildWebpack({ options: { ...always, site: 'https://www.example.com', keep: ['img/**'] } })
    expect(pageOf(outDir)).toContain('<img src=/img/chart.png ')
    expect(readSheets(outDir)).toContain('url("https://www.example.com/img/chart.png")')
    const failing = buildWebpack({ options: { ...always, keep: ['media/light-*'] } })
    await expect(failing).rejects.toThrow('keep names files that the bundler made')
  })

  it('a public path on another host is refused', async () => {
    const failing = buildWebpack({
      root: project(page),
      options: always,
      config: { output: { publicPath: 'https://x.example/' } },
    })
    await expect(failing).rejects.toMatchObject({ code: 'E_CONFIG', subject: 'output.publicPath' })
  })

  it('a persistent cache does not bring back the address of an earlier build', async () => {
    const folder = tempFolder()
    const root = project({
      ...page,
      'src/main.js': "import './main.css'",
      'src/main.css': 'p { background: url(./a.png) }',
      'src/a.png': 'not a real one',
    })
    const cache = { type: 'filesystem' as const, cacheDirectory: join(folder, 'webpack-cache') }
    const first = await buildWebpack({ root, folder, options: always, config: { cache } })
    expect(textOf(first.outDir, /\.css$/)).toContain(`url(${CDN}a/media/`)
    const second = await buildWebpack({
      root,
      folder,
      options: { ...always, url: 'https://other.example/' },
      config: { cache },
    })
    expect(textOf(second.outDir, /\.css$/)).toContain('url(https://other.example/a/media/')
    const third = await buildWebpack({ root, folder, options: {}, config: { cache } })
    expect(textOf(third.outDir, /\.css$/)).toContain('url(/media/')
  })
})
