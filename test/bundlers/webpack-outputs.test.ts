import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { rspack } from '@rspack/core'
import { describe, expect, it } from 'vitest'
import { container, type WebpackPluginInstance } from 'webpack'
import { filesIn, keyOf, project, recordOf, textOf } from './builds.ts'
import { buildRspackHwp, KIN } from './rspack-builds.ts'

const CDN = 'https://cdn.example.com/x/'
const always = { url: CDN, cors: true, rewrite: 'always' } as const
const page = { 'src/index.html': '<p>x</p>', 'src/main.js': "import './main.css'" }

/** The one line and column, both from zero, where a text stands in another. */
function placeOf(text: string, part: string): { readonly line: number; readonly column: number } {
  const before = text.slice(0, text.indexOf(part)).split('\n')
  return { line: before.length - 1, column: before.at(-1)?.length ?? 0 }
}

function scriptsIn(outDir: string): string {
  const scripts = filesIn(outDir).filter((path) => path.endsWith('.js'))
  return scripts.map((path) => readFileSync(join(outDir, path), 'utf8')).join('\n')
}

describe.each(KIN)('style sheets that %s makes', (_, { build }) => {
  const sheet = '.first { color: red }\n.moved { background: url(/img/p.png) }\n.after { margin: 1px }\n'
  const files = { ...page, 'src/main.css': sheet, 'public/img/p.png': 'not a real one' }

  it('keep their source map right behind a URL that was changed', async () => {
    const { outDir, errors } = await build({
      root: project(files),
      options: always,
      config: { devtool: 'source-map' },
    })
    expect(errors).toEqual([])
    const made = textOf(outDir, /\.css$/)
    expect(made).toContain(CDN + keyOf(recordOf(outDir), 'img/p.png'))
    const map = new SourceMap(JSON.parse(textOf(outDir, /\.css\.map$/)))
    const { line, column } = placeOf(made, '.after')
    const from = map.findEntry(line, column)
    expect(from).toMatchObject({ originalLine: 2, originalColumn: 0 })
    expect(from).toMatchObject({ originalSource: expect.stringContaining('main.css') })
    expect(recordOf(outDir).files.filter(([path]) => path.endsWith('.map'))).toEqual([])
  })

  it('are named by what they say after the change', async () => {
    const nameOf = async (picture: string, url: string): Promise<string | undefined> => {
      const root = project({ ...files, 'public/img/p.png': picture })
      const { outDir } = await build({ root, options: { ...always, url } })
      return filesIn(outDir).find((path) => path.endsWith('.css'))
    }
    const first = await nameOf('one', CDN)
    expect(await nameOf('one', CDN)).toBe(first)
    expect(await nameOf('two', CDN)).not.toBe(first)
    expect(await nameOf('one', 'https://other.example/')).not.toBe(first)
  })
})

describe.each(KIN)('what %s emits', (name, { build }) => {
  it('moves with its hash: lazy chunks and their sheets, shared chunks, wasm, files by new URL()', async () => {
    const root = project({
      ...page,
      'src/main.css': 'p { color: red }',
      'src/main.js': `import './main.css'
        import('./one.js'); import('./two.js')
        document.title = new URL('./data.bin', import.meta.url).href
        new Worker(new URL('./job.js', import.meta.url), { name: 'named' })`,
      'src/one.js': "import './one.css'; import './shared.js'; import('./add.wasm').then(console.log)",
      'src/two.js': "import './shared.js'; document.body.id = 'two'",
      'src/one.css': 'p { margin: 0 }',
      'src/shared.js': 'globalThis.shared = 1',
      'src/job.js': "import './shared.js'; postMessage(globalThis.shared)",
      'src/data.bin': 'data',
      'src/add.wasm': '\0asm\x01\0\0\0',
    })
    const { outDir, errors } = await build({
      root,
      options: always,
      config: {
        experiments: { asyncWebAssembly: true },
        output: { webassemblyModuleFilename: 'wasm/[hash].wasm' },
        optimization: { splitChunks: { chunks: 'all', minSize: 0 } },
      },
    })
    expect(errors).toEqual([])
    const { files, origin } = recordOf(outDir)
    const emitted = filesIn(outDir).filter((path) => /^(?:js|css|media|wasm)\//.test(path))
    const kinds = emitted.map((path) => path.replace(/^.*\./, ''))
    expect([...new Set(kinds)].sort()).toEqual(['bin', 'css', 'js', 'wasm'])
    expect(kinds.filter((kind) => kind === 'css')).toHaveLength(2)
    expect(origin).toEqual([expect.stringMatching(/^js\/named\./)])
    expect(files.map(([path]) => path).sort()).toEqual(emitted.filter((path) => !origin.includes(path)))
    expect(files.filter(([path, key, immutable]) => key !== `a/${path}` || !immutable)).toEqual([])
    expect(scriptsIn(outDir)).toContain('crossOrigin="anonymous"')
  })

  it.each(['remoteEntry.js', 'shop.js'])(
    'stays when its name is agreed on: %s, the entry of a federation, wherever a page names it',
    async (filename) => {
      const root = project({
        ...page,
        'src/main.js': 'document.title = "x"',
        'src/button.js': 'export default "button"',
      })
      const options = { name: 'shop', filename, exposes: { './button': './src/button.js' } }
      const plugin =
        name === 'webpack'
          ? new container.ModuleFederationPlugin(options)
          : // The tests' table has webpack's type for the plugins of both.
            (new rspack.container.ModuleFederationPluginV1(options) as unknown as WebpackPluginInstance)
      const { outDir, errors } = await build({ root, options: always, config: { plugins: [plugin] } })
      expect(errors).toEqual([])
      const { files, origin } = recordOf(outDir)
      expect(origin).toEqual([filename])
      expect(files.length).toBeGreaterThan(1)
      expect(readFileSync(join(outDir, filename), 'utf8')).toContain(`.p="${CDN}a/"`)
      const html = textOf(outDir, /^index\.html$/).replaceAll('"', '')
      expect(html).toMatch(new RegExp(` src=/${filename}[ >]`))
      expect(html).toContain(` src=${CDN}a/js/main.`)
    },
  )

  it('is told apart by what the bundler says of it, and not by its name', async () => {
    const root = project({ ...page, 'src/main.css': 'p { color: red }', 'public/logo.0123456789abcdef.png': 'x' })
    const { outDir } = await build({ root, options: always, config: { devtool: 'source-map' } })
    const { files } = recordOf(outDir)
    const immutable = files.filter(([, , never]) => never).map(([path]) => path)
    expect(immutable).toEqual(expect.arrayContaining([expect.stringMatching(/^css\//), expect.stringMatching(/^js\//)]))
    expect(immutable).toHaveLength(2)
    expect(files.filter(([, , never]) => !never)).toEqual([
      ['logo.0123456789abcdef.png', expect.stringMatching(/^a\/logo\.0123456789abcdef\.[a-z2-7]{16}\.png$/), false],
    ])
  })
})

it('html-webpack-plugin writes the pages of Rspack too, with crossorigin', async () => {
  const { outDir, errors } = await buildRspackHwp({ options: always })
  expect(errors).toEqual([])
  const html = textOf(outDir, /^index\.html$/).replaceAll('"', '')
  expect(html).toMatch(/ src=https:\/\/cdn\.example\.com\/x\/a\/js\/main\.[0-9a-f]+\.js crossorigin=anonymous>/)
  expect(html).toMatch(/\.css rel=stylesheet crossorigin=anonymous>/)
  expect(html).toContain(`href=${CDN}${keyOf(recordOf(outDir), 'favicon.ico')}`)
})
