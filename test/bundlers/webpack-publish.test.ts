import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { filesIn, keysNamedIn, recordOf, tempFolder, textOf } from './builds.ts'
import { keysIn, syncBuild } from './publishing.ts'
import { KIN } from './rspack-builds.ts'

const CDN = 'https://cdn.example.com/x/'

/** Where the build is to send, and what. */
const toStore = (folder: string) => ({ url: CDN, cors: true, to: join(folder, 'store') }) as const

describe.each(KIN)('a build with lading/%s that succeeds', (_, { build }) => {
  it('sends all it names and no page; a sync publishes the pages and sends nothing twice', async () => {
    const folder = tempFolder()
    const { outDir, log } = await build({ folder, options: { ...toStore(folder), upload: true } })
    const stored = await keysIn(join(folder, 'store'))
    const { sent, files } = recordOf(outDir)
    expect(stored).toEqual(sent)
    expect(sent).toEqual(files.map(([, key]) => key).sort())
    // The public path alone is in the runtime; chunks and assets follow it there by their own names.
    const named = [...keysNamedIn(outDir, CDN)].filter((key) => key !== 'a/')
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((key) => !stored.includes(key))).toEqual([])
    expect(log.filter((line) => line.includes('[lading]'))).toEqual([
      expect.stringMatching(/^<i> \[lading\] 20 assets sent \(/),
    ])

    const first = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(first.summary).toMatchObject({ ok: true, added: 0, bytes: 0, references: { missing: 0 } })
    expect(textOf(join(folder, 'origin'), /^index\.html$/)).toBe(textOf(outDir, /^index\.html$/))
    const second = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(second.summary).toMatchObject({ added: 0, changed: 0, pages: { written: 0 } })
  })

  it("with rewrite: 'always' and no upload, is followed by a sync that sends all under the same names", async () => {
    const folder = tempFolder()
    const { outDir } = await build({ folder, options: { ...toStore(folder), rewrite: 'always' } })
    expect(await keysIn(join(folder, 'store'))).toEqual([])
    const { sent } = await syncBuild(folder, { url: CDN, cors: true, host: true })
    expect(recordOf(outDir).files.filter(([, key]) => !sent.includes(key))).toEqual([])
    expect(sent).toContain('index.html')
  })

  it('with upload off leaves addresses as they are', async () => {
    const folder = tempFolder()
    const { outDir, log } = await build({ folder, options: toStore(folder) })
    expect([...keysNamedIn(outDir, CDN)]).toEqual([])
    expect(recordOf(outDir)).toMatchObject({ rewritten: false, sent: [] })
    expect(existsSync(join(folder, 'store'))).toBe(false)
    expect(log).toHaveLength(1)
  })
})

describe.each(KIN)('what exclude names, with %s', (_, { build }) => {
  it('stays at the site when it is copied, and a sync with the same options publishes the build', async () => {
    const folder = tempFolder()
    const select = { exclude: ['favicon.ico', 'img/**'], site: 'https://www.example.com' }
    const { outDir, errors } = await build({ folder, options: { ...toStore(folder), ...select, upload: true } })
    expect(errors).toEqual([])
    expect(textOf(outDir, /^index\.html$/).replaceAll('"', '')).toContain('<img src=/img/chart.png ')
    const keys = await keysIn(join(folder, 'store'))
    expect(keys.length).toBeGreaterThan(8)
    expect(keys.filter((key) => /favicon|^a\/img\//.test(key))).toEqual([])
    const { summary } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin', ...select })
    expect(summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
  })

  it('fails the build when the bundler looks for it in the store', async () => {
    const folder = tempFolder()
    const select = { exclude: ['**/*.ttf'] }
    const failing = build({ folder, options: { ...toStore(folder), ...select, upload: true } })
    await expect(failing).rejects.toThrow(/files that the bundler made are excluded\n[ │]+media\/stencil\./)
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })

  it('is told once, in whatever way webpack prints it', async () => {
    const options = { url: CDN, cors: true, exclude: ['**/*.ttf'], rewrite: 'always' } as const
    const error: unknown = await build({ options }).catch((reason: unknown) => reason)
    expect(inspect(error).split('files that the bundler made are excluded')).toHaveLength(2)
    expect(inspect(error)).not.toContain('    at ')
  })

  it('stays when nobody looks for it there', async () => {
    const folder = tempFolder()
    const options = { ...toStore(folder), cors: false, exclude: ['**/*.ttf'], upload: true }
    const { outDir, errors } = await build({ folder, options })
    expect(errors).toEqual([])
    expect(recordOf(outDir).origin).toContainEqual(expect.stringMatching(/^media\/stencil\./))
  })
})

describe.each(KIN)('watch mode of %s', (_, kin) => {
  it('says that it leaves addresses alone, and sends nothing', async () => {
    const folder = tempFolder()
    const { compiler, built } = kin.compiler({ folder, options: { ...toStore(folder), upload: true } })
    await new Promise<void>((done, fail) => {
      const watching = compiler.watch({}, (error) => watching?.close(() => (error ? fail(error) : done())))
    })
    expect(filesIn(built.outDir).length).toBeGreaterThan(10)
    expect([...keysNamedIn(built.outDir, CDN)]).toEqual([])
    expect(await keysIn(join(folder, 'store'))).toEqual([])
    expect(existsSync(join(built.outDir, '.lading'))).toBe(false)
    expect(built.log).toEqual(['<i> [lading] watching: addresses are left as they are and nothing is sent'])
  })
})

describe('the built package', () => {
  const dist = resolve(import.meta.dirname, '../../dist/plugins')

  it.each(['vite', 'webpack', 'rspack', 'rsbuild'])('gives the plugin to require() of lading/%s', (name) => {
    const file = join(dist, `${name}.js`)
    expect(existsSync(file), 'run "npm run build" first').toBe(true)
    const plugin: unknown = createRequire(import.meta.url)(file)
    expect(plugin).toBeTypeOf('function')
  })
})
