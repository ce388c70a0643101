import { hash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OriginFile, planInPlace, planOut, writeOrigin } from '../../../src/transfer/origin.ts'
import { type OutFolder, openOutFolder } from '../../../src/transfer/out-folder.ts'
import { readMarker, unsure, writeMarker } from '../../../src/transfer/out-marker.ts'
import { replaceFile } from '../../../src/transfer/replace-file.ts'
import type { Body } from '../../../src/words/model.ts'

let dir: string
let out: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lading-origin-'))
  out = join(dir, 'out')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function bodyOf(text: string): Body {
  const bytes = Buffer.from(text)
  return {
    size: bytes.length,
    sha256: hash('sha256', bytes),
    read: async (start, end) => bytes.subarray(start, end),
  }
}

const files = (site: Readonly<Record<string, string>>): OriginFile[] =>
  Object.entries(site).map(([path, text]) => ({ path, body: bodyOf(text), isPage: path.endsWith('.html') }))

const write = (site: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> =>
  writeOrigin(planOut(out, files(site)), true, signal)

/** Every file of the output folder but the marker, with its content. */
function written(folder = out): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith('.lading'))
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

const owned = (): string[] => {
  const data: { files: [string][] } = JSON.parse(readFileSync(join(out, '.lading/out.json'), 'utf8'))
  return data.files.map(([path]) => path).sort()
}

function place(path: string, text: string): void {
  mkdirSync(dirname(join(out, path)), { recursive: true })
  writeFileSync(join(out, path), text)
}

describe('a name that changes between file and folder', () => {
  it.each([
    [
      { 'index.html': 'i', news: 'n' },
      { 'index.html': 'i', 'news/index.html': 'y', 'news/a/b.png': 'b' },
    ],
    [
      { 'index.html': 'i', 'news/index.html': 'y', 'news/a/b.png': 'b' },
      { 'index.html': 'i', news: 'n' },
    ],
    [{ 'a/b/c.txt': '1', 'a/b/d.txt': '2' }, { 'a/b': '3' }],
  ])('is carried out: %j -> %j', async (before, after) => {
    await write(before)
    await write(after)
    expect(written()).toEqual(after)
    expect(owned()).toEqual(Object.keys(after).sort())
    const plan = planOut(out, files(after))
    expect([plan.write, plan.remove]).toEqual([[], []])
  })

  it('is carried out by the next run when one was stopped in between', async () => {
    await write({ news: 'n', 'z.html': 'z' })
    const plan = planOut(out, files({ 'news/index.html': 'y', 'z.html': 'new' }))
    const torn = plan.write.map((file) =>
      file.path === 'z.html' ? { ...file, body: { ...file.body, sha256: '0' } } : file,
    )
    await expect(writeOrigin({ ...plan, write: torn }, true)).rejects.toMatchObject({ code: 'E_SOURCE_CHANGED' })
    await write({ 'news/index.html': 'y', 'z.html': 'new' })
    expect(written()).toEqual({ 'news/index.html': 'y', 'z.html': 'new' })
  })

  it('stops at what Lading did not put there, and says so', async () => {
    await write({ 'index.html': 'i' })
    place('news/mine.txt', 'mine')
    await expect(write({ 'index.html': 'i', news: 'n' })).rejects.toMatchObject({
      code: 'E_OUT',
      subject: join(out, 'news'),
    })
    rmSync(join(out, 'news'), { recursive: true })
    place('news', 'mine')
    expect(() => planOut(out, files({ 'news/index.html': 'y' }))).toThrow(
      expect.objectContaining({ code: 'E_OUT', subject: join(out, 'news') }),
    )
    expect(readFileSync(join(out, 'news'), 'utf8')).toBe('mine')
  })
})

