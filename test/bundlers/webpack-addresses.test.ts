import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { filesIn, keyOf, project, recordOf, textOf, type WebpackBuilt } from './builds.ts'
import { KIN } from './rspack-builds.ts'

const CDN = 'https://cdn.example.com/x/'

/** The page without the quotes that webpack's minimizer drops or not, by version. */
function pageOf(outDir: string): string {
  return textOf(outDir, /^index\.html$/).replaceAll('"', '')
}

/** The first start tag of this name. */
function tagOf(page: string, name: string): string {
  return new RegExp(`<${name}[^>]*>`).exec(page)?.[0] ?? ''
}

/** The scripts of a build in one text. */
function scriptsIn(outDir: string): string {
  const scripts = filesIn(outDir).filter((path) => path.endsWith('.js'))
  return scripts.map((path) => readFileSync(join(outDir, path), 'utf8')).join('\n')
}

describe.each(KIN)('lading/%s on another host that answers CORS', (name, { build }) => {
  let built: WebpackBuilt
  beforeAll(async () => {
    built = await build({ options: { url: CDN, cors: true, rewrite: 'always' } })
  })

  it('names scripts and style sheets at the CDN, with crossorigin', () => {
    const page = pageOf(built.outDir)
    expect(tagOf(page, 'script')).toMatch(/ src=https:\/\/cdn\.example\.com\/x\/a\/js\/main\.[0-9a-f]+\.js[ >]/)
    expect(tagOf(page, 'script')).toMatch(/ crossorigin(?:=anonymous)?[ >]/)
    const sheet = tagOf(page, 'link(?=[^>]* rel=stylesheet)')
    expect(sheet).toMatch(/ href=https:\/\/cdn\.example\.com\/x\/a\/css\/main\.[0-9a-f]+\.css[ >]/)
    expect(sheet).toMatch(/ crossorigin(?:=anonymous)?[ >]/)
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
    expect(readSheets(built.outDir)).toContain(`url(${CDN}${keyOf(recordOf(built.outDir), 'img/chart.png')})`)
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
      bundler: expect.stringMatching(name === 'webpack' ? /^webpack 5\.\d/ : /^rspack 2\.\d/),
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
  return sheets.map((path) => readFileSync(join(outDir, path), 'utf8').replaceAll('"', '')).join('\n')
}

describe.each(KIN)('lading/%s on another host without CORS', (_, { build }) => {
  let built: WebpackBuilt
  beforeAll(async () => {
    built = await build({ options: { url: CDN, rewrite: 'always' } })
  })

  it('leaves scripts, style sheets and fonts at the site', () => {
    const page = pageOf(built.outDir)
    expect(page).toMatch(/<script defer(?:=defer)? src=\/js\/main\.[0-9a-f]+\.js>/)
    expect(page).toMatch(/<link href=\/css\/main\.[0-9a-f]+\.css rel=stylesheet>/)
    expect(readSheets(built.outDir)).toMatch(/url\(\/media\/stencil\.[0-9a-f]+\.ttf\)/)
    expect(scriptsIn(built.outDir)).toContain('.p="/"')
  })

  it('moves pictures, imported, in style sheets and copied', () => {
    expect(scriptsIn(built.outDir)).toMatch(/https:\/\/cdn\.example\.com\/x\/a\/media\/keeper\.[0-9a-f]+\.png/)
    expect(readSheets(built.outDir)).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/media\/night\.[0-9a-f]+\.png\)/)
    const chart = CDN + keyOf(recordOf(built.outDir), 'img/chart.png')
    expect(readSheets(built.outDir)).toContain(`url(${chart})`)
    expect(pageOf(built.outDir)).toContain(`<img src=${chart} `)
  })

  it.each(['rule', 'module.generator'])(
    'keeps the public path of assets that the config gives in a %s',
    async (where) => {
      const generator = { outputPath: 'static/', publicPath: '/static/' }
      const rule = { test: /\.png$/, type: 'asset/resource' }
      const module =
        where === 'rule'
          ? { rules: [{ ...rule, generator }] }
          : { rules: [rule], generator: { 'asset/resource': generator } }
      const root = project({
        'src/index.html': '<p>x</p>',
        'src/main.js': "import a from './a.png'; document.title = a",
        'src/a.png': 'a picture',
      })
      const output = { assetModuleFilename: '[name].[contenthash][ext]' }
      const { outDir, errors } = await build({
        root,
        options: { url: CDN, rewrite: 'always' },
        config: { module, output },
      })
      expect(errors).toEqual([])
      expect(scriptsIn(outDir)).toMatch(/"\/static\/a\.[0-9a-f]+\.png"|"\/static\/"\s*\+/)
      expect(filesIn(outDir)).toEqual(expect.arrayContaining([expect.stringMatching(/^static\/a\.[0-9a-f]+\.png$/)]))
    },
  )

  it('says so in one line', () => {
    expect(built.log.filter((line) => line.includes('cors is not set for https://cdn.example.com/x/'))).toHaveLength(1)
  })
})

describe.each(KIN)('lading/%s under a path of the site', (_, { build }) => {
  it('moves all but workers', async () => {
    const { outDir } = await build({ options: { url: '/_a/', rewrite: 'always' } })
    expect(pageOf(outDir)).toMatch(/src=\/_a\/a\/js\/main\.[0-9a-f]+\.js><\/script>/)
    expect(scriptsIn(outDir)).toContain('.p="/_a/a/"')
    const { files, origin } = recordOf(outDir)
    expect(origin).toEqual([expect.stringMatching(/^js\/\d+\./)])
    expect(files.filter(([path]) => path.includes('sprite'))).toHaveLength(1)
  })
})
