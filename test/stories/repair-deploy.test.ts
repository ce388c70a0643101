import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { LadingError, type Store, type Summary, unlock } from '../../src/index.ts'
import { createFolderStore } from '../../src/store/folder/folder.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, type Published } from '../rig/published.ts'

const FILES = { 'index.html': '<img src="photo.png">', 'photo.png': 'pixels', 'robots.txt': 'User-agent: *' }

interface World extends Published {
  repair(): Promise<Summary>
  /** Files with the bytes of objects whose keys contain this. */
  bodies(part: string): string[]
}

/** A mirror in a folder, and a run that has died while it replaced files. */
async function world(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'lading-deploy-'))
  let isDead = false
  const around = (inner: Store): Store => ({
    ...inner,
    async put(key, ...rest) {
      if (isDead) throw new LadingError('E_STORE', 'killed')
      isDead = isDying && key === 'robots.txt'
      return inner.put(key, ...rest)
    },
  })
  let isDying = false
  const made = createPublished({ files: FILES, config: MIRROR, store: createFolderStore({ path: folder }), around })
  onTestFinished(() => {
    made.remove()
    rmSync(folder, { recursive: true })
  })
  await made.site.sync()
  made.become({ ...FILES, 'index.html': 'new', 'robots.txt': '# new' })
  isDying = true
  await made.site.sync().catch(() => undefined)
  ;[isDead, isDying] = [false, false]
  return {
    ...made,
    repair: () => made.site.sync({ repair: true, cacheDir: 'another' }),
    bodies: (part) =>
      readdirSync(join(folder, 'objects'), { recursive: true })
        .map(String)
        .filter((name) => name.includes(part) && name.includes('.json'))
        .map((name) => join(folder, 'objects', name)),
  }
}

it.each([
  ['lost', (file: string) => rmSync(file)],
  ['torn', (file: string) => truncateSync(file, 20)],
] as const)('the record of an unfinished deploy that is %s stops every run but a repair', async (_, damage) => {
  const made = await world()
  const [record = ''] = made.bodies('deploys/2')
  damage(record)
  const refused = { code: 'E_MANIFEST', hint: expect.stringContaining('lading sync --repair') }
  await expect(made.site.sync()).rejects.toMatchObject(refused)
  await expect(unlock(made.history(), made.run)).rejects.toMatchObject(refused)
  expect(await made.repair()).toMatchObject({ published: true })
  expect(await made.text('index.html')).toBe('new')
  expect(await made.site.sync()).toMatchObject({ published: false })
})

it('a repair that makes the pointer anew needs no records of deploys', async () => {
  const made = await world()
  for (const file of [...made.bodies('pointer'), ...made.bodies('deploys')]) rmSync(file)
  expect(await made.repair()).toMatchObject({ published: true })
  expect(await made.site.sync()).toMatchObject({ published: false })
})
