import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import CopyPlugin from 'copy-webpack-plugin'
import { describe, expect, it } from 'vitest'
import { type Configuration, webpack } from 'webpack'
import lading, { type LadingPluginOptions } from '../../plugins/webpack.ts'
import { filesIn, keyOf, project, recordOf, tempFolder, textOf } from './builds.ts'

const CDN = 'https://cdn.example.com/x/'
const always = { url: CDN, cors: true, rewrite: 'always' } as const

const files = {
  'src/main.js': "import './main.css'; document.title = 'x'",
  'src/main.css': 'p { background: url(./a.png) }',
  'src/a.png': 'picture',
  'src/icon.png': 'icon',
  'src/page.html': `<!doctype html><html><head><!-- webpackIgnore: true --><meta property="og:image" content="/img/share.png">
    <script defer src="./main.js"></script></head>
    <body><img src="./a.png"><!-- webpackIgnore: true --><img src="/img/p.png"></body></html>`,
  'public/img/p.png': 'copied',
  'public/img/share.png': 'shared',
}

/** A build whose pages webpack writes itself. Gives its folder. */
async function build(entry: string, options: LadingPluginOptions): Promise<string> {
  const folder = tempFolder()
  const output: Configuration['output'] = {
    path: join(folder, 'dist'),
    publicPath: '/',
    filename: 'js/[name].[contenthash].js',
    cssFilename: 'css/[name].[contenthash].css',
    htmlFilename: '[name].html',
    assetModuleFilename: 'media/[name].[contenthash][ext]',
    html: { favicon: './src/icon.png', integrity: true },
  }
  const compiler = webpack({
    mode: 'production',
    context: project(files),
    entry: { index: entry },
    experiments: { html: true, css: true },
    infrastructureLogging: { level: 'error' },
    output,
    plugins: [new CopyPlugin({ patterns: ['public'] }), lading({ cacheDir: join(folder, 'cache'), ...options })],
  })
  const errors = await new Promise((done, fail) => {
    compiler?.run((error, stats) => {
      compiler.close(() => (error ? fail(error) : done(stats?.toJson({ all: false, errors: true }).errors)))
    })
  })
  expect(errors).toEqual([])
  return join(folder, 'dist')
}

/** What a tag of the page says its file's digest is, and what it is. */
function integrities(outDir: string, page: string): [said: string, is: string][] {
  return [...page.matchAll(/<(?:script|link)[^>]*>/g)].flatMap(([tag]) => {
    const said = /integrity="?([^\s">]+)/.exec(tag)?.[1]
    const path = /(?:src|href)="?(?:https:\/\/cdn\.example\.com\/x\/a)?\/([^\s">]+)/.exec(tag)?.[1]
    if (said === undefined || path === undefined) return []
    const [algorithm = ''] = said.split('-')
    const digest = createHash(algorithm)
      .update(readFileSync(join(outDir, path)))
      .digest('base64')
    return [[said, `${algorithm}-${digest}`]]
  })
}

describe("webpack's own pages", () => {
  it.each(['./src/main.js', './src/page.html'])('name the store as webpack wrote it, from %s', async (entry) => {
    const outDir = await build(entry, always)
    const page = textOf(outDir, /\.html$/)
    expect(page).toMatch(
      /<script[^>]* src="?https:\/\/cdn\.example\.com\/x\/a\/js\/[^>]*crossorigin|<script[^>]*crossorigin[^>]* src="?https:\/\/cdn/,
    )
    expect(page).toMatch(/href="?https:\/\/cdn\.example\.com\/x\/a\/css\//)
    const digests = integrities(outDir, page)
    expect(digests.length).toBeGreaterThanOrEqual(2)
    for (const [said, is] of digests) expect(said).toBe(is)
    expect(recordOf(outDir).files.map(([path]) => path)).not.toContainEqual(expect.stringMatching(/\.html$/))
  })

  it('get the names of copied files, and keep the rest to the byte', async () => {
    const outDir = await build('./src/page.html', always)
    const record = recordOf(outDir)
    const page = textOf(outDir, /\.html$/)
    for (const path of ['img/p.png', 'img/share.png']) {
      expect(page).toContain(`${CDN}${keyOf(record, path)}`)
      expect(page).not.toContain(`"/${path}`)
    }
    const picture = filesIn(outDir).find((path) => /^media\/a\./.test(path))
    expect(page).toContain(`${CDN}a/${picture}`)
  })

  it('name the site while cors is not set, and the store for pictures', async () => {
    const outDir = await build('./src/page.html', { url: CDN, rewrite: 'always' })
    const page = textOf(outDir, /\.html$/)
    expect(page).toMatch(/ src="?\/?js\//)
    expect(page).toMatch(/https:\/\/cdn\.example\.com\/x\/a\/media\/a\./)
    expect(page).toContain(CDN + keyOf(recordOf(outDir), 'img/p.png'))
  })
})
