import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, keyOf, project, recordOf, tempFolder, textOf } from './builds.ts'
import { KIN } from './rspack-builds.ts'

const CDN = 'https://cdn.example.com/x/'

/** The page without the quotes that minimizers drop or not. */
function pageOf(outDir: string): string {
  return textOf(outDir, /^index\.html$/).replaceAll('"', '')
}

/** Every file of a kind in one text. */
function allOf(outDir: string, pattern: RegExp): string {
  const files = filesIn(outDir).filter((path) => pattern.test(path))
  return files.map((path) => readFileSync(join(outDir, path), 'utf8').replaceAll('"', '')).join('\n')
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: sources with templates of their own
/** Ways to add the name of a copied file to the public path. */
const SUMS = [
  "__webpack_public_path__ + 'data/log.txt'",
  "__webpack_public_path__ + 'data/log.txt?v=2'",
  '`${__webpack_public_path__}data/log.txt`',
  '`${__webpack_public_path__}data/${location.hash}.txt`',
  "__webpack_public_path__.concat('data/log.txt')",
  '"".concat(__webpack_public_path__, "data/").concat(location.hash, ".txt")',
]
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: sources with templates of their own

describe.each(KIN)('what %s needs help with', (name, { build }) => {
  const page = { 'src/index.html': '<p>x</p>', 'src/main.js': 'document.title = "x"' }
  const always = { url: CDN, cors: true, rewrite: 'always' } as const

  it('a favicon that html-webpack-plugin copies gets a name with a hash', async () => {
    const root = project({ ...page, 'src/favicon.ico': 'icon' })
    const { outDir, errors } = await build({ root, options: always, html: { favicon: './src/favicon.ico' } })
    expect(errors).toEqual([])
    const key = keyOf(recordOf(outDir), 'favicon.ico')
    expect(key).toMatch(/^a\/favicon\.[a-z2-7]{16}\.ico$/)
    expect(pageOf(outDir)).toContain(`href=${CDN}${key}`)
  })

  it('names without a hash fail the build', async () => {
    const failing = build({
      root: project(page),
      options: always,
      config: { output: { filename: '[name].js' } },
    })
    await expect(failing).rejects.toThrow(/without a hash of their content\n[ │]+main\.js\n/)
  })

  it.each(SUMS.flatMap((sum) => [[sum, true] as const, [sum, false] as const]))(
    'a script that looks for a copied file under the public path fails the build: %s, minimized: %s',
    async (sum, minimize) => {
      const root = project({ ...page, 'src/main.js': `document.title = ${sum}`, 'public/data/log.txt': 'x' })
      const failing = build({ root, options: always, config: { optimization: { minimize } } })
      await expect(failing).rejects.toThrow('scripts look for copied files under the public path')
    },
  )

  it('a script may add to the public path what the bundler has made, and what nobody has copied', async () => {
    const main = `import a from './a.png'; import('./lazy.js')
      document.title = a + \`\${__webpack_public_path__}media/\${location.hash}\` + __webpack_public_path__ + 'other/log.txt'`
    const files = { 'src/main.js': main, 'src/a.png': 'x', 'src/lazy.js': '', 'public/media/log.txt': 'x' }
    const { errors } = await build({ root: project({ ...page, ...files }), options: always })
    expect(errors).toEqual([])
  })

  it('a style sheet that moves and names a file that stays fails the build, unless the site is known', async () => {
    const files = {
      ...page,
      'src/main.js': "import './main.css'",
      'src/main.css': 'p { filter: url(/fx.svg#soft) }',
      'public/fx.svg': '<svg xmlns="http://www.w3.org/2000/svg"><filter id="soft"/></svg>',
    }
    const failing = build({ root: project(files), options: always })
    await expect(failing).rejects.toThrow(/names a file that stays at the site[\s\S]+Fix: Set site:/)
    const { outDir } = await build({
      root: project(files),
      options: { ...always, site: 'https://www.example.com' },
    })
    expect(textOf(outDir, /\.css$/)).toContain('url(https://www.example.com/fx.svg#soft)')
  })

  it("so does one that names a path of the site's host where the build has no file", async () => {
    const files = {
      ...page,
      'src/main.js': "import './main.css'",
      'src/main.css': 'p { background: url(/shared/logo.png?v=2), url(//img.example.org/a.png) }',
    }
    const failing = build({ root: project(files), options: always })
    await expect(failing).rejects.toThrow(
      /names a path of the site's host[\s\S]+\/shared\/logo\.png[\s\S]+no such file[\s\S]+Set site:/,
    )
    const { outDir } = await build({
      root: project(files),
      options: { ...always, site: 'https://www.example.com' },
    })
    expect(textOf(outDir, /\.css$/)).toMatch(
      /url\(https:\/\/www\.example\.com\/shared\/logo\.png\?v=2\),\s*url\(\/\/img\.example\.org\/a\.png\)/,
    )
    const atPath = await build({ root: project(files), options: { url: '/_a/', rewrite: 'always' } })
    expect(textOf(atPath.outDir, /\.css$/)).toContain('url(/shared/logo.png?v=2)')
  })

  it('a script that moves to another host and imports from the root of the site fails the build', async () => {
    const main = "document.title = 'x'; import(/* webpackIgnore: true */ '/config.js')"
    const root = project({ ...page, 'src/main.js': main, 'public/config.js': 'export default 1' })
    const failing = build({ root, options: always })
    await expect(failing).rejects.toThrow(/from the root of the site[\s\S]+js\/main[^/]+\.js: \/config\.js/)
    const advice = "import(/* webpackIgnore: true */ new URL('/config.js', location.origin).href)"
    await expect(failing).rejects.toThrow(`Write ${advice} instead`)
    const told = await build({ root: project({ ...page, 'src/main.js': advice }), options: always })
    expect(textOf(told.outDir, /main[^/]+\.js$/)).toMatch(
      /import\([^)]*new URL\("\/config\.js",\s*location\.origin\)\.href\)/,
    )
    const { errors } = await build({ root, options: { url: '/_a/', rewrite: 'always' } })
    expect(errors).toEqual([])
  })

  it('keep leaves copied files at the site, and is refused for emitted ones', async () => {
    const { outDir } = await build({ options: { ...always, site: 'https://www.example.com', keep: ['img/**'] } })
    expect(pageOf(outDir)).toContain('<img src=/img/chart.png ')
    expect(allOf(outDir, /\.css$/)).toContain('url(https://www.example.com/img/chart.png)')
    const failing = build({ options: { ...always, keep: ['media/light-*'] } })
    await expect(failing).rejects.toThrow('keep names files that the bundler made')
  })

  it.each([
    ['a function', () => '/x/', 'output.publicPath is a function'],
    ['one with a placeholder', '/[fullhash]/', 'output.publicPath holds a placeholder'],
    ['a relative one', 'assets/', 'output.publicPath is not a path of the site'],
  ])('a public path is refused: %s', async (_what, publicPath, message) => {
    const failing = build({ root: project(page), options: always, config: { output: { publicPath } } })
    await expect(failing).rejects.toThrow(message)
    await expect(failing).rejects.toThrow("Fix: Leave it out, or name the pages' path: publicPath: '/app/'.")
  })

  it('a public path on a host is refused while scripts stay at the site', async () => {
    const output = { publicPath: CDN }
    const failing = build({ root: project(page), options: { ...always, cors: false }, config: { output } })
    await expect(failing).rejects.toThrow(/names a host, but scripts stay at the site[\s\S]+Fix: Set cors: true/)
  })

  it('a public path on a host is kept, and warned of when it is not where the assets go', async () => {
    const root = project({ ...page, 'src/main.js': "import('./more.js')", 'src/more.js': 'document.title = "x"' })
    const foreign = 'https://x.example/'
    const other = await build({ root, options: always, config: { output: { publicPath: foreign } } })
    expect(pageOf(other.outDir)).toMatch(/src=https:\/\/x\.example\/js\/main\./)
    expect(allOf(other.outDir, /\.js$/)).toContain('.p=https://x.example/')
    expect(other.log.filter((line) => line.startsWith('<w> '))).toEqual([
      expect.stringContaining(`output.publicPath is ${foreign}, but assets lie under ${CDN}a/: it is kept`),
    ])
    const same = await build({ root, options: always, config: { output: { publicPath: `${CDN}a/` } } })
    expect(pageOf(same.outDir)).toContain(`src=${CDN}a/js/main.`)
    expect(same.log.filter((line) => line.startsWith('<w> '))).toEqual([])
  })

  it('a persistent cache does not bring back the address of an earlier build', async () => {
    const folder = tempFolder()
    const root = project({
      ...page,
      'src/main.js': "import './main.css'",
      'src/main.css': 'p { background: url(./a.png) }',
      'src/a.png': 'not a real one',
    })
    const directory = join(folder, 'bundler-cache')
    const ofRspack: object = { type: 'persistent', storage: { type: 'filesystem', directory } }
    const ofWebpack = { type: 'filesystem' as const, cacheDirectory: directory }
    const cache: typeof ofWebpack = Object.assign(ofWebpack, name === 'rspack' && ofRspack)
    const first = await build({ root, folder, options: always, config: { cache } })
    expect(textOf(first.outDir, /\.css$/)).toContain(`url(${CDN}a/media/`)
    const second = await build({
      root,
      folder,
      options: { ...always, url: 'https://other.example/' },
      config: { cache },
    })
    expect(textOf(second.outDir, /\.css$/)).toContain('url(https://other.example/a/media/')
    const third = await build({ root, folder, options: {}, config: { cache } })
    expect(textOf(third.outDir, /\.css$/)).toContain('url(/media/')
  })
})
