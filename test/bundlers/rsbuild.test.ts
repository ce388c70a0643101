import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RsbuildConfig } from '@rsbuild/core'
import { rspack } from '@rspack/core'
import { describe, expect, it } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/rsbuild.ts'
import { filesIn, keyOf, keysNamedIn, project, recordOf, tempFolder, textOf } from './builds.ts'
import { keysIn, syncBuild } from './publishing.ts'
import { buildRsbuild, type RsbuildBuilt, watchRsbuild } from './rsbuild-builds.ts'

const CDN = 'https://cdn.example.com/x/'
const files = {
  'src/index.js': `import './main.css'; import logo from './logo.png'; import('./lazy.js')
    document.title = logo + process.env.ASSET_PREFIX
    new Worker(new URL('./job.js', import.meta.url))`,
  'src/lazy.js': 'document.body.id = "lazy"',
  'src/job.js': 'postMessage(1)',
  'src/main.css': 'p { background: url(./logo.png) }',
  'src/logo.png': 'x'.repeat(20_000),
  'src/page.html': '<div id="root"></div><img src="/img/p.png"><link rel="icon" href="<%= assetPrefix %>/icon.svg">',
  'public/img/p.png': 'picture',
  'public/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
}

function build(options: LadingPluginOptions, config: RsbuildConfig = {}): Promise<RsbuildBuilt> {
  return buildRsbuild({ root: project(files), options, config: { html: { template: './src/page.html' }, ...config } })
}

/** The page and the scripts, without the quotes that minimizers drop or not. */
function pageOf(outDir: string): string {
  return textOf(outDir, /^index\.html$/).replaceAll('"', '')
}

function scriptsIn(outDir: string): string {
  const scripts = filesIn(outDir).filter((path) => path.endsWith('.js'))
  return scripts.map((path) => readFileSync(join(outDir, path), 'utf8')).join('\n')
}

