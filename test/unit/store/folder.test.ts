import { existsSync, readdirSync } from 'node:fs'
import {
  access,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFolderStore } from '../../../src/store/folder/folder.ts'
import { fileOfKey, keyOfFile } from '../../../src/store/folder/names.ts'
import type { Store } from '../../../src/store/store.ts'
import { withPrefix } from '../../../src/store/wrappers/with-prefix.ts'
import { LadingError } from '../../../src/words/errors.ts'
import type { Body } from '../../../src/words/model.ts'
import { bodyOf, changedBody } from '../../contract/bodies.ts'
import { ODD_NAMES } from '../../contract/odd-names.ts'

const PLAIN = { 'content-type': 'text/plain' }

describe('fileOfKey', () => {
  it('leaves plain names readable', () => {
    expect(fileOfKey('img/logo-2x_a.png')).toBe('img/logo-2x_a.png~')
  })

  it.each(ODD_NAMES)('%s comes back from its file name', (key) => {
    expect(keyOfFile(fileOfKey(key))).toBe(key)
  })

  it('gives every key a file of its own, on a disk that folds case and Unicode too', () => {
    const files = ODD_NAMES.map((key) => fileOfKey(key).toLowerCase().normalize('NFC'))
    expect(new Set(files).size).toBe(ODD_NAMES.length)
  })

  it('never gives a file the name of another key’s folder', () => {
    const folders = new Set(
      ODD_NAMES.flatMap((key) => {
        const parts = fileOfKey(key).split('/')
        return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
      }),
    )
    for (const key of ODD_NAMES) expect(folders.has(fileOfKey(key))).toBe(false)
  })

  it('makes names that every file system takes', () => {
    for (const key of [...ODD_NAMES, 'U'.repeat(1024)]) {
      for (const name of fileOfKey(key).split('/')) {
        expect(name.length).toBeLessThanOrEqual(220)
        expect(name).toMatch(/^[a-z0-9._%-]*[+~]?$/)
        expect(name).not.toMatch(/^(con|prn|aux|nul)(\.|~|$)/)
        expect(name).not.toMatch(/\.$/)
      }
    }
  })

  it('reads no key from the name of another file', () => {
    for (const file of ['a', 'A~', '%41/b', '%zz~', '%61~', '.DS_Store', 'a~.swp'])
      expect(keyOfFile(file)).toBeUndefined()
  })
})

