import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LadingError } from '../../../src/index.ts'
import { type Scan, type ScanOptions, scan, scanInTurns } from '../../../src/site/scan/scan.ts'
import { stampTree } from '../../../src/site/scan/tree-stamp.ts'
import { unusedGlobs } from '../../../src/site/scan/unused-globs.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lading-scan-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), 'x')
  }
}

const link = (target: string, path: string): void => symlinkSync(target, join(root, path))

const find = (options: Partial<ScanOptions> = {}): Scan =>
  scan({ root, include: [], exclude: [], strict: false, allowControl: false, ...options })

const aliases = ({ files }: Scan): string[] => files.filter(({ isAlias }) => isAlias).map(({ path }) => path)

/** Paths that are published with these globs in `exclude`. */
const left = (...exclude: string[]): string[] =>
  find({ exclude })
    .files.filter(({ originOnly }) => !originOnly)
    .map(({ path }) => path)

/** How often the caller could have stopped it. */
function stepsOf(look: (signal: AbortSignal) => void): number {
  const { signal } = new AbortController()
  let steps = 0
  signal.throwIfAborted = () => {
    steps++
  }
  look(signal)
  return steps
}

/** As a user who has no rights of his own: tests may run as root, who may read everything. */
function asNobody(work: () => void): void {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65_534)
  try {
    work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

it('can be stopped at each file while it looks which of them cannot be read either', () => {
  const paths = Array.from({ length: 50 }, (_, index) => `${index}.txt`)
  write(...paths, 'sub/a.txt')
  chmodSync(root, 0o755)
  const whole = stepsOf((signal) => void find({ signal }))
  chmodSync(join(root, 'sub'), 0)
  const refused = stepsOf((signal) => asNobody(() => expect(() => find({ signal })).toThrow(/cannot be read/)))
  chmodSync(join(root, 'sub'), 0o755)
  expect(whole).toBeLessThan(paths.length)
  expect(refused).toBeGreaterThanOrEqual(paths.length)
})

describe('one file on disk under several paths', () => {
  it('keeps the path without a link and marks the others', () => {
    write('v2/index.html')
    link('v2', 'latest')
    link('v2/index.html', 'about.html')
    expect(aliases(find())).toEqual(['about.html', 'latest/index.html'])
  })

  it('marks neither of two files with the same content', () => {
    write('a.html', 'b.html')
    expect(aliases(find())).toEqual([])
  })

  it('keeps the path without a link although that one is excluded', () => {
    write('v2/index.html', 'index.html')
    link('v2', 'a')
    expect(aliases(find({ exclude: ['v2'] }))).toEqual(['a/index.html'])
  })
})

describe('a cache inside the site', () => {
  const paths = ({ files }: Scan): string[] => files.map(({ path }) => path)

  it.each(['cache', 'tmp/deep/cache'])(
    '%s: is none of it although the walk has begun before it is there',
    async (path) => {
      write('index.html')
      const cacheDir = join(root, path)
      const walking = scanInTurns({ root, include: [], exclude: [], strict: false, allowControl: false, cacheDir })
      write(`${path}/state/pointer.json`)
      expect(paths(await walking)).toEqual(['index.html'])
    },
  )

  it('is none of it by whatever way the site and the cache are named', () => {
    write('site/index.html', 'site/cache/a.json')
    link('site', 'way')
    const asked = { include: [], exclude: [], strict: false, allowControl: false }
    for (const [site, cache] of [
      ['way', 'site/cache'],
      ['site', 'way/cache'],
      ['site/', 'site/./cache/'],
    ] as const)
      expect(paths(scan({ ...asked, root: join(root, site), cacheDir: join(root, cache) }))).toEqual(['index.html'])
  })
})

describe('links to folders', () => {
  it('names a link that leads in a circle once, however many ways lead to it', () => {
    write('a/x.txt')
    link('..', 'a/up')
    link('a', 'b')
    link('a', 'c')
    const { warnings, files } = find()
    expect(files.map(({ path }) => path)).toEqual(['a/x.txt', 'b/x.txt', 'c/x.txt'])
    expect(warnings).toEqual([
      { code: 'W_DANGLING', message: 'links that lead in circles were not followed', items: ['a/up'] },
    ])
  })

  it('ends in a tangle, finds every file near the root, and says that it did not follow all', () => {
    const names = [...'abcdefghij']
    const pairs = names.flatMap((a) => names.filter((b) => b !== a).map((b) => [a, b] as const))
    for (const name of names) write(`${name}/x.txt`)
    for (const [a, b] of pairs) link(`../${b}`, `${a}/${b}`)
    const { files, warnings } = find()
    const near = [...names.map((a) => `${a}/x.txt`), ...pairs.map(([a, b]) => `${a}/${b}/x.txt`)]
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(near))
    expect(files).toHaveLength(10 + 10 * 9 + 10_000)
    expect(warnings.map(({ code }) => code)).toEqual(['W_DANGLING'])
  })

  it('ends after eight links on one path', () => {
    for (let level = 0; level < 12; level++) {
      write(`f${level}/x.txt`)
      link(`../f${level + 1}`, `f${level}/n`)
    }
    write('f12/x.txt')
    const paths = find().files.map(({ path }) => path)
    expect(paths).toContain(`f0/${'n/'.repeat(8)}x.txt`)
    expect(paths).not.toContain(`f0/${'n/'.repeat(9)}x.txt`)
  })
})

