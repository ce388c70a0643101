import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Compiler } from 'webpack'
import { filesIn, keysNamedIn, project, recordOf, tempFolder } from './builds.ts'
import { keysIn } from './publishing.ts'
import { KIN } from './rspack-builds.ts'

const CDN = 'https://cdn.example.com/x/'
const toStore = (folder: string) => ({ url: CDN, cors: true, to: join(folder, 'store'), upload: true }) as const
const page = { 'src/index.html': '<p>x</p>', 'src/main.js': 'document.title = "x"' }
const isTold = (line: string): boolean => line.includes('addresses are left as they are and nothing is sent')

describe.each(KIN)('%s, when it is not a build to publish', (_, { build, compiler: make }) => {
  it('leaves mode: development alone, and says so once for all its runs', async () => {
    const folder = tempFolder()
    const { compiler, built } = make({
      folder,
      root: project(page),
      options: toStore(folder),
      config: { mode: 'development' },
    })
    for (const _run of [1, 2]) {
      await new Promise<void>((done, fail) => compiler.run((error) => (error ? fail(error) : done())))
    }
    await new Promise<void>((done) => compiler.close(() => done()))
    expect(built.log).toEqual(['<i> [lading] mode: development: addresses are left as they are and nothing is sent'])
    expect(filesIn(built.outDir)).toContain('index.html')
    expect([...keysNamedIn(built.outDir, CDN)]).toEqual([])
    expect(existsSync(join(built.outDir, '.lading'))).toBe(false)
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })

  it('watches without a word after the first, however often a file changes', async () => {
    const folder = tempFolder()
    const root = project(page)
    const { compiler, built } = make({ folder, root, options: toStore(folder) })
    let runs = 0
    await new Promise<void>((done, fail) => {
      const watching = compiler.watch({ aggregateTimeout: 5 }, (error) => {
        runs += 1
        if (error || runs === 3) watching?.close(() => (error ? fail(error) : done()))
        else writeFileSync(join(root, 'src/main.js'), `document.title = "${runs}"`)
      })
    })
    expect(runs).toBeGreaterThanOrEqual(3)
    expect(built.log.filter(isTold)).toHaveLength(1)
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })

  it('forgets the record of an earlier build as soon as other files lie there', async () => {
    const folder = tempFolder()
    const root = project(page)
    const options = { url: CDN, cors: true, rewrite: 'always' } as const
    const { outDir } = await build({ folder, root, options, config: { output: { clean: false } } })
    expect(recordOf(outDir).rewritten).toBe(true)
    await build({ folder, root, options, config: { mode: 'development', output: { clean: false } } })
    expect(existsSync(join(outDir, '.lading/build.json'))).toBe(false)
  })
})

describe.each(KIN)('a build with %s whose files do not arrive', (_, { build }) => {
  /** The place of the store is taken while the bundler is at work. */
  const taking = (folder: string) => ({
    apply: ({ hooks }: Compiler) =>
      hooks.afterEmit.tap('x', () => writeFileSync(join(folder, 'store'), 'a file where the store should be')),
  })

  it('fails', async () => {
    const folder = tempFolder()
    const config = { plugins: [taking(folder)] }
    const failing = build({ folder, root: project(page), options: toStore(folder), config })
    await expect(failing).rejects.toThrow(/lading: /)
  })

  it("succeeds with onError: 'warn', and warns", async () => {
    const folder = tempFolder()
    const config = { plugins: [taking(folder)] }
    const options = { ...toStore(folder), onError: 'warn' } as const
    const { errors, log } = await build({ folder, root: project(page), options, config })
    expect(errors).toEqual([])
    expect(log.filter((line) => line.startsWith('<w> ')).join()).toContain('lading')
  })

  it('sends nothing of an earlier build when it fails itself, and keeps that build whole', async () => {
    const folder = tempFolder()
    const root = project(page)
    const options = { url: CDN, cors: true, rewrite: 'always' } as const
    const { outDir } = await build({ folder, root, options })
    const before = filesIn(outDir)
    writeFileSync(join(root, 'src/main.js'), "import './not-there.js'")
    const { errors } = await build({ folder, root, options: toStore(folder) })
    expect(errors.join()).toContain('not-there.js')
    expect(filesIn(outDir)).toEqual(before)
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })

  it('cleans its folder and records anew, run after run', async () => {
    const folder = tempFolder()
    const root = project(page)
    const first = await build({ folder, root, options: toStore(folder) })
    const old = filesIn(first.outDir).filter((path) => path.startsWith('js/'))
    writeFileSync(join(root, 'src/main.js'), 'document.title = "changed"')
    const { outDir } = await build({ folder, root, options: toStore(folder) })
    expect(filesIn(outDir).filter((path) => old.includes(path))).toEqual([])
    expect(recordOf(outDir).files).toHaveLength(1)
    expect(await keysIn(join(folder, 'store'))).toHaveLength(2)
  })
})
