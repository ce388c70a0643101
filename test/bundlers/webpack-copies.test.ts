import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { keyOf, project, recordOf, tempFolder, textOf } from './builds.ts'
import { KIN } from './rspack-builds.ts'

afterEach(() => vi.unstubAllEnvs())

const options = { url: 'https://cdn.example.com/x/', cors: true, rewrite: 'always' } as const

const files = {
  'src/index.html': '<!doctype html><html><head></head><body><img src="/p.png"><img src="/q.png"></body></html>',
  'src/main.js': "document.title = 'x'",
  'public/p.png': 'first',
  'public/q.png': 'other',
}

describe.each(KIN)('copied files in a second build with %s', (_, { build }) => {
  it('are known by their bytes, and laid out nowhere', async () => {
    const root = project(files)
    const folder = tempFolder()
    const first = await build({ root, folder, options })
    const page = textOf(first.outDir, /^index\.html$/)
    expect(page).toContain(`${options.url}${keyOf(recordOf(first.outDir), 'p.png')}`)
    const { files: named } = recordOf(first.outDir)
    vi.stubEnv('TMPDIR', join(folder, 'nowhere'))
    const second = await build({ root, folder, options })
    expect(second.errors).toEqual([])
    expect(textOf(second.outDir, /^index\.html$/)).toBe(page)
    expect(recordOf(second.outDir).files).toEqual(named)
  })

  it('have another name when their bytes are others, of the same length', async () => {
    const root = project(files)
    const folder = tempFolder()
    const before = recordOf((await build({ root, folder, options })).outDir)
    writeFileSync(join(root, 'public/p.png'), 'fifth')
    const { outDir } = await build({ root, folder, options })
    const after = recordOf(outDir)
    expect(keyOf(after, 'p.png')).toMatch(/^a\/p\.[a-z2-7]{16}\.png$/)
    expect(keyOf(after, 'p.png')).not.toBe(keyOf(before, 'p.png'))
    expect(keyOf(after, 'q.png')).toBe(keyOf(before, 'q.png'))
    expect(textOf(outDir, /^index\.html$/)).toContain(`${options.url}${keyOf(after, 'p.png')}`)
  })

  it('have the names of the options that it has', async () => {
    const root = project(files)
    const folder = tempFolder()
    await build({ root, folder, options })
    const { outDir } = await build({ root, folder, options: { ...options, keep: ['q.png'] } })
    expect(keyOf(recordOf(outDir), 'p.png')).toBeDefined()
    expect(keyOf(recordOf(outDir), 'q.png')).toBeUndefined()
  })
})
