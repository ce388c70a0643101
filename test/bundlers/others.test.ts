import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesIn, keyOf, keysNamedIn, project, recordOf, tempFolder, textOf } from './builds.ts'
import { OTHERS, SOURCES } from './others.ts'
import { keysIn, syncBuild } from './publishing.ts'

const CDN = 'https://cdn.example.com/x/'

const toStore = (folder: string) => ({ url: CDN, cors: true, to: join(folder, 'store') }) as const

describe.each(OTHERS)('a build with lading/$name', ({ build, watch, name }) => {
  it('sends every key that its scripts and sheets name; a sync publishes the pages and sends no asset twice', async () => {
    const folder = tempFolder()
    const { outDir } = await build({ folder, options: { ...toStore(folder), upload: true } })
    const stored = await keysIn(join(folder, 'store'))
    const { sent, files, bundler } = recordOf(outDir)
    expect(bundler).toMatch(new RegExp(`^${name} \\d+\\.\\d+`))
    expect(files.map(([path]) => path.replace(/-[\w-]{8}\./, '.'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^main\.js$/),
        expect.stringMatching(/^assets\/ship\.png$/),
        expect.stringMatching(/^chunks\/later\.js$/),
      ]),
    )
    for (const [path, key, immutable] of files) expect([key, immutable]).toEqual([`a/${path}`, true])
    expect(stored).toEqual(sent)
    const named = [...keysNamedIn(outDir, CDN)]
    expect(named.filter((key) => /ship/.test(key))).toHaveLength(1)
    expect(named.filter((key) => !stored.includes(key))).toEqual([])

    const first = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(first.summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
    expect(textOf(join(folder, 'origin'), /^about\.html$/)).toContain(`src="${CDN}a/img/logo.`)
    const second = await syncBuild(folder, { url: CDN, cors: true, out: 'origin' })
    expect(second.summary).toMatchObject({ added: 0, changed: 0, pages: { written: 0 } })
  })

  it('with upload off leaves addresses as they are', async () => {
    const folder = tempFolder()
    const { outDir } = await build({ folder, options: toStore(folder) })
    expect([...keysNamedIn(outDir, CDN)]).toEqual([])
    expect(recordOf(outDir)).toMatchObject({ rewritten: false, sent: [] })
    expect(existsSync(join(folder, 'store'))).toBe(false)
  })

  it('gives other names for another address', async () => {
    // Names may depend on where the sources lie.
    const root = project(SOURCES)
    const scripts = async (url: string): Promise<string[]> => {
      const { outDir } = await build({ root, options: { url, cors: true, rewrite: 'always' } })
      // The chunk holds no address itself.
      return filesIn(outDir).filter((path) => /^chunks\/later-.*\.js$/.test(path))
    }
    expect(await scripts(CDN)).toEqual(await scripts(CDN))
    expect(await scripts(CDN)).not.toEqual(await scripts('https://other.example/'))
  })

  it('without CORS keeps scripts at the site', async () => {
    const folder = tempFolder()
    const { outDir } = await build({ folder, options: { ...toStore(folder), cors: false, upload: true } })
    const { origin, files } = recordOf(outDir)
    expect(origin.filter((path) => path.endsWith('.js'))).toHaveLength(2)
    expect(files.map(([path]) => path)).toContainEqual(expect.stringMatching(/^assets\/ship-/))
    expect((await keysIn(join(folder, 'store'))).filter((key) => /\.(?:js|css)$/.test(key))).toEqual([])
    const { summary } = await syncBuild(folder, { url: CDN, out: 'origin' })
    expect(summary).toMatchObject({ ok: true, added: 0, references: { missing: 0 } })
  })

  it('keeps an entry without a hash at the site, and what it imports from where it lies', async () => {
    const folder = tempFolder()
    const { outDir } = await build({ folder, entryNames: '[name]', options: { ...toStore(folder), upload: true } })
    const record = recordOf(outDir)
    // esbuild writes imports in full.
    const chunks = name === 'esbuild' ? [] : [expect.stringMatching(/^chunks\/later-/)]
    expect(record.origin).toEqual([...chunks, 'main.js'])
    expect(keyOf(record, 'main.js')).toBeUndefined()
    expect(record.files.filter(([path]) => path.startsWith('chunks/'))).toHaveLength(1 - chunks.length)
    expect(readFileSync(join(outDir, 'main.js'), 'utf8')).toContain(`${CDN}a/assets/ship-`)
  })

  it('refuses keep for a chunk that scripts look for in the store', async () => {
    const folder = tempFolder()
    const options = { ...toStore(folder), keep: ['chunks/**'], upload: true }
    await expect(build({ folder, options })).rejects.toThrow(/keep names files that the bundler made/)
    expect(await keysIn(join(folder, 'store'))).toEqual([])
  })

  it('in watch mode leaves addresses as they are and sends nothing', async () => {
    const folder = tempFolder()
    const { outDir } = await watch({ folder, options: { ...toStore(folder), upload: true } })
    expect(filesIn(outDir).filter((path) => path.endsWith('.js')).length).toBeGreaterThan(1)
    expect([...keysNamedIn(outDir, CDN)]).toEqual([])
    expect(await keysIn(join(folder, 'store'))).toEqual([])
    expect(existsSync(join(outDir, '.lading'))).toBe(false)
  })
})

describe.each(OTHERS.slice(0, 2))('several outputs of $name', ({ build }) => {
  it('are sent once, after the last', async () => {
    const folder = tempFolder()
    const { outDir } = await build({ folder, outputs: 2, options: { ...toStore(folder), upload: true } })
    expect(recordOf(outDir).sent).toEqual(await keysIn(join(folder, 'store')))
    const page = textOf(outDir, /^index\.html$/)
    expect(page).toContain(`src="${CDN}a/main-`)
  })
})
