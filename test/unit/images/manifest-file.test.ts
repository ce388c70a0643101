import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { imageManifestFile } from '../../../src/index.ts'
import { manifestOf } from '../../rig/receipts.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lading-manifest-')))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (path: string): string => join(folder, path)
const BYTES = manifestOf({})

/** `x/pics` leads to `data/img`. */
function linkedFolder(): void {
  for (const path of ['x', 'data/img']) mkdirSync(at(path), { recursive: true })
  symlinkSync('../data/img', at('x/pics'))
}

async function refusal(path: string): Promise<{ code: string; why?: string; hint?: string }> {
  return imageManifestFile(at(path)).then(
    () => expect.unreachable(`${path} was taken`),
    (error) => error,
  )
}

it.each([2, '\t'])('a manifest that a formatter has laid out anew is written over', async (space) => {
  writeFileSync(at('made.json'), `${JSON.stringify(JSON.parse(Buffer.from(BYTES).toString()), null, space)}\n`)
  await (await imageManifestFile(at('made.json'))).write(BYTES)
  expect(readFileSync(at('made.json'))).toEqual(Buffer.from(BYTES))
})

it('other JSON with a version is not', async () => {
  writeFileSync(at('other.json'), '{ "v": 1, "pages": [] }')
  expect(await refusal('other.json')).toMatchObject({ code: 'E_OUT' })
})

describe('where it cannot be written, the advice is one that helps', () => {
  it('for a folder that is not there: the line that makes it', async () => {
    const { code, hint } = await refusal('no/such/made.json')
    expect([code, hint]).toEqual(['E_WRITE', `Make its folder: mkdir -p ${at('no/such')}`])
  })

  it('for a path that leads through a file: another one, since no folder can be made there', async () => {
    writeFileSync(at('a.jpg'), 'pixels')
    const { code, hint } = await refusal('a.jpg/made.json')
    expect([code, hint]).toEqual(['E_WRITE', 'Name a file with --manifest that this user may write.'])
  })

  it('for a link into a folder that is not there: that folder, before anything is rendered', async () => {
    symlinkSync('gone/made.json', at('link.json'))
    const { code, why, hint } = await refusal('link.json')
    expect([code, hint]).toEqual(['E_WRITE', `Make its folder: mkdir -p ${at('gone')}`])
    expect(why).toContain(`It is a link to ${at('gone/made.json')}.`)
  })

  it('for a link behind a linked folder: the folder that is missing beside where it really lies', async () => {
    linkedFolder()
    symlinkSync('../pics/made.json', at('data/img/made.json'))
    const { code, why, hint } = await refusal('x/pics/made.json')
    expect([code, hint]).toEqual(['E_WRITE', `Make its folder: mkdir -p ${at('data/pics')}`])
    expect(why).toContain(`It is a link to ${at('data/pics/made.json')}.`)
  })

  it('for links that lead to each other: to remove them, or another file', async () => {
    symlinkSync('b.json', at('a.json'))
    symlinkSync('a.json', at('b.json'))
    expect(await refusal('a.json')).toMatchObject({
      code: 'E_WRITE',
      why: 'A link in its path leads nowhere.',
      hint: 'Remove that link, or name another file with --manifest.',
    })
  })
})

it.each([
  ['../other/made.json', 'data/other/made.json'],
  // the folder above `side` is the one above what it leads to
  ['side/../deep/made.json', 'data/other/deep/made.json'],
])('a link to %s behind a linked folder makes the file that it leads to', async (to, made) => {
  linkedFolder()
  for (const path of ['data/other/side', 'data/other/deep']) mkdirSync(at(path), { recursive: true })
  symlinkSync('../other/side', at('data/img/side'))
  symlinkSync(to, at('data/img/made.json'))
  await (await imageManifestFile(at('x/pics/made.json'))).write(BYTES)
  expect(readFileSync(at(made))).toEqual(Buffer.from(BYTES))
})

it('a link to a file that is not there yet makes that file', async () => {
  mkdirSync(at('there'))
  symlinkSync('there/made.json', at('link.json'))
  await (await imageManifestFile(at('link.json'))).write(BYTES)
  expect(readFileSync(at('there/made.json'))).toEqual(Buffer.from(BYTES))
})