describe('a folder store', () => {
  let path: string
  let store: Store
  const put = (key: string, text: string): ReturnType<Store['put']> => store.put(key, bodyOf(text), PLAIN)
  const files = async (below: string): Promise<string[]> => {
    const entries = await readdir(join(path, below), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
  }

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'lading-folder-'))
    store = createFolderStore({ path, lockStaleMs: 100 })
  })
  afterEach(async () => {
    await rm(path, { recursive: true })
  })

  it('keeps nothing of what was replaced, refused, or removed', async () => {
    await put('a', '1')
    await put('a', '2')
    await store.put('a', bodyOf('3'), PLAIN, { when: 'absent' })
    await store.put('a', bodyOf('4'), PLAIN, { when: { etag: 'other' } })
    await store.put('a', changedBody('5'), PLAIN).catch(() => undefined)
    await store.copy('a', 'b', { when: { etag: 'other' } })
    expect(await files('objects')).toHaveLength(1)
    expect(await files('meta')).toEqual(['a~'])
    await store.remove(['a'])
    expect(await files('.')).toEqual([])
  })

  it('is written to where files have no sync() of their own, as under Yarn Plug’n’Play', async () => {
    const handle = await open(tmpdir())
    const prototype: { sync(): Promise<void> } = Object.getPrototypeOf(handle)
    await handle.close()
    const lacking = vi.spyOn(prototype, 'sync').mockImplementation(() => {
      throw new Error('Method not implemented.')
    })
    try {
      await expect(put('a', '1')).resolves.toMatchObject({ status: 'stored' })
      expect(await files('meta')).toEqual(['a~'])
    } finally {
      lacking.mockRestore()
    }
  })

  it('says what a key holds in a file that people can read', async () => {
    await put('img/a.txt', 'x')
    const meta = JSON.parse(await readFile(join(path, 'meta/img/a.txt~'), 'utf8'))
    expect(meta).toMatchObject({ v: 1, key: 'img/a.txt', size: 1, sha256: bodyOf('x').sha256, headers: PLAIN })
    expect(await readFile(join(path, 'objects', meta.body), 'utf8')).toBe('x')
  })

  it('does not write through a link that somebody planted for a folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'lading-outside-'))
    try {
      await put('first', 'x')
      await symlink(outside, join(path, 'objects/img'))
      await expect(put('img/a', 'x')).rejects.toMatchObject({ code: 'E_STORE' })
      expect(await readdir(outside)).toEqual([])
    } finally {
      await rm(outside, { recursive: true })
    }
  })

  it('does not write through a link that took the place of a folder which is in use, at any height', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'lading-outside-'))
    try {
      await put('img/deep/a', 'x')
      for (const half of ['objects', 'meta']) {
        await rename(join(path, half, 'img'), join(outside, half))
        await symlink(join(outside, half), join(path, half, 'img'))
        const before = await readdir(join(outside, half, 'deep'))
        await expect(put('img/deep/b', 'x')).rejects.toMatchObject({
          code: 'E_STORE',
          why: expect.stringMatching(/follows no links/),
        })
        expect(await readdir(join(outside, half, 'deep'))).toEqual(before)
        await unlink(join(path, half, 'img'))
        await rename(join(outside, half), join(path, half, 'img'))
      }
    } finally {
      await rm(outside, { recursive: true })
    }
  })

  it('refuses a file in the place of a folder', async () => {
    await put('first', 'x')
    await writeFile(join(path, 'objects/img'), '')
    await expect(put('img/a', 'x')).rejects.toMatchObject({
      code: 'E_STORE',
      why: expect.stringMatching(/changed from/),
    })
  })

  it('is used through a link to its root, which is its owner’s', async () => {
    const link = `${path}-link`
    await symlink(path, link)
    try {
      const linked = createFolderStore({ path: link })
      await linked.put('img/a', bodyOf('x'), PLAIN)
      await linked.put('img/b', bodyOf('x'), PLAIN)
      expect(await store.get('img/b')).toBeDefined()
    } finally {
      await unlink(link)
    }
  })

  it('does not read through a link that somebody planted for an object', async () => {
    await put('a', 'x')
    const secret = join(path, 'secret')
    await writeFile(secret, 'y')
    const [body = ''] = await files('objects')
    await unlink(join(path, 'objects', body))
    await symlink(secret, join(path, 'objects', body))
    await expect(store.get('a')).rejects.toMatchObject({ code: 'E_STORE' })
  })

  it('tells lost and damaged bytes from an object that is not there', async () => {
    await put('a', 'long enough')
    const [body = ''] = await files('objects')
    await truncate(join(path, 'objects', body), 3)
    await expect(store.get('a')).rejects.toMatchObject({ code: 'E_INTEGRITY' })
    expect(await store.head('a')).toMatchObject({ size: 3, sha256: undefined })
    await unlink(join(path, 'objects', body))
    await expect(store.get('a')).rejects.toMatchObject({ code: 'E_INTEGRITY' })
    expect(await store.head('a')).toMatchObject({ size: 0, sha256: undefined })
    await writeFile(join(path, 'meta/a~'), '{"v":1')
    await expect(store.head('a')).rejects.toMatchObject({ code: 'E_INTEGRITY' })
  })

  it('follows no path that a record names outside of it', async () => {
    await put('a', 'x')
    const file = join(path, 'meta/a~')
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"body":"[^"]*"/, '"body":"../../../etc/hostname"'))
    await expect(store.get('a')).rejects.toMatchObject({ code: 'E_INTEGRITY' })
  })

  it('takes over the lock of a process that died, and waits for one that lives', async () => {
    await put('a', '1')
    await put('a', '2')
    const [lock = ''] = await locksTaken(() => put('a', '3'))
    await writeFile(join(path, 'locks', lock), 'a process that died')
    const start = performance.now()
    expect(await put('a', '4')).toMatchObject({ status: 'stored' })
    expect(performance.now() - start).toBeGreaterThanOrEqual(95)
    await expect(access(join(path, 'locks', lock))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('stops waiting for a lock when the signal fires', async () => {
    await put('a', '1')
    const [lock = ''] = await locksTaken(() => put('a', '2'))
    await writeFile(join(path, 'locks', lock), 'somebody')
    const slow = createFolderStore({ path })
    const signal = AbortSignal.timeout(50)
    await expect(slow.put('a', bodyOf('3'), PLAIN, { signal })).rejects.toMatchObject({ code: 'E_ABORTED' })
  })

  it('is one store for two processes', async () => {
    // With patience: a lock that is held must not look stale on a machine under load.
    const [one, other] = [createFolderStore({ path }), createFolderStore({ path })]
    const first = await put('a', 'first')
    const etag = first.status === 'stored' ? first.etag : ''
    const results = await Promise.all(
      [one, other, one, other].map((each, index) => each.put('a', bodyOf(`${index}`), PLAIN, { when: { etag } })),
    )
    expect(results.filter(({ status }) => status === 'stored')).toHaveLength(1)
  })

  it('gives every reader one version while it is replaced all the time', async () => {
    const write = (text: string) => store.put('a', bodyOf(text), { 'content-type': `text/${text}` })
    await write('x')
    let isWriting = true
    const writing = (async () => {
      for (let i = 0; i < 60; i++) await write(i % 2 === 0 ? 'y' : 'x')
      isWriting = false
    })()
    let reads = 0
    const reading = async (): Promise<void> => {
      while (isWriting) {
        const found = await store.get('a')
        expect(`text/${Buffer.from(found?.bytes ?? []).toString()}`).toBe(found?.headers['content-type'])
        reads += 1
      }
    }
    await Promise.all([writing, ...Array.from({ length: 8 }, reading)])
    expect(reads).toBeGreaterThan(60)
  })

  it('names the disk’s reason when it may not write', async () => {
    await mkdir(join(path, 'file'))
    await writeFile(join(path, 'file/objects'), '')
    const broken = createFolderStore({ path: join(path, 'file') })
    await expect(broken.put('a', bodyOf('x'), PLAIN)).rejects.toMatchObject({
      code: 'E_STORE',
      subject: expect.any(String),
    })
  })

  it.skipIf(!existsSync('/proc/self'))('fails where no folder can be made, instead of trying for ever', async () => {
    const store = createFolderStore({ path: '/proc/lading-has-no-room/here' })
    await expect(store.put('a', bodyOf('x'), {})).rejects.toMatchObject({ code: 'E_STORE' })
  })

  it.runIf(existsSync('/sys/kernel'))('names the folder that may not be written, and not the key alone', async () => {
    const store = createFolderStore({ path: '/sys/kernel/lading-store' })
    await expect(store.put('img/a.png', bodyOf('x'), PLAIN)).rejects.toMatchObject({
      code: 'E_ACCESS_DENIED',
      message: 'the folder store may not be used for "img/a.png"',
      subject: expect.stringMatching(/^\/sys\/kernel\/lading-store/),
    })
  })

  it('counts the age of an object from the stamp of its record', async () => {
    await put('a', 'x')
    const past = new Date(Date.now() - 90_000)
    await utimes(join(path, 'meta/a~'), past, past)
    for (const found of [await store.head('a'), await store.get('a')]) {
      expect(Math.round((found?.ageMs ?? 0) / 10_000)).toBe(9)
    }
    const future = new Date(Date.now() + 90_000)
    await utimes(join(path, 'meta/a~'), future, future)
    expect((await store.head('a'))?.ageMs).toBe(0)
  })

  it('asks a guard when the lock is held and nothing else is left to do', async () => {
    const first = await put('a', 'x')
    const when = { etag: first.status === 'stored' ? first.etag : '' }
    const seen: string[][] = []
    const guard = (): void => void seen.push(readdirSync(join(path, 'locks')))
    await store.put('a', bodyOf('y'), PLAIN, { when, guard })
    await store.reheader('a', { 'content-type': 'text/html' }, { guard })
    await store.remove(['a'], { guard })
    expect(seen.map((locks) => locks.length)).toEqual([1, 1, 1])
  })

  it('has so many writes at once and no more, whatever it is asked for', async () => {
    const few = createFolderStore({ path, linePlaces: 5 })
    let [begun, fill, free] = [0, () => {}, () => {}]
    const full = new Promise<void>((resolve) => {
      fill = resolve
    })
    const freed = new Promise<void>((resolve) => {
      free = resolve
    })
    const body = (index: number): Body => {
      const { read, ...others } = bodyOf(`object ${index}`)
      const held: Body['read'] = async (...range) => {
        if (++begun === 5) fill()
        await freed
        return read(...range)
      }
      return { ...others, read: held }
    }
    const keys = Array.from({ length: 40 }, (_, index) => `${index}.txt`)
    const written = Promise.all(keys.map((key, index) => few.put(key, body(index), PLAIN)))
    await full
    // long enough for one more to come as far
    await store.put('another.txt', bodyOf('another'), PLAIN)
    expect(begun).toBe(5)
    free()
    await written
    expect(few.limits.callsAtOnce).toBe(4)
    expect(await files('meta')).toHaveLength(keys.length + 1)
  })

  it('reads for its own writes, however many of them there are', async () => {
    const few = createFolderStore({ path, linePlaces: 2 })
    const source = bodyOf('source')
    await few.put('source', source, PLAIN)
    const read: Body['read'] = async () => (await few.get('source'))?.bytes ?? new Uint8Array()
    const keys = Array.from({ length: 300 }, (_, index) => `${index}.txt`)
    await Promise.all(keys.map((key) => few.put(key, { ...source, read }, PLAIN)))
    expect(await files('meta')).toHaveLength(keys.length + 1)
  })

  it('keeps nothing of a write that its guard has ended', async () => {
    await put('a', 'x')
    const guard = (): never => {
      throw new LadingError('E_LOCK_LOST', 'the lease has ended')
    }
    const writes = [
      () => store.put('a', bodyOf('y'), PLAIN, { guard }),
      () => store.put('b', bodyOf('y'), PLAIN, { guard }),
      () => store.copy('a', 'b', { guard }),
      () => store.reheader('a', PLAIN, { guard }),
      () => store.remove(['a'], { guard }),
    ]
    for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'E_LOCK_LOST' })
    expect(await files('objects')).toHaveLength(1)
    expect(await files('meta')).toEqual(['a~'])
    expect([...(await files('tmp')), ...(await files('locks'))]).toEqual([])
  })

  describe('when it is swept', () => {
    /** A store to which everything that nobody names is old. */
    const impatient = (): Store => createFolderStore({ path, leftoverMs: -60_000 })
    const leave = async (file: string): Promise<void> => {
      await mkdir(join(path, file, '..'), { recursive: true })
      await writeFile(join(path, file), 'half')
    }

    it('loses what writers that died have left, and nothing else', async () => {
      await put('a', 'x')
      await put('img/b', 'y')
      await store.copy('a', 'c')
      await leave('tmp/0123')
      await leave(`objects/a~${'0'.repeat(16)}`)
      await leave(`objects/img/new~${'0'.repeat(16)}`)
      await leave('objects/notes.txt')
      expect(await impatient().sweep()).toBe(3)
      for (const [key, text] of [
        ['a', 'x'],
        ['img/b', 'y'],
        ['c', 'x'],
      ] as const) {
        expect(Buffer.from((await store.get(key))?.bytes ?? []).toString()).toBe(text)
      }
      expect(await readdir(join(path, 'objects'))).toContain('notes.txt')
      expect(await impatient().sweep()).toBe(0)
    })

    it('keeps what is younger than a day', async () => {
      await put('a', 'x')
      await leave('tmp/0123')
      await leave(`objects/a~${'0'.repeat(16)}`)
      expect(await store.sweep()).toBe(0)
      expect(await files('tmp')).toEqual(['0123'])
    })

    it('stays below its prefix', async () => {
      await leave(`objects/a~${'0'.repeat(16)}`)
      await leave(`objects/img/b~${'0'.repeat(16)}`)
      await leave(`objects/img2/b~${'0'.repeat(16)}`)
      expect(await withPrefix(impatient(), 'img/').sweep()).toBe(1)
      expect((await files('objects')).toSorted()).toEqual([`a~${'0'.repeat(16)}`, `b~${'0'.repeat(16)}`])
    })

    it('costs a writer that slept for so long another attempt', async () => {
      await put('a', 'x')
      const body = bodyOf('y')
      const slow = {
        ...body,
        read: async (start: number, end: number) => {
          await impatient().sweep()
          return body.read(start, end)
        },
      }
      await expect(store.put('a', slow, PLAIN)).rejects.toMatchObject({ code: 'E_STORE', retryable: true })
      expect(Buffer.from((await store.get('a'))?.bytes ?? []).toString()).toBe('x')
    })
  })

  /** The names of the locks that a call takes, read while it runs. */
  async function locksTaken(call: () => Promise<unknown>): Promise<string[]> {
    const seen = new Set<string>()
    let isRunning = true
    const running = call().finally(() => {
      isRunning = false
    })
    while (isRunning) for (const name of await readdir(join(path, 'locks')).catch(() => [])) seen.add(name)
    await running
    return [...seen]
  }
})