describe('a link inside the output folder', () => {
  const SITE = { 'index.html': 'i', 'img/x.png': '1' }
  beforeEach(async () => {
    await write(SITE)
    renameSync(join(out, 'img'), join(dir, 'elsewhere'))
    symlinkSync('../elsewhere', join(out, 'img'))
  })

  it.each([
    ['written', { ...SITE, 'img/x.png': '2' }],
    ['kept', SITE],
    ['removed', { 'index.html': 'i' }],
  ])('is never followed for a file that is %s', (_, site) => {
    expect(() => planOut(out, files(site))).toThrow(
      expect.objectContaining({ code: 'E_OUT', subject: join(out, 'img'), exitCode: 3 }),
    )
    expect(written(join(dir, 'elsewhere'))).toEqual({ 'x.png': '1' })
  })

  it('is not followed either when it was put there after the plan', async () => {
    rmSync(join(out, 'img'))
    const plan = planOut(out, files({ 'img/x.png': '2' }))
    symlinkSync('../elsewhere', join(out, 'img'))
    await expect(writeOrigin(plan, true)).rejects.toMatchObject({ code: 'E_OUT', subject: join(out, 'img') })
    expect(written(join(dir, 'elsewhere'))).toEqual({ 'x.png': '1' })
  })

  it('that has the name of a file is replaced, not followed', async () => {
    rmSync(join(out, 'img'))
    writeFileSync(join(dir, 'target.html'), 'somebody’s')
    rmSync(join(out, 'index.html'))
    symlinkSync('../target.html', join(out, 'index.html'))
    await write(SITE)
    expect(lstatSync(join(out, 'index.html')).isFile()).toBe(true)
    expect(readFileSync(join(dir, 'target.html'), 'utf8')).toBe('somebody’s')
  })
})

describe('an output folder that is none', () => {
  it.each([
    ['a file', 'The output folder is not a folder', () => writeFileSync(out, 'x')],
    ['a link to nowhere', 'The output folder cannot be read', () => symlinkSync('nowhere', out)],
    [
      'below a file',
      'The output folder is not a folder',
      () => {
        writeFileSync(join(dir, 'file'), 'x')
        out = join(dir, 'file/out')
      },
    ],
  ])('is refused: %s', (_, message, make) => {
    make()
    expect(() => planOut(out, files({ 'index.html': 'i' }))).toThrow(
      expect.objectContaining({ code: 'E_OUT', message, subject: out, exitCode: 3 }),
    )
  })

  it('may be a link to one', async () => {
    mkdirSync(join(dir, 'real'))
    symlinkSync('real', out)
    await write({ 'index.html': 'i' })
    expect(written(join(dir, 'real'))).toEqual({ 'index.html': 'i' })
  })
})

describe('a marker that was tampered with', () => {
  it.each(['../mine.txt', '/mine.txt', 'a/../../mine.txt', ''])(
    'removes nothing outside of the folder: %j',
    async (path) => {
      await write({ 'index.html': 'i' })
      writeFileSync(join(dir, 'mine.txt'), 'mine')
      writeFileSync(join(out, '.lading/out.json'), JSON.stringify({ v: 1, files: [[path, '', 0, '']] }))
      await expect(async () => write({ 'index.html': 'i' })).rejects.toMatchObject({ code: 'E_OUT' })
      expect(existsSync(join(dir, 'mine.txt'))).toBe(true)
    },
  )
})