describe('lading/rsbuild', () => {
  it('sends what it names, and a sync publishes the rest', async () => {
    const { folder, outDir } = await build({ url: CDN, cors: true, upload: true })
    const page = pageOf(outDir)
    const record = recordOf(outDir)
    expect(page).toMatch(/<script [^>]*src=https:\/\/cdn\.example\.com\/x\/a\/static\/js\/index\.[0-9a-f]+\.js[ >]/)
    expect(page).toMatch(/<script [^>]*crossorigin/)
    expect(page).toContain(`<img src=${CDN}${keyOf(record, 'img/p.png')}>`)
    expect(page).toContain(` href=${CDN}${keyOf(record, 'icon.svg')}`)
    expect(textOf(outDir, /\.css$/)).toMatch(/url\(https:\/\/cdn\.example\.com\/x\/a\/static\/image\/logo\./)
    expect(scriptsIn(outDir)).toContain(`.p="${CDN}a/"`)
    expect(scriptsIn(outDir)).toMatch(/new Worker\(new URL\("\/"\+/)
    expect(record.origin).toHaveLength(1)
    const stored = await keysIn(join(folder, 'store'))
    expect(stored).toEqual(record.files.map(([, key]) => key).sort())
    expect([...keysNamedIn(outDir, CDN)].filter((key) => key !== 'a/' && !stored.includes(key))).toEqual([])
    const { summary } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
  })

  it('leaves scripts at the site while cors is not set, and moves pictures', async () => {
    const { outDir } = await build({ url: CDN, rewrite: 'always' })
    expect(pageOf(outDir)).toMatch(/src=\/static\/js\/index\./)
    expect(pageOf(outDir)).toContain(`<img src=${CDN}${keyOf(recordOf(outDir), 'img/p.png')}>`)
    expect(scriptsIn(outDir)).toContain('.p="/"')
    expect(scriptsIn(outDir)).toMatch(/https:\/\/cdn\.example\.com\/x\/a\/static\/image\/logo\./)
  })

  it('sends the pages of several environments once, when all have succeeded', async () => {
    const environments = {
      web: {},
      node: { output: { target: 'node', distPath: { root: join(tempFolder(), 'server') } } },
    } as const
    const { folder, outDir } = await build({ url: CDN, cors: true, upload: true }, { environments })
    expect(recordOf(outDir).sent).toEqual(await keysIn(join(folder, 'store')))
    expect(recordOf(outDir).sent.length).toBeGreaterThan(3)
  })

  it('knows where the pages lie by server.base', async () => {
    const { outDir } = await build({ url: CDN, cors: true, rewrite: 'always' }, { server: { base: '/app' } })
    expect(scriptsIn(outDir)).toMatch(/new Worker\(new URL\("\/app\/"\+/)
    expect(pageOf(outDir)).toContain(`src=${CDN}a/static/js/index.`)
  })

  it('leaves everything as it is when nothing is asked for, and in mode: development', async () => {
    const idle = await build({ url: CDN, cors: true })
    expect([...keysNamedIn(idle.outDir, CDN)]).toEqual([])
    const { folder, outDir } = await build({ url: CDN, cors: true, upload: true }, { mode: 'development' })
    expect([...keysNamedIn(outDir, CDN)]).toEqual([])
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })

  it('names no file that server.publicDir.ignore leaves out of the build', async () => {
    const ignore = ['img/**']
    const { folder, outDir } = await build(
      { url: CDN, cors: true, upload: true },
      { server: { publicDir: { ignore } } },
    )
    expect(filesIn(outDir)).not.toContain('img/p.png')
    expect(pageOf(outDir)).toContain('<img src=/img/p.png>')
    expect(pageOf(outDir)).toContain(` href=${CDN}${keyOf(recordOf(outDir), 'icon.svg')}`)
    expect(await keysIn(join(folder, 'store'))).toEqual(
      recordOf(outDir)
        .files.map(([, key]) => key)
        .sort(),
    )
  })

  it('takes every folder that server.publicDir lists, but those that are not copied', async () => {
    const root = project({ ...files, 'more/img/q.png': 'another', 'never/img/p.png': 'other bytes' })
    const publicDir = [{ name: 'public' }, { name: 'more' }, { name: 'never', copyOnBuild: false }]
    const config = { html: { template: './src/page.html' }, server: { publicDir } }
    const { outDir } = await buildRsbuild({ root, options: { url: CDN, cors: true, rewrite: 'always' }, config })
    expect(keyOf(recordOf(outDir), 'img/q.png')).toMatch(/^a\/img\/q\./)
    expect(pageOf(outDir)).toContain(`<img src=${CDN}${keyOf(recordOf(outDir), 'img/p.png')}>`)
  })

  it('leaves everything as it is in watch mode, at the first build and at the next', async () => {
    const root = project(files)
    const asked = { root, options: { url: CDN, cors: true, upload: true } }
    const { folder, outDir } = await watchRsbuild(asked, () => {
      writeFileSync(join(root, 'src/lazy.js'), 'document.body.id = "changed"')
    })
    expect(scriptsIn(outDir)).toContain('changed')
    expect([...keysNamedIn(outDir, CDN)]).toEqual([])
    expect(existsSync(join(outDir, '.lading'))).toBe(false)
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })

  it('keeps the entry of module federation at the site, whose chunks come from the store', async () => {
    const root = project({
      'src/index.js': 'import("./widget.js")',
      'src/widget.js': 'import logo from "./logo.png"; export default () => logo',
      'src/logo.png': 'x'.repeat(20_000),
    })
    const federation = { name: 'yard', filename: 'remoteEntry.js', exposes: { './widget': './src/widget.js' } }
    const { outDir } = await buildRsbuild({
      root,
      options: { url: CDN, cors: true, rewrite: 'always' },
      config: { tools: { rspack: { plugins: [new rspack.container.ModuleFederationPluginV1(federation)] } } },
    })
    expect(recordOf(outDir).origin).toEqual(['remoteEntry.js'])
    expect(keyOf(recordOf(outDir), 'remoteEntry.js')).toBeUndefined()
    expect(textOf(outDir, /^remoteEntry\.js$/)).toContain(`.p="${CDN}a/"`)
  })
})
