import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { project, recordOf, tempFolder } from './builds.ts'
import { OTHERS } from './others.ts'

const CDN = 'https://cdn.example.com/x/'
const OPTIONS = { url: CDN, cors: true, rewrite: 'always' } as const

/** A main script that names files, and files that lie in the output as a script of the project copied them. */
function site(main: string): { readonly folder: string; readonly files: Readonly<Record<string, string>> } {
  const folder = tempFolder()
  project({ 'data.json': '{}', 'tide.js': 'postMessage(1)' }, join(folder, 'dist'))
  return { folder, files: { 'src/main.js': main, 'src/later.js': 'export const later = 1' } }
}

describe.each(OTHERS)('with $name a script that moves', ({ build }) => {
  it.each([
    ['a file beside it', "fetch(new URL('./data.json', import.meta.url))", './data.json'],
    ['a worker beside it', "new Worker(new URL('./tide.js', import.meta.url))", './tide.js'],
    ['a file from the root', "fetch(new URL('/data.json', import.meta.url))", '/data.json'],
  ])('and names %s fails the build, which says so', async (_what, main, url) => {
    const failing = build({ ...site(main), options: OPTIONS })
    await expect(failing).rejects.toThrow(/scripts that move name files that stay at the site/)
    await expect(failing).rejects.toThrow(
      new RegExp(`main-[\\w-]+\\.js: ${url}\\n.*would be looked for at ${CDN}`, 's'),
    )
  })

  it('may name what is nowhere, in full, or below the store where that is a path of the site', async () => {
    const nowhere = "globalThis.wasm = () => new URL('core_bg.wasm', import.meta.url)\n"
    const inFull = "globalThis.other = new URL('https://www.example.com/data.json', import.meta.url)\n"
    const one = await build({ ...site(nowhere + inFull), options: { ...OPTIONS, site: 'https://www.example.com' } })
    expect(recordOf(one.outDir).files).toContainEqual([expect.stringMatching(/^main-/), expect.any(String), true])
    const two = await build({
      ...site("fetch(new URL('/data.json', import.meta.url))"),
      options: { url: '/_a/', rewrite: 'always' },
    })
    expect(recordOf(two.outDir).files).toContainEqual([expect.stringMatching(/^main-/), expect.any(String), true])
  })

  it('may name a file beside it when it stays itself', async () => {
    const { outDir } = await build({
      ...site("fetch(new URL('./data.json', import.meta.url))"),
      entryNames: '[name]',
      options: OPTIONS,
    })
    expect(recordOf(outDir).origin).toEqual(['main.js'])
  })
})

describe.each(OTHERS)('with $name a script that imports from the root', ({ build }) => {
  // Not external, Rollup and Rolldown take it for a file of this machine and climb to it from the chunk.
  it.each([[['/tide.js']], [[]]])(
    'fails the build, but not where the store is a path of the site: external %j',
    async (external) => {
      const main = "try { await import('/tide.js') } catch {}\nexport {}"
      await expect(build({ ...site(main), external, options: OPTIONS })).rejects.toThrow(
        /from the root of the site[\s\S]+main-[\w-]+\.js: [./]*\/tide\.js/,
      )
      const { outDir } = await build({ ...site(main), external, options: { url: '/_a/', rewrite: 'always' } })
      expect(recordOf(outDir).files).toContainEqual([expect.stringMatching(/^main-/), expect.any(String), true])
    },
  )
})