describe('a first run that ended before its marker was whole', () => {
  it.each([
    ['killed when it had made the marker’s folder', undefined],
    ['met a full disk', '{"v":1,"fi'],
  ])('has left a folder that the next run takes: %s', async (_how, half) => {
    mkdirSync(join(out, '.lading'), { recursive: true })
    if (half !== undefined) writeFileSync(join(out, '.lading/out.json.new'), half)
    await write({ 'a.png': 'a' })
    expect(written()).toEqual({ 'a.png': 'a' })
    expect(owned()).toEqual(['a.png'])
  })

  it.each(['.lading/out.json.new', '.lading/out.json.0123456789abcdef0123.new'])(
    'leaves nothing of it: %s',
    async (path) => {
      place(path, '{"v":1,"fi')
      await write({ 'a.png': 'a' })
      expect(readdirSync(join(out, '.lading'))).toEqual(['out.json'])
    },
  )

  it('is not taken for one where anything else lies in the folder, or where its own is a link', async () => {
    mkdirSync(join(out, '.lading'), { recursive: true })
    writeFileSync(join(out, '.lading/build.json'), '{}')
    await expect(async () => write({ 'a.png': 'a' })).rejects.toMatchObject({ code: 'E_OUT' })
    rmSync(join(out, '.lading'), { recursive: true })
    mkdirSync(join(dir, 'elsewhere'))
    symlinkSync('../elsewhere', join(out, '.lading'))
    await expect(async () => write({ 'a.png': 'a' })).rejects.toMatchObject({ code: 'E_OUT' })
  })
})

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('two runs at once that write the same file', () => {
  it.each(['has begun', 'has ended'])(
    'the one that comes after another which %s leaves that one alone, and says so',
    async (how) => {
      const target = join(out, 'a.png')
      mkdirSync(out)
      const goOn = gate()
      const begun = gate()
      let other: Promise<unknown> = Promise.resolve()
      const slow: Body = {
        ...bodyOf('other'),
        async read(start, end) {
          begun.open()
          if (how === 'has begun') await goOn.opened
          return bodyOf('other').read(start, end)
        },
      }
      const mine: Body = {
        ...bodyOf('mine'),
        async read(start, end) {
          other = replaceFile(target, { path: 'a.png', body: slow }, undefined)
          await (how === 'has begun' ? begun.opened : other)
          return bodyOf('mine').read(start, end)
        },
      }
      await expect(replaceFile(target, { path: 'a.png', body: mine }, undefined)).rejects.toMatchObject({
        code: 'E_WRITE',
        message: expect.stringContaining('Another run'),
      })
      goOn.open()
      await other
      expect(written()).toEqual({ 'a.png': 'other' })
    },
  )
})

describe('two first runs at once', () => {
  it('each write a marker of their own, of which the last one counts', async () => {
    const [first, second] = [openOutFolder(out), openOutFolder(out)]
    let isAlone = true
    const late: OutFolder = {
      ...first,
      place(path) {
        if (path === '.lading/out.json' && isAlone) {
          isAlone = false // the other begins, and ends, when this one has written its marker and not yet renamed it
          expect(readMarker(out)).toEqual([])
          writeMarker(second, [unsure('b.png')])
        }
        return first.place(path)
      },
    }
    writeMarker(late, [unsure('a.png')])
    expect(isAlone).toBe(false)
    expect(readMarker(out)).toEqual([unsure('a.png')])
    expect(readdirSync(join(out, '.lading'))).toEqual(['out.json'])
  })
})

describe('a run that is told to stop', () => {
  const SITE = {
    ...Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`f/${n}.txt`, `${n}`])),
    'index.html': 'i',
  }
  const reason = Object.assign(new Error('stopped by SIGINT'), { exitCode: 130 })

  /** Fires as soon as the run lets anything else happen. */
  const soon = (): AbortSignal => {
    const controller = new AbortController()
    setImmediate(() => controller.abort(reason))
    return controller.signal
  }

  it('ends with the reason, owns all that it wrote, and the next run writes only the rest', async () => {
    await expect(write(SITE, soon())).rejects.toBe(reason)
    const done = Object.keys(written())
    expect(done.length).toBeLessThan(400)
    expect(done).not.toContain('index.html')
    expect(owned()).toEqual(done)
    const plan = planOut(out, files(SITE))
    expect(plan.unchanged.map(({ path }) => path).sort()).toEqual(done)
    await writeOrigin(plan, true)
    expect(Object.keys(written())).toHaveLength(401)
  })

  it('ends while it removes, too', async () => {
    await write(SITE)
    await expect(write({ 'index.html': 'i' }, soon())).rejects.toBe(reason)
    const left = Object.keys(written())
    expect(left.length).toBeGreaterThan(1)
    expect(owned()).toEqual(left)
    await write({ 'index.html': 'i' })
    expect(written()).toEqual({ 'index.html': 'i' })
  })

  it('owns what it is about to write, should it be killed', async () => {
    await write({ 'a.txt': 'a' })
    const [file] = files({ 'new.txt': 'n' })
    const seen: string[][] = []
    const read = async (): Promise<Uint8Array> => {
      seen.push(owned())
      return Buffer.from('n')
    }
    await writeOrigin(planOut(out, file ? [{ ...file, body: { ...file.body, read } }] : []), true)
    expect(seen).toEqual([['a.txt', 'new.txt']])
    expect(owned()).toEqual(['new.txt'])
  })

  it('writes nothing when it was told so before', async () => {
    await expect(write({ 'index.html': 'i' }, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
    expect(existsSync(out)).toBe(false)
  })
})

