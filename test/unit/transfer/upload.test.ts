import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { LadingError, type Store } from '../../../src/index.ts'
import type { Transfer } from '../../../src/plan/plan.ts'
import { createFolderStore } from '../../../src/store/folder/folder.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { mostOpen } from '../../../src/store/open-files.ts'
import { keepAhead } from '../../../src/transfer/keep-ahead.ts'
import { openState } from '../../../src/transfer/state.ts'
import { startUpload } from '../../../src/transfer/upload.ts'
import type { FileClass, HeaderSet } from '../../../src/words/model.ts'
import { bodyOf } from '../../contract/bodies.ts'
import { createSetting, LEASE_MS, NO_CACHE, stateOf, taken } from './setting.ts'

function put(key: string, fileClass: FileClass, mutable = true): Transfer {
  const bytes = Buffer.from(key)
  const body = { size: bytes.length, sha256: hash('sha256', bytes), read: async () => bytes }
  const object = { key, path: key, fileClass, mutable, body, headers: { 'content-type': 'x/y' } }
  return { op: 'put', object, stored: undefined, reason: 'new' }
}

/** The same of an object that the manifest knows with other bytes. */
function replaced(key: string, fileClass: FileClass): Transfer {
  const transfer = put(key, fileClass)
  const row = { key, sha256: 'ab'.repeat(32), size: 1, headers: {}, etag: undefined, unnamedSince: undefined }
  return transfer.op === 'put' ? { ...transfer, stored: row, reason: 'content' } : transfer
}

const images = (count: number): Transfer[] =>
  Array.from({ length: count }, (_, index) => put(`a/${index}.png`, 'asset', false))

/** A store that answers a put with what `fault` makes of it, and counts the puts. */
function faulty(fault: (key: string, count: number) => LadingError | undefined): { store: Store; tried: string[] } {
  const memory = createMemoryStore()
  const tried: string[] = []
  const store: Store = {
    ...memory,
    put: async (key, ...rest) => {
      const error = fault(key, tried.push(key))
      await new Promise(setImmediate)
      if (error) throw error
      return memory.put(key, ...rest)
    },
  }
  return { store, tried }
}

const timeout = (): LadingError => new LadingError('E_TIMEOUT', 'no answer within 60 s', { retryable: true })

/** Sends everything as a deploy does: hashed names, then the rest under a deploy that is held elsewhere. */
async function run(transfers: readonly Transfer[], store: Store, concurrency = 4): Promise<void> {
  const { blobs } = stateOf(store)
  const upload = startUpload(transfers, { store, blobs, concurrency, emit: () => {} })
  await upload.assets()
  const { held } = await taken(createSetting().run().take(1, upload.replaced))
  await upload.ownPaths(held).finally(held.settle)
}

describe('the order of an upload', () => {
  it('sends what is replaced at once, style sheets with their images: the sooner, the fewer visitors meet one without the other', async () => {
    const names = ['app.js', 'a.css', 'x.png', 'site.webmanifest']
    const memory = createMemoryStore()
    const tried: string[] = []
    let allAreTried = (): void => {}
    const answers = new Promise<void>((resolve) => {
      allAreTried = resolve
    })
    const store: Store = {
      ...memory,
      async put(key, ...rest) {
        if (tried.push(key) === names.length) allAreTried()
        await answers
        return memory.put(key, ...rest)
      },
    }
    await run(
      names.map((name) => replaced(name, 'asset')),
      store,
    )
    expect(tried).toEqual(names)
  })

  it('sends what is named before what names it: new files and pages, replaced files, replaced pages, the front door, service workers', async () => {
    const { store, tried } = faulty(() => undefined)
    await run(
      [
        put('index.html', 'page'),
        replaced('about.html', 'page'),
        put('legal/imprint.html', 'root'),
        replaced('site.webmanifest', 'manifest'),
        replaced('app.js', 'bundle'),
        put('new.css', 'style'),
        replaced('a.css', 'style'),
        replaced('sw.js', 'root'),
        put('new.png', 'asset'),
        replaced('x.png', 'asset'),
        replaced('favicon.ico', 'well-known'),
        put('a/x.0123456789abcdef.png', 'asset', false),
      ],
      store,
      1,
    )
    expect(tried).toEqual([
      'a/x.0123456789abcdef.png',
      'new.css',
      'new.png',
      'legal/imprint.html',
      'site.webmanifest',
      'app.js',
      'a.css',
      'x.png',
      'favicon.ico',
      'about.html',
      'index.html',
      'sw.js',
    ])
  })

  it('sends no style sheet when an image that it may name could not be sent', async () => {
    const { store } = faulty((key) => (key === 'x.png' ? timeout() : undefined))
    await expect(run([replaced('a.css', 'style'), put('x.png', 'asset')], store)).rejects.toMatchObject({
      code: 'E_TIMEOUT',
    })
    expect(await store.head('a.css')).toBeUndefined()
  })

  it('sends what is new at once, whatever it names: nothing that is live leads to it', async () => {
    const memory = createMemoryStore()
    const under: string[] = []
    let most = 0
    const store: Store = {
      ...memory,
      async put(key, ...rest) {
        most = Math.max(most, under.push(key))
        await new Promise(setImmediate)
        const result = await memory.put(key, ...rest)
        under.splice(under.indexOf(key), 1)
        return result
      },
    }
    await run([put('site.webmanifest', 'manifest'), put('app.js', 'bundle'), put('x.png', 'asset')], store)
    expect(most).toBe(3)
  })
})

