import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folderState } from '../../src/build/folder-state.ts'
import type { LayOutOptions } from '../../src/build/name-files.ts'
import { type PublicNames, publicNames, unwrittenNames } from '../../src/build/public-names.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lading-names-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Files that nobody changes while tests run. */
const still = resolve(import.meta.dirname, '../../examples/vite/public')

const OPTIONS: Omit<LayOutOptions, 'root' | 'cacheDir'> = {
  url: { href: 'https://cdn.example.com/', kind: 'host' },
  site: undefined,
  base: '/',
  cors: false,
  include: [],
  exclude: [],
  keep: [],
  headers: [],
  compress: [],
}

/** Names a folder, and tells which files had to be looked at for it. */
async function name(options: Partial<LayOutOptions> = {}): Promise<PublicNames & { readonly looked: string[] }> {
  const looked: string[] = []
  const names = await publicNames(
    {
      root: still,
      ...OPTIONS,
      cacheDir: join(folder, 'cache'),
      ...options,
    },
    (path) => {
      looked.push(path)
      return path.endsWith('.svg')
    },
  )
  return { ...names, looked }
}

describe('the names of public files', () => {
  it('are known again when nothing has changed, without a look at any file', async () => {
    const first = await name()
    const again = await name()
    expect(first.looked).toEqual(first.files)
    expect(first.files.length).toBeGreaterThan(0)
    expect(again).toEqual({ ...first, looked: [] })
  })

  it.each([
    ['the url', { url: { href: '/_a/', kind: 'path' } }],
    ['cors', { cors: true }],
    ['keep', { keep: ['**/*.svg'] }],
    ['include', { include: ['**/*.svg'] }],
    ['headers', { headers: [{ match: ['*'], headers: { 'cache-control': 'no-store' }, name: 'headers[0]' }] }],
  ] as const)('are found anew when %s is another', async (_what, options) => {
    await name()
    const other = await name(options)
    expect(other.looked).toEqual(other.files)
  })

  it.each(['', '{', '[]', '{"made":1,"rows":[]}'])('are found anew when what was remembered is %j', async (text) => {
    const first = await name()
    for (const file of readdirSync(join(folder, 'cache'))) writeFileSync(join(folder, 'cache', file), text)
    expect(await name()).toEqual(first)
  })

  it('are not remembered of a file that was written a moment ago, which may change unseen', async () => {
    mkdirSync(join(folder, 'public'))
    writeFileSync(join(folder, 'public/a.svg'), '<svg/>')
    await name({ root: join(folder, 'public') })
    expect((await name({ root: join(folder, 'public') })).looked).toEqual(['a.svg'])
  })

  it('are found without a folder to remember them in', async () => {
    writeFileSync(join(folder, 'file'), '')
    const names = await name({ cacheDir: join(folder, 'file/cache') })
    expect(names.looked).toEqual(names.files)
  })
})

describe('the names of files that lie nowhere yet', () => {
  /** Names one file, and tells whether it had to be laid out for it. */
  async function nameUnwritten(what: { digest?: string; place?: string; cors?: boolean } = {}) {
    const { digest = 'd', place = '/srv/dist', cors = false } = what
    let laidOut = 0
    const inFolder: Parameters<typeof unwrittenNames>[0]['inFolder'] = async (work) => {
      laidOut += 1
      mkdirSync(join(folder, 'files'), { recursive: true })
      writeFileSync(join(folder, 'files/a.svg'), `<svg>${digest}</svg>`)
      return work({ root: join(folder, 'files'), cacheDir: join(folder, 'own-cache') })
    }
    const options = { ...OPTIONS, cors, cacheDir: join(folder, 'cache') }
    const names = await unwrittenNames({ digest, place, inFolder }, options, (path) => path.endsWith('.svg'))
    return { names, laidOut }
  }

  it('are known again by their digest at once, without their being laid out', async () => {
    const { names, laidOut } = await nameUnwritten()
    expect(laidOut).toBe(1)
    expect(names).toMatchObject({ files: ['a.svg'], marked: new Set(['a.svg']) })
    expect(names.keys.get('a.svg')).toMatch(/^a\/a\./)
    expect(await nameUnwritten()).toEqual({ names, laidOut: 0 })
  })

  it.each([
    ['the digest', { digest: 'e' }],
    ['the place', { place: '/srv/other' }],
    ['an option', { cors: true }],
  ])('are found anew when %s is another', async (_what, other) => {
    await nameUnwritten()
    expect(await nameUnwritten(other)).toMatchObject({ laidOut: 1 })
  })
})

describe('the state of a folder', () => {
  const at = (path: string): string => join(folder, path)
  beforeEach(() => {
    mkdirSync(at('img'))
    writeFileSync(at('a.png'), 'a')
    writeFileSync(at('img/b.png'), 'b')
  })
  const digest = (): string | undefined => folderState(folder)?.digest

  it('is the same when nothing happened', () => {
    expect(digest()).toBeDefined()
    expect(digest()).toBe(digest())
  })

  it.each([
    ['a file comes', () => writeFileSync(at('img/c.png'), '')],
    ['a file goes', () => rmSync(at('img/b.png'))],
    ['a file is called otherwise', () => renameSync(at('a.png'), at('c.png'))],
    ['a file is moved', () => renameSync(at('a.png'), at('img/a.png'))],
    ['a file grows', () => writeFileSync(at('img/b.png'), 'bb')],
    ['a file was written at another time', () => utimesSync(at('a.png'), new Date(0), new Date(0))],
    ['a folder comes', () => mkdirSync(at('img/more'))],
  ])('is another when %s', (_what, change) => {
    const before = digest()
    change()
    expect(digest()).not.toBe(before)
  })

  it('is not known where a link leads away, or where there is no folder', () => {
    expect(folderState(at('nowhere'))).toBeUndefined()
    symlinkSync('a.png', at('link.png'))
    expect(folderState(folder)).toBeUndefined()
  })
})