describe('globs that name files', () => {
  beforeEach(() => write('drafts/a.html', 'blog/drafts/b/c.html', 'drafts.html', 'img/x.png', 'img/deep/x.png'))

  it.each([['drafts'], ['drafts/']])('%s means all that lies below such a folder, wherever it is', (glob) => {
    expect(left(glob)).toEqual(['drafts.html', 'img/deep/x.png', 'img/x.png'])
  })

  it.each([['/drafts'], ['/drafts/'], ['./drafts'], ['drafts/**'], ['drafts/**/']])('%s means that folder', (glob) => {
    expect(left(glob)).not.toContain('drafts/a.html')
    expect(left(glob)).toContain('blog/drafts/b/c.html')
  })

  it('a glob that ends with a slash means no file of that name', () => {
    write('sub/img')
    expect(left('img/')).toContain('sub/img')
    expect(left('img')).not.toContain('sub/img')
  })

  it.each([
    ['*.png', ['blog/drafts/b/c.html', 'drafts.html', 'drafts/a.html']],
    ['img/*.png', ['blog/drafts/b/c.html', 'drafts.html', 'drafts/a.html', 'img/deep/x.png']],
    ['!*.html', ['blog/drafts/b/c.html', 'drafts.html', 'drafts/a.html']],
    ['!drafts', ['blog/drafts/b/c.html', 'drafts/a.html']],
    ['', ['blog/drafts/b/c.html', 'drafts.html', 'drafts/a.html', 'img/deep/x.png', 'img/x.png']],
  ])('%s leaves what it does not mean', (glob, paths) => expect(left(glob)).toEqual(paths))

  it('names those that mean no file, with their option', () => {
    write('node_modules/a.js')
    const globs = {
      include: ['drafst', '**'],
      exclude: ['node_modules/**', 'node_modules/', 'img'],
      keep: ['leagl/**'],
    }
    expect(unusedGlobs(find(), globs)).toMatchObject([
      { code: 'W_PATTERN_UNUSED', items: ['include: drafst', 'keep: leagl/**'] },
    ])
  })

  it('has nothing to say when all of them mean a file', () => {
    expect(unusedGlobs(find(), { include: [], exclude: ['drafts'], keep: ['*.png'] })).toEqual([])
  })
})

describe('the ignore file', () => {
  it('is one that leads nowhere: refused, not absent', () => {
    write('private.txt')
    link('gone', '.ladingignore')
    expect(() => find()).toThrow(LadingError)
    expect(() => find()).toThrow(/cannot be read/)
  })

  it('may begin with a byte order mark', () => {
    write('private.txt', 'index.html')
    writeFileSync(join(root, '.ladingignore'), '\ufeffprivate.txt\n')
    expect(left()).toEqual(['index.html'])
  })
})

describe('a site whose stamps were just taken', () => {
  it('is found as it is without them: files, what is skipped, secrets and the folders of its own', async () => {
    write('index.html', 'img/a.png', 'img/deep/é.svg', '.well-known/x.json', '.git/config', 'app.js.map')
    write('node_modules/left/out.js', '.lading/build.json', 'empty/.keep', 'docs/secret/page.html')
    const stamp = await stampTree(root)
    expect(stamp?.seen.size).toBeGreaterThan(5)
    const { files, ...found } = find({ seen: stamp?.seen })
    const { files: others, ...rest } = find()
    expect(found).toEqual(rest)
    expect(files.map((file) => ({ ...file, disk: file.disk }))).toEqual(
      others.map((file) => ({ ...file, disk: file.disk })),
    )
    expect(files.length).toBeGreaterThan(3)
  })

  it('is not looked at again where it was looked at', async () => {
    write('index.html', 'img/a.png')
    const stamp = await stampTree(root)
    write('img/later.png', 'late/b.png')
    expect(find({ seen: stamp?.seen }).files.map(({ path }) => path)).toEqual(['img/a.png', 'index.html'])
    expect(find().files.length).toBe(4)
  })

  it('has none where a link leads elsewhere', async () => {
    write('index.html')
    link('index.html', 'about.html')
    expect(await stampTree(root)).toBeUndefined()
  })
})