describe('what is overwritten', () => {
  /** A store that holds the keys with other bytes, the writes that put those right, and what is copied and put. */
  async function stocked(keys: readonly string[]): Promise<{ store: Store; transfers: Transfer[]; done: string[] }> {
    const memory = createMemoryStore()
    const done: string[] = []
    const store: Store = {
      ...memory,
      async copy(from, ...rest) {
        done.push(`copy ${from}`)
        return memory.copy(from, ...rest)
      },
      async put(key, ...rest) {
        done.push(`put ${key}`)
        return memory.put(key, ...rest)
      },
    }
    const transfers: Transfer[] = []
    for (const key of keys) {
      const before = put(`${key} as it was`, 'style').object
      const stored = await memory.put(key, before.body, before.headers)
      const row = { key, sha256: before.body.sha256, size: before.body.size, headers: before.headers }
      const etag = stored.status === 'stored' ? stored.etag : undefined
      const { object } = put(key, key.endsWith('.css') ? 'style' : 'asset')
      transfers.push({ op: 'put', object, stored: { ...row, etag, unnamedSince: undefined }, reason: 'content' })
    }
    return { store, transfers, done }
  }

  it('is kept once, all of it before the first of it is written, whatever names what', async () => {
    const { store, transfers, done } = await stocked(['a.css', 'b.png'])
    const { blobs } = stateOf(store)
    const upload = startUpload(transfers, { store, blobs, concurrency: 4, emit: () => {} })
    await upload.assets()
    expect(done).toEqual([]) // a takedown may be on its way, whose deploy this one waits for
    const { held } = await taken(createSetting().run().take(1, upload.replaced))
    await upload.ownPaths(held).finally(held.settle)
    expect(done).toEqual(['copy a.css', 'copy b.png', 'put a.css', 'put b.png'])
    const kept = await blobs.list()
    expect(kept.sort()).toEqual(transfers.map(({ op, ...rest }) => 'stored' in rest && rest.stored?.sha256).sort())
  })

  it('is not kept any more once the deploy is lost: a takedown may have gone before', async () => {
    const { store, transfers } = await stocked(['a.css', 'b.png'])
    const setting = createSetting()
    const { blobs } = stateOf(store)
    const upload = startUpload(transfers, { store, blobs, concurrency: 4, emit: () => {} })
    const { held } = await taken(setting.run().take(1, upload.replaced))
    setting.clock.advance(LEASE_MS + 1)
    await expect(upload.ownPaths(held).finally(held.settle)).rejects.toMatchObject({ code: 'E_LOCK_LOST' })
    expect(await blobs.list()).toEqual([])
  })

  it('is not kept in another store by who has lost the deploy while it was read', async () => {
    const { store: site, transfers } = await stocked(['a.css'])
    const setting = createSetting()
    const reading: Store = {
      ...site,
      async get(...asked) {
        const found = await site.get(...asked)
        setting.clock.advance(LEASE_MS + 1)
        return found
      },
    }
    const store = createMemoryStore()
    const { blobs } = openState({ site: reading, store, folder: '', cacheDir: NO_CACHE })
    const upload = startUpload(transfers, { store: reading, blobs, concurrency: 4, emit: () => {} })
    const { held } = await taken(setting.run().take(1, upload.replaced))
    await expect(upload.ownPaths(held).finally(held.settle)).rejects.toMatchObject({ code: 'E_LOCK_LOST' })
    expect(await blobs.list()).toEqual([])
  })

  it('is not written where it could not be kept, and after one failure no further copy is begun', async () => {
    const keys = Array.from({ length: 9 }, (_, index) => `${index}.png`)
    const { store, transfers, done } = await stocked(keys)
    const failing: Store = {
      ...store,
      async copy(from) {
        done.push(`copy ${from}`)
        throw timeout()
      },
    }
    const { blobs } = stateOf(failing)
    await keepAhead(transfers, { blobs, concurrency: 2 }).keep({})
    expect(done.length).toBeLessThanOrEqual(2)
    const upload = startUpload(transfers, { store: failing, blobs, concurrency: 2, emit: () => {} })
    const { held } = await taken(createSetting().run().take(1, upload.replaced))
    await expect(upload.ownPaths(held).finally(held.settle)).rejects.toMatchObject({ code: 'E_TIMEOUT' })
    expect(done.filter((deed) => deed.startsWith('put'))).toEqual([])
  })
})