describe('files written at once', () => {
  it('are all in place before the first page', async () => {
    const seen: boolean[] = []
    const all = files({
      'index.html': 'i',
      ...Object.fromEntries([...'abcdefghijklmnopqrstuvwxyz'].map((x) => [x, x])),
    })
    const watched = all.map((file) => ({
      ...file,
      body: {
        ...file.body,
        read: async (start: number, end: number) => {
          if (file.isPage) seen.push(readdirSync(out).filter((name) => name.length === 1).length === 26)
          return file.body.read(start, end)
        },
      },
    }))
    await writeOrigin(planOut(out, watched), true)
    expect(seen).toEqual([true])
    expect(readdirSync(out).filter((name) => name.endsWith('.lading'))).toEqual(['.lading'])
  })

  it('are new pages before what is replaced and may name them, and the pages that are replaced after that', async () => {
    await write({ 'about.html': 'old', 'sitemap.xml': 'old' })
    const seen: string[] = []
    const all = files({ 'about.html': 'a', 'sitemap.xml': 's', 'new.html': 'n', 'index.html': 'i' }).map((file) => ({
      ...file,
      body: {
        ...file.body,
        read: async (start: number, end: number) => {
          seen.push(file.path)
          return file.body.read(start, end)
        },
      },
    }))
    await writeOrigin(planOut(out, all), true)
    expect(seen).toEqual(['new.html', 'sitemap.xml', 'about.html', 'index.html'])
  })

  it('hold what was planned, or the old file stays', async () => {
    await write({ 'a.txt': 'old', 'b.txt': 'b' })
    const [file] = planOut(out, files({ 'a.txt': 'new', 'b.txt': 'b' })).write
    const plan = planOut(out, files({ 'a.txt': 'new', 'b.txt': 'b' }))
    const other = plan.write.map((each) => ({ ...each, body: { ...each.body, read: bodyOf('odd').read } }))
    expect(file?.path).toBe('a.txt')
    await expect(writeOrigin({ ...plan, write: other }, true)).rejects.toMatchObject({ code: 'E_SOURCE_CHANGED' })
    expect(written()).toEqual({ 'a.txt': 'old', 'b.txt': 'b' })
  })

  it('that somebody changes after the plan are noticed by the next run', async () => {
    await write({ 'a.txt': 'a', 'b.txt': 'b' })
    const plan = planOut(out, files({ 'a.txt': 'a', 'b.txt': 'new' }))
    place('a.txt', 'x')
    await writeOrigin(plan, true)
    await write({ 'a.txt': 'a', 'b.txt': 'new' })
    expect(written()).toEqual({ 'a.txt': 'a', 'b.txt': 'new' })
  })
})

describe('a page in place', () => {
  const NFD = 'cafe\u0301.html'
  const NFC = NFD.normalize('NFC')

  it('is written under the name that the disk has for it, with the permissions it has', async () => {
    place(NFD, 'old')
    chmodSync(join(out, NFD), 0o600)
    const page = { path: NFC, disk: join(out, NFD), body: bodyOf('new'), isPage: true, current: '' }
    await writeOrigin(planInPlace(out, [page]), false)
    expect(readdirSync(out)).toEqual([NFD])
    expect(readFileSync(join(out, NFD), 'utf8')).toBe('new')
    expect(statSync(join(out, NFD)).mode & 0o777).toBe(0o600)
  })

  it('lies elsewhere than in the output folder, which has names of its own', async () => {
    const disk = join(dir, 'source.html')
    writeFileSync(disk, 'source')
    await writeOrigin(planOut(out, [{ path: 'index.html', disk, body: bodyOf('new'), isPage: true }]), true)
    expect(readFileSync(disk, 'utf8')).toBe('source')
    expect(written()).toEqual({ 'index.html': 'new' })
  })
})
