import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LadingPluginOptions } from '../../plugins/webpack.ts'
import { filesIn, project, recordOf, tempFolder, textOf, viteConfig } from './builds.ts'
import { keysIn, syncBuild } from './publishing.ts'
import { buildRsbuild } from './rsbuild-builds.ts'
import { run, SEVERAL } from './several-compilers.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'
const address = { url: CDN, cors: true } as const

/** Stored keys, and what a sync of `dist` puts into the store and the origin, as far as they speak of a server. */
async function ofServer(folder: string): Promise<readonly [built: string[], synced: string[], origin: string[]]> {
  const isServers = (name: string): boolean => /server|secret/.test(name)
  const built = await keysIn(join(folder, 'store'))
  expect(built.length).toBeGreaterThan(0)
  await syncBuild(folder, { ...address, out: 'origin' })
  const synced = await keysIn(join(folder, 'store'))
  return [built.filter(isServers), synced.filter(isServers), filesIn(join(folder, 'origin')).filter(isServers)]
}

const NOTHING = [[], [], []]

describe.each(SEVERAL)('what %s builds for a server', (_, make) => {
  it.each([
    ['with the plugin', {}],
    ['without the plugin', 'no plugin'],
  ] as const)('in a folder of the site, %s, is sent by no build and no sync', async (_name, options) => {
    const page = { name: 'client', into: 'dist' } as const
    const several = make([page, { name: 'server', into: 'dist/server', options }], { parallelism: 1 })
    await run(several.compiler)
    writeFileSync(join(several.folder, 'dist/index.html'), '<p>x</p>')
    writeFileSync(join(several.folder, 'dist/server/older.js'), 'server of an earlier build')
    expect(await ofServer(several.folder)).toEqual(NOTHING)
  })

  it('among the files of the site is sent by no build and no sync', async () => {
    const into = 'dist'
    const several = make([
      { name: 'client', into },
      { name: 'server', into },
    ])
    await run(several.compiler)
    writeFileSync(join(several.folder, 'dist/index.html'), '<p>x</p>')
    expect(await ofServer(several.folder)).toEqual(NOTHING)
  })

  it('in a run of its own is left out of the site around it, which is built before or after', async () => {
    const several = make([
      { name: 'client', into: 'dist' },
      { name: 'server', into: 'dist/server' },
    ])
    const [client, server] = several.compiler.compilers
    if (client === undefined || server === undefined) throw new Error('two compilers were made')
    await run(client)
    await run(server)
    writeFileSync(join(several.folder, 'dist/index.html'), '<p>x</p>')
    expect(await ofServer(several.folder)).toEqual(NOTHING)
    await run(client)
    expect(await ofServer(several.folder)).toEqual(NOTHING)
  })

  it('is refused where it alone is to be published', async () => {
    const several = make([{ name: 'client' }, { name: 'server', into: 'dist' }])
    await run(several.compiler)
    await expect(syncBuild(several.folder, { ...address, out: 'origin' })).rejects.toMatchObject({ code: 'E_BUILD' })
  })

  it('is told to be left out', async () => {
    const several = make([
      { name: 'client', into: 'dist' },
      { name: 'server', into: 'dist/server' },
    ])
    await run(several.compiler)
    const { skipped } = await syncBuild(several.folder, { ...address, out: 'origin' })
    expect(skipped).toEqual(['server (built for a server)'])
  })
})

describe('what Rsbuild builds for a server', () => {
  const files = { 'src/index.js': 'document.title = 1', 'src/index.server.js': 'export const secret = "secret"' }

  it.each([
    ['in a folder of the site', 'dist/server'],
    ['among the files of the site', 'dist'],
  ])('%s is sent by no build and no sync', async (_name, into) => {
    const root = project(files)
    const folder = tempFolder()
    const options: LadingPluginOptions = { ...address, upload: true }
    const output = { target: 'node', distPath: { root: join(folder, into) }, filename: { js: 'server.js' } } as const
    await buildRsbuild({
      root,
      folder,
      options,
      config: {
        environments: {
          web: { source: { entry: { index: './src/index.js' } } },
          node: { source: { entry: { index: './src/index.server.js' } }, output: { ...output, cleanDistPath: false } },
        },
      },
    })
    expect(filesIn(join(folder, into))).toContain('server.js')
    expect(await ofServer(folder)).toEqual(NOTHING)
  })
})

describe.each(VITES)('what $name builds for a server', ({ vite }) => {
  const files = {
    'index.html': '<script type="module" src="/main.js"></script>',
    'main.js': 'document.title = "x"',
    'server.js': 'export const secret = "secret"',
  }

  it.each([
    ['in a folder of the site', 'dist/server'],
    ['among the files of the site', 'dist'],
  ])('%s is sent by no build and no sync', async (_name, into) => {
    const folder = tempFolder()
    const root = project(files)
    const options = { ...address, to: join(folder, 'store'), upload: true }
    const build = {
      outDir: join(folder, into),
      emptyOutDir: false,
      rollupOptions: { input: join(root, 'server.js') },
    }
    const config = { builder: {}, environments: { ssr: { consumer: 'server', build } } } as const
    await (await vite.createBuilder(viteConfig({ root, folder, options, config }).config)).buildApp()
    expect(filesIn(join(folder, into)).some((path) => /server\.m?js$/.test(path))).toBe(true)
    expect(await ofServer(folder)).toEqual(NOTHING)
  })

  it('in a run of its own is left out of the site around it', async () => {
    const folder = tempFolder()
    const root = project(files)
    const options = { ...address, to: join(folder, 'store'), upload: true }
    const { config } = viteConfig({ root, folder, options })
    await vite.build(config)
    const ssr = viteConfig({ root, folder, options, config: { build: { ssr: 'server.js' } } }).config
    await vite.build({ ...ssr, build: { ...ssr.build, outDir: join(folder, 'dist/server') } })
    expect(textOf(join(folder, 'dist/server'), /server\.m?js$/)).toContain('secret')
    expect(await ofServer(folder)).toEqual(NOTHING)
    expect(recordOf(join(folder, 'dist')).sent).toHaveLength(1)
  })

  it('among the files of the site is left out after the site was built into the same folder once more', async () => {
    const folder = tempFolder()
    const root = project(files)
    const options = { ...address, to: join(folder, 'store'), upload: true }
    const build = { emptyOutDir: false }
    const site = (): unknown => vite.build(viteConfig({ root, folder, options, config: { build } }).config)
    await site()
    await vite.build(viteConfig({ root, folder, options, config: { build: { ...build, ssr: 'server.js' } } }).config)
    await site()
    expect(textOf(join(folder, 'dist'), /server\.m?js$/)).toContain('secret')
    expect(await ofServer(folder)).toEqual(NOTHING)
  })

  it('keeps a site out of its folder, as long as that is not emptied', async () => {
    const folder = tempFolder()
    const root = project(files)
    const options = { ...address, to: join(folder, 'store'), upload: true }
    const into = (build: object): unknown => vite.build(viteConfig({ root, folder, options, config: { build } }).config)
    await into({ ssr: 'server.js' })
    await expect(into({ emptyOutDir: false })).rejects.toThrow('a folder that was built for a server')
    await into({ emptyOutDir: true })
    expect(await ofServer(folder)).toEqual(NOTHING)
  })
})