describe('a store that does not answer any more', () => {
  it.each([
    ['E_TIMEOUT', 64, 10 + 63],
    ['E_THROTTLED', 4, 4 + 3],
    ['E_TIMEOUT', 1, 3],
  ] as const)('is given up after a few failures in a row (%s, %i at once)', async (code, concurrency, most) => {
    const { store, tried } = faulty(() => new LadingError(code, 'no answer', { retryable: true }))
    await expect(run(images(500), store, concurrency)).rejects.toMatchObject({
      code,
      retryable: true,
      why: expect.stringMatching(
        /^The store kept failing, so 4\d\d objects more are left untried\. The live site is unch/,
      ),
    })
    expect(tried.length).toBeLessThanOrEqual(most)
  })

  it('is not given up while some objects arrive', async () => {
    const { store, tried } = faulty((_, count) => (count % 3 === 0 ? undefined : timeout()))
    await expect(run(images(60), store)).rejects.toMatchObject({ message: expect.stringMatching(/^40 of 60 objects/) })
    expect(tried).toHaveLength(60)
  })

  it('is not what failures for lasting reasons mean: all of them are told', async () => {
    const { store } = faulty((key) => new LadingError('E_STORE', `no ${key}`))
    const error: unknown = await run(images(60), store).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'E_STORE', retryable: false })
    expect(error instanceof LadingError ? error.details : []).toHaveLength(60)
  })
})

describe('what a failed upload says of the live site', () => {
  it('is that nothing changed, as long as only new names were sent', async () => {
    const { store } = faulty((key) => (key === 'a/1.png' ? new LadingError('E_STORE', 'full') : undefined))
    await expect(run([...images(3), put('index.html', 'page')], store)).rejects.toMatchObject({
      message: '1 of 4 objects could not be sent; nothing was published',
      why: expect.stringContaining('The live site is unchanged'),
    })
  })

  it('is how much of it is new already, once files under their own names were sent', async () => {
    const { store } = faulty((key) => (key === 'b.html' ? new LadingError('E_STORE', 'full') : undefined))
    const transfers = [put('x.png', 'asset'), put('a.html', 'page'), put('b.html', 'page')]
    await expect(run(transfers, store)).rejects.toMatchObject({
      message: '1 of 3 objects could not be sent; no release was published',
      why: '2 files of the live site are new already; what they name was sent before them.',
    })
  })

  it.each([
    ['the disk answered EMFILE', 'The disk answered EMFILE. '],
    ['it said “no.”\n', 'It said “no.” '],
    ['index.html was replaced!', 'index.html was replaced! '],
    ['', ''],
  ])('is a sentence of its own, behind why they all failed: %j', async (why, sentence) => {
    const { store } = faulty((key) => (key === 'b.html' ? new LadingError('E_STORE', 'full', { why }) : undefined))
    await expect(run([put('x.png', 'asset'), put('b.html', 'page')], store)).rejects.toMatchObject({
      why: `${sentence}1 file of the live site is new already; what they name was sent before them.`,
    })
  })
})

