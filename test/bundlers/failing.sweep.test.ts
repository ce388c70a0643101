import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { filesIn, tempFolder } from './builds.ts'
import { FAILING } from './failing-builds.ts'
import { keysIn } from './publishing.ts'

const CDN = 'https://cdn.example.com/x/'
const RECORD = '.lading/build.json'

/** Every file of a folder with its bytes. */
function contentsOf(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {}
  return Object.fromEntries(filesIn(folder).map((path) => [path, readFileSync(join(folder, path), 'latin1')]))
}

describe.each(FAILING.map((row) => [row.name, row] as const))(
  'a build with %s that fails',
  (_, { earlier: buildEarlier, failures }) => {
    const options = (folder: string) => ({ url: CDN, cors: true, to: join(folder, 'store') }) as const
    let earlier = ''
    beforeAll(async () => {
      earlier = tempFolder()
      await buildEarlier({ folder: earlier, options: { ...options(earlier), rewrite: 'always' } })
      expect(filesIn(join(earlier, 'dist'))).toContain(RECORD)
    })

    describe.each(failures.map((row) => [row.what, row] as const))('by %s', (_, failure) => {
      it('sends nothing and records nothing', async () => {
        const folder = tempFolder()
        failure.spoil?.(join(folder, 'dist'))
        await expect(failure.build({ folder, options: { ...options(folder), upload: true } })).rejects.toThrow()
        expect(await keysIn(join(folder, 'store'))).toEqual([])
        expect(existsSync(join(folder, 'dist', RECORD))).toBe(false)
      })

      it('leaves the output of an earlier build with its record whole, or without a record', async () => {
        const folder = tempFolder()
        cpSync(earlier, folder, { recursive: true })
        failure.spoil?.(join(folder, 'dist'))
        const before = contentsOf(join(folder, 'dist'))
        await expect(failure.build({ folder, options: { ...options(folder), upload: true } })).rejects.toThrow()
        expect(await keysIn(join(folder, 'store'))).toEqual([])
        const after = contentsOf(join(folder, 'dist'))
        if (RECORD in after) expect(after).toEqual(before)
      })
    })
  },
)
