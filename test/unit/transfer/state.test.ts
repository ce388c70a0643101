import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../../src/index.ts'
import { openState, type State } from '../../../src/transfer/state.ts'
import { createProject, type Project } from '../../rig/project.ts'

let site: Project
let cacheDir: string
beforeEach(async () => {
  site = createProject({ files: { 'index.html': '<img src="x.png">', 'x.png': 'x' } })
  cacheDir = mkdtempSync(join(tmpdir(), 'lading-cache-'))
  await site.sync()
})
afterEach(() => {
  site.remove()
  rmSync(cacheDir, { recursive: true })
})

const open = (store: Store = site.store): State => openState({ site: store, store, folder: '.lading/', cacheDir })
const live = async () => {
  const found = await open().readPointer()
  if (found === undefined) throw new Error('nothing was published')
  return found.pointer
}
const releaseId = async () => (await live()).channels.get('production')?.release ?? ''
const copies = (): string[] =>
  readdirSync(cacheDir).flatMap((folder) =>
    readdirSync(join(cacheDir, folder)).map((name) => join(cacheDir, folder, name)),
  )

describe('a local copy of the state', () => {
  it.each([
    ['zeros', (file: string) => writeFileSync(file, Buffer.alloc(readFileSync(file).length))],
    ['a part', (file: string) => truncateSync(file, 20)],
    ['nothing', (file: string) => truncateSync(file, 0)],
  ])('that holds %s is fetched again and mended', async (_, damage) => {
    const pointer = await live()
    const manifest = await open().readManifest(pointer)
    const release = await open().readRelease(await releaseId())
    expect(copies()).toHaveLength(2)
    const before = copies().map((file) => readFileSync(file))
    for (const file of copies()) damage(file)
    expect(await open().readManifest(pointer)).toEqual(manifest)
    expect(await open().readRelease(await releaseId())).toEqual(release)
    expect(copies().map((file) => readFileSync(file))).toEqual(before)
  })

  it('is not kept of an object that is not what the pointer names', async () => {
    const pointer = await live()
    const id = await releaseId()
    const torn: Store = {
      ...site.store,
      get: async (key, options) => {
        const found = await site.store.get(key, options)
        return found && { ...found, bytes: found.bytes.subarray(0, 20) }
      },
    }
    await expect(open(torn).readManifest(pointer)).rejects.toMatchObject({ code: 'E_MANIFEST' })
    await expect(open(torn).readRelease(id)).rejects.toMatchObject({ code: 'E_MANIFEST' })
    expect(readdirSync(cacheDir)).toEqual([])
    await expect(open().readManifest(pointer)).resolves.toMatchObject({ seq: 1 })
  })

  it('is not kept of a release whose record another run has written already', async () => {
    const release = await open().readRelease(await releaseId())
    for (const file of copies()) rmSync(file)
    await open().writeRelease({ ...release, createdAt: '2020-01-01T00:00:00.000Z' })
    expect(copies()).toEqual([])
    expect(await open().readRelease(release.id)).toEqual(release)
  })

  it('is dropped when newer ones are there, whatever a killed run left beside them', async () => {
    const state = open()
    await state.writeManifest({ seq: 100, rows: new Map() })
    const [first = ''] = copies()
    writeFileSync(`${first}.99`, 'left behind')
    for (const file of copies()) utimesSync(file, new Date(0), new Date(0))
    for (let seq = 101; seq < 110; seq++) await state.writeManifest({ seq, rows: new Map() })
    expect(copies()).toHaveLength(4)
    expect(copies().filter((file) => file.startsWith(first))).toEqual([])
  })
})
