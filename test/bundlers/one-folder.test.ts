import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Compiler, Configuration } from 'webpack'
import { buildVite, filesIn, keysNamedIn, project, recordOf, tempFolder } from './builds.ts'
import { OTHERS } from './others.ts'
import { keysIn, syncBuild } from './publishing.ts'
import { KIN } from './rspack-builds.ts'
import { VITES } from './vites.ts'

const CDN = 'https://cdn.example.com/x/'
const OPTIONS = { url: CDN, cors: true, rewrite: 'always' } as const

const pathsOf = (outDir: string): readonly string[] => recordOf(outDir).files.map(([path]) => path)

describe.each(VITES)('two builds into one folder with $name', ({ vite }) => {
  const SITE = Object.fromEntries(
    ['one', 'two'].flatMap((name) => [
      [`${name}.html`, `<script type="module" src="/${name}.js"></script><img src="/logo.png">`],
      [`${name}.js`, `import('./${name}-later.js')`],
      [`${name}-later.js`, `export const words = '${name}'`],
      ['public/logo.png', 'logo'],
    ]),
  )

  async function build(root: string, folder: string, name: string, options: object = OPTIONS): Promise<string> {
    const config = { build: { emptyOutDir: false, rollupOptions: { input: join(root, `${name}.html`) } } }
    return (await buildVite({ vite, root, folder, options, config })).outDir
  }

  it('are one site, of which sync publishes both pages and sends no script twice', async () => {
    const [root, folder] = [project(SITE), tempFolder()]
    const options = { ...OPTIONS, to: join(folder, 'store'), upload: true, rewrite: 'auto' } as const
    await build(root, folder, 'one', options)
    const outDir = await build(root, folder, 'two', options)
    const { files, sent } = recordOf(outDir)
    expect(files.filter(([path]) => /later/.test(path))).toHaveLength(2)
    expect(sent).toEqual(await keysIn(join(folder, 'store')))
    const { summary } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
    const keys = files.map(([, key]) => key)
    expect([...keysNamedIn(join(folder, 'origin'), CDN)].filter((key) => !keys.includes(key))).toEqual([])
    expect(existsSync(join(outDir, '.lading/earlier'))).toBe(false)
  })

  it('that a build which failed came between are one site all the same', async () => {
    const [root, folder] = [project(SITE), tempFolder()]
    await build(root, folder, 'one')
    const boom = { name: 'thrower', writeBundle: () => Promise.reject(new Error('boom')) }
    const config = { plugins: [boom], build: { emptyOutDir: false, rollupOptions: { input: join(root, 'two.html') } } }
    await expect(buildVite({ vite, root, folder, options: OPTIONS, config })).rejects.toThrow('boom')
    expect(existsSync(join(folder, 'dist/.lading/build.json'))).toBe(false)
    const paths = pathsOf(await build(root, folder, 'two'))
    expect(paths.filter((path) => /later/.test(path))).toHaveLength(2)
  })

  it('for two addresses are not: what the first wrote is no part of the second', async () => {
    const [root, folder] = [project(SITE), tempFolder()]
    await build(root, folder, 'one')
    const paths = pathsOf(await build(root, folder, 'two', { ...OPTIONS, url: 'https://other.example/' }))
    expect(paths.filter((path) => /later/.test(path))).toEqual([expect.stringMatching(/two-later/)])
  })

  it('forget files that are there no longer, or have other bytes', async () => {
    const [root, folder] = [project(SITE), tempFolder()]
    const outDir = await build(root, folder, 'one')
    const gone = filesIn(outDir).find((path) => /one-later/.test(path)) ?? ''
    rmSync(join(outDir, gone))
    rmSync(join(root, 'public'), { recursive: true })
    writeFileSync(join(outDir, 'logo.png'), 'another logo')
    const later = new Date(Date.now() + 1000) // the clock of files may not have moved since the build ended
    utimesSync(join(outDir, 'logo.png'), later, later)
    const paths = pathsOf(await build(root, folder, 'two'))
    expect(paths.filter((path) => !path.startsWith('assets/two'))).toEqual([expect.stringMatching(/^assets\/one-/)])
  })
})

describe.each(OTHERS)('two builds into one folder with $name', ({ build }) => {
  it('are one site, which sync publishes', async () => {
    const folder = tempFolder()
    const later = (words: string) => ({
      'src/main.js': "globalThis.later = () => import('./later.js')",
      'src/later.js': `export const words = '${words}'`,
    })
    await build({ folder, files: later('one'), options: OPTIONS })
    const { outDir } = await build({ folder, files: later('two'), options: OPTIONS })
    expect(filesIn(outDir).filter((path) => /^main-.*\.js$/.test(path))).toHaveLength(2)
    expect(pathsOf(outDir).filter((path) => /^main-/.test(path))).toHaveLength(2)
    expect(pathsOf(outDir).filter((path) => /^chunks\/later-/.test(path))).toHaveLength(2)
    const { summary } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, references: { missing: 0 } })
  })
})

describe.each(KIN)('two runs into one folder with %s', (_, { build }) => {
  const SITE = Object.fromEntries(
    ['one', 'two'].flatMap((name) => [
      [`src/${name}.html`, '<!doctype html><title>x</title>'],
      [`src/${name}.js`, `import('./${name}-later.js')`],
      [`src/${name}-later.js`, `document.title = '${name}'`],
    ]),
  )

  function run({ root, folder, name, plugins = [] }: Run) {
    return build({
      ...{ root, folder, options: OPTIONS },
      html: { template: `./src/${name}.html`, filename: `${name}.html` },
      config: { name, entry: { [name]: `./src/${name}.js` }, output: { clean: false }, plugins },
    })
  }

  const expectBoth = async (folder: string): Promise<void> => {
    const outDir = join(folder, 'dist')
    expect(pathsOf(outDir).toSorted()).toEqual(
      filesIn(join(outDir, 'js'))
        .map((path) => `js/${path}`)
        .toSorted(),
    )
    const { summary } = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, references: { missing: 0 } })
    const sent = await keysIn(join(folder, 'store'))
    expect(
      [...keysNamedIn(join(folder, 'origin'), CDN)].filter((key) => !/\/$/.test(key) && !sent.includes(key)),
    ).toEqual([])
  }

  it('are one site, which sync publishes', async () => {
    const [root, folder] = [project(SITE), tempFolder()]
    await run({ root, folder, name: 'one' })
    await run({ root, folder, name: 'two' })
    await expectBoth(folder)
  })

  it('are one site when a run that failed came between', async () => {
    const [root, folder] = [project(SITE), tempFolder()]
    await run({ root, folder, name: 'one' })
    const thrower = (): Promise<void> => Promise.reject(new Error('boom'))
    await expect(run({ root, folder, name: 'two', plugins: [afterEmit(thrower)] })).rejects.toThrow('boom')
    expect(existsSync(join(folder, 'dist/.lading/build.json'))).toBe(false)
    await run({ root, folder, name: 'two' })
    await expectBoth(folder)
  })

  it('are one site when the second begins and ends while the first still writes', async () => {
    const [root, folder] = [project(SITE), tempFolder()]
    const second = async (): Promise<void> => void (await run({ root, folder, name: 'two' }))
    await run({ root, folder, name: 'one', plugins: [afterEmit(second)] })
    await expectBoth(folder)
  })
})

interface Run {
  readonly root: string
  readonly folder: string
  readonly name: string
  readonly plugins?: NonNullable<Configuration['plugins']>
}

const afterEmit = (work: () => Promise<void>) => ({
  apply: (compiler: Compiler): void => compiler.hooks.afterEmit.tapPromise('another', work),
})