describe('how many are sent at once', () => {
  /** @returns the most puts that ran at once, of a store whose answers take long */
  const mostPuts = async (limits: Partial<Store['limits']>): Promise<number> => {
    const memory = createMemoryStore()
    let [running, most] = [0, 0]
    const store: Store = {
      ...memory,
      limits: { ...memory.limits, ...limits },
      put: async (...given) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setTimeout(resolve, 30))
        running -= 1
        return memory.put(...given)
      },
    }
    const { blobs } = stateOf(store)
    await startUpload(images(80), { store, blobs, concurrency: 4, mostAtOnce: 16, emit: () => {} }).assets()
    return most
  }

  it('grows where answers take long', async () => {
    expect(await mostPuts({})).toBeGreaterThan(4)
  })

  it('does not grow where a store has no use for more, such as a folder: it would only open more files', async () => {
    expect(createFolderStore({ path: 'store' }).limits.callsAtOnce).toBe(Math.min(64, mostOpen()))
    expect(await mostPuts({ callsAtOnce: 4 })).toBe(4)
    expect(await mostPuts({ callsAtOnce: 2 })).toBe(2)
  })

  it('leaves the small ones their share of the few, too', async () => {
    const memory = createMemoryStore()
    const { store, tried } = faulty(() => undefined)
    const few: Store = { ...store, limits: { ...memory.limits, callsAtOnce: 4 } }
    const large = Array.from({ length: 8 }, (_, index) => put(`a/large-${index}`, 'asset', false)).map((transfer) => ({
      ...transfer,
      object: { ...transfer.object, body: bodyOf(Buffer.alloc(300_000, transfer.object.key)) },
    }))
    await run([...large, ...images(20)], few, 64)
    expect(tried.slice(0, 4).filter((key) => key.includes('large'))).toHaveLength(2)
  })
})

describe('an object that is there already, in a store that forgets a header', () => {
  /** A store that keeps no `cache-control`, and how often it was asked for new headers. */
  async function forgetful(kept: HeaderSet): Promise<{ store: Store; transfer: Transfer; reheadered: string[] }> {
    const memory = createMemoryStore()
    const reheadered: string[] = []
    const store: Store = {
      ...memory,
      facts: { ...memory.facts, forgets: ['cache-control'] },
      async reheader(key, ...rest) {
        reheadered.push(key)
        return memory.reheader(key, ...rest)
      },
    }
    const { object } = put('a/x.0123456789abcdef.png', 'asset', false)
    await memory.put(object.key, object.body, kept)
    const headers = { ...object.headers, 'cache-control': 'max-age=31536000, immutable' }
    return {
      store,
      transfer: { op: 'put', object: { ...object, headers }, stored: undefined, reason: 'new' },
      reheadered,
    }
  }

  it('is left as it is when all other headers are right', async () => {
    const { store, transfer, reheadered } = await forgetful({ 'content-type': 'x/y' })
    await run([transfer], store)
    expect(reheadered).toEqual([])
  })

  it('is given its headers when another one is wrong', async () => {
    const { store, transfer, reheadered } = await forgetful({ 'content-type': 'y/z' })
    await run([transfer], store)
    expect(reheadered).toEqual([transfer.object.key])
  })
  it('is given a header that the store forgets when that one has changed since the last publish', async () => {
    const { store, transfer, reheadered } = await forgetful({ 'content-type': 'x/y' })
    const { object } = transfer
    const row = { key: object.key, ...object.body, headers: { 'content-type': 'x/y' } }
    const stored = { ...row, etag: undefined, unnamedSince: undefined }
    await run([{ op: 'reheader', object, stored, reason: 'headers' }], store)
    expect(reheadered).toEqual([object.key])
  })
})
