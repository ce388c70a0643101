import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { layOut } from '../../../src/build/name-files.ts'
import { type TemporaryFolder, temporaryFolder } from '../../rig/sites.ts'

let folder: TemporaryFolder
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder?.remove())

it('a cache inside the folder whose files a build names is none of it', async () => {
  const root = join(folder.path, 'public')
  mkdirSync(join(root, 'cache'), { recursive: true })
  for (const name of ['a.png', 'cache/names-a1.json']) writeFileSync(join(root, name), 'x')
  const { files } = await layOut({
    ...{ root, cacheDir: join(root, 'cache'), site: undefined, base: '/', cors: false },
    ...{ include: [], exclude: [], keep: [], headers: [], compress: [] },
    url: { href: 'https://cdn.example.com/', kind: 'host' },
  })
  expect(files).toEqual(['a.png'])
})
