import { hash } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { copy, LadingError, type Run, rollback, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { drift, FILES, MODES, moving, SECOND, visible } from '../rig/moving.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, keysOf, stateOf } from '../rig/published.ts'
import { putVariants, receiptOf } from '../rig/receipts.ts'

describe.each(MODES)('%s', (_mode, config) => {
  it('to an empty store: everything that visitors get, and every release can be put back there', async () => {
    const made = await moving(config)
    made.become(SECOND)
    await made.site.sync()
    const planned = await made.copy({ dryRun: true })
    expect(await keysOf(made.to.store)).toEqual([])
    const copied = await made.copy()
    expect({ ...planned, dryRun: false, ms: 0 }).toEqual({ ...copied, ms: 0 })
    expect(copied).toMatchObject({ ok: true, releases: 2, rounds: 1, objects: (await made.keys()).length })
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    expect(await drift(made)).toEqual([])
    const there = { ...made.run, openStore: async () => made.to.store }
    expect(await rollback(made.history(), there)).toMatchObject({ published: true })
    if (config === MIRROR)
      expect(Buffer.from((await made.to.store.get('old.html'))?.bytes ?? []).toString()).toBe('old')
  })

  it('variants of images and their receipts come along, before any page, and once', async () => {
    const made = await moving(config)
    const receipt = receiptOf({ bytes: 'photo' })
    await putVariants(made.from.store, [receipt])
    const variants = receipt.variants.map(({ key }) => key)
    const known = (await made.copy({ dryRun: true })).sent
    const writes: string[] = []
    const noting: Store = {
      ...made.to.store,
      put: (key, ...rest) => {
        writes.push(key)
        return made.to.store.put(key, ...rest)
      },
    }
    const openStore: Run['openStore'] = async ({ label }) => (label.includes('elsewhere') ? noting : made.from.store)
    const copied = await made.copy({ run: { openStore } })
    expect(copied.sent).toBe(known)
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    expect(await keysOf(made.to.store)).toEqual(expect.arrayContaining(variants))
    const pages = writes.filter((key) => key.endsWith('.html') || key === '.lading/pointer.json')
    for (const key of variants) expect(writes.indexOf(key)).toBeLessThan(writes.indexOf(pages[0] ?? ''))
    await putVariants(made.from.store, [receiptOf({ bytes: 'a later photo' })])
    expect(await made.copy()).toMatchObject({ sent: 3 })
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
  })

  it('a folder v of the site itself is copied as the files that it holds', async () => {
    const made = await moving(config)
    made.become({ ...FILES, 'v/index.html': '<p>v</p>', 'v/ab/x.png': 'x' })
    await made.site.sync()
    await made.copy()
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    expect(await drift(made)).toEqual([])
  })

  it('again: nothing is sent and nothing changes', async () => {
    const made = await moving(config)
    await made.copy()
    const before = await stateOf(made.to.store)
    expect(await made.copy()).toMatchObject({ sent: 0, bytes: 0, rounds: 1 })
    expect(await stateOf(made.to.store)).toEqual(before)
  })

  it('later: the difference goes, and what the source has lost goes from there as it went from the source', async () => {
    const made = await moving(config)
    await made.copy()
    made.become(SECOND)
    await made.site.sync()
    const copied = await made.copy()
    expect(copied.sent).toBeGreaterThan(0)
    expect(copied.sent).toBeLessThan(copied.objects + 4)
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    expect(await drift(made)).toEqual([])
    expect(await made.copy()).toMatchObject({ sent: 0 })
  })

  it('over a deploy that died there and had a CDN to tell: the pointer says what is still to be told', async () => {
    const made = await moving(config)
    await made.copy()
    const dead = {
      ...{ v: 1, seq: 2, phase: 'publish', epoch: 1, holder: '', channel: 'production', renewals: 0, leaseMs: 1 },
      ...{ startedAt: '2026-03-01T12:00:00.000Z', keys: ['robots.txt'], cdn: true },
    }
    await made.to.store.put('.lading/deploys/2.json', bytesBody(Buffer.from(JSON.stringify(dead))), {})
    made.become(SECOND)
    await made.site.sync()
    await made.copy()
    const pointer = Buffer.from((await made.to.store.get('.lading/pointer.json'))?.bytes ?? []).toString()
    expect(JSON.parse(pointer)).toMatchObject({ owed: [{ paths: expect.arrayContaining(['/robots.txt']) }] })
  })

  it('with a deploy to the source in between: what is live in the end is what was copied', async () => {
    const made = await moving(config)
    let published = false
    const openStore: Run['openStore'] = async ({ label }) => {
      if (!label.includes('elsewhere')) return made.from.store
      return {
        ...made.to.store,
        async put(key, ...rest) {
          if (!published) {
            published = true
            made.become(SECOND)
            await made.site.sync()
          }
          return made.to.store.put(key, ...rest)
        },
      }
    }
    expect(await made.copy({ run: { openStore } })).toMatchObject({ rounds: 2, releases: 2 })
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    expect(await drift(made)).toEqual([])
  })

  it('stopped in the middle, wherever: nothing is live there that is not whole, and the next one completes it', async () => {
    for (let count = 0; ; count++) {
      const made = await moving(config)
      const stop = new AbortController()
      let writes = 0
      const openStore: Run['openStore'] = async ({ label }) => {
        if (!label.includes('elsewhere')) return made.from.store
        return {
          ...made.to.store,
          async put(key, ...rest) {
            if (writes === count) stop.abort(new LadingError('E_ABORTED', 'stopped by SIGINT'))
            writes += 1
            return made.to.store.put(key, ...rest)
          },
        }
      }
      const ended = await made.copy({ run: { openStore, signal: stop.signal } }).catch((error: unknown) => error)
      if (!stop.signal.aborted) break
      if (ended instanceof Error) {
        expect(ended).toMatchObject({ code: 'E_ABORTED' })
        expect(await made.to.store.head('.lading/pointer.json')).toBeUndefined()
      }
      await made.copy()
      expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
      expect(await drift(made)).toEqual([])
      expect(count).toBeLessThan(50)
    }
  })
})

describe('to a store that is live, a copy brings nothing before what it names', () => {
  /** Keys in the order in which a copy of these files puts them over an earlier copy. */
  async function order(before: Record<string, string>, after: Record<string, string>): Promise<string[]> {
    const puts: string[] = []
    const memory = createMemoryStore({ label: 'target' })
    const noting: Store = {
      ...memory,
      async put(key, ...rest) {
        puts.push(key)
        return memory.put(key, ...rest)
      },
    }
    const made = await moving(MIRROR, noting)
    made.become(before)
    await made.site.sync()
    await made.copy()
    made.become(after)
    await made.site.sync()
    puts.length = 0
    await made.copy()
    return puts.filter((key) => !/^\.lading\/(?!deploys)/.test(key))
  }

  it('neither a page that is new, nor a file that a style sheet shows', async () => {
    const before = { 'index.html': '', 'about.html': '', 'site.css': '', 'sitemap.xml': '' }
    const after = {
      'index.html': 'home',
      'about.html': '<a href="new.html">',
      'new.html': 'new',
      'site.css': 'a{background:url(z.png)}',
      'sitemap.xml': '<urlset><url><loc>https://www.example.com/new.html</loc></url></urlset>',
      'z.png': 'z',
    }
    const [deploy, ...files] = await order(before, after)
    expect(deploy).toContain('deploys')
    expect(files).toEqual(['z.png', 'new.html', 'site.css', 'sitemap.xml', 'about.html', 'index.html'])
  })

  it('nor a page in a folder whose name hashed names have elsewhere, which is no reason to go without the lock', async () => {
    const before = { 'index.html': 'home', 'a/page.html': 'old' }
    const after = { 'index.html': 'home', 'a/page.html': '<img src="../x.png">', 'x.png': 'x' }
    expect(await order(before, after)).toEqual([expect.stringContaining('deploys'), 'x.png', 'a/page.html'])
  })
})

describe('what stands in the way', () => {
  it('a store that holds another site is left alone', async () => {
    const made = await moving(MIRROR)
    const other = createPublished({ files: { 'index.html': 'another site' }, config: MIRROR, store: made.to.store })
    onTestFinished(other.remove)
    await other.site.sync()
    const before = await stateOf(made.to.store)
    await expect(made.copy({ dryRun: true })).rejects.toMatchObject({ code: 'E_COPY', exitCode: 3 })
    await expect(made.copy()).rejects.toMatchObject({ code: 'E_COPY', exitCode: 3 })
    expect(await stateOf(made.to.store)).toEqual(before)
  })

  it('objects of somebody else are named, all of them, and nothing is written', async () => {
    const made = await moving(MIRROR)
    await made.to.edit('photo.png', 'theirs')
    await made.to.edit('index.html', 'theirs too')
    await made.to.edit('robots.txt', FILES['robots.txt'])
    const before = await stateOf(made.to.store)
    const refused = { code: 'E_FOREIGN', exitCode: 3, details: ['index.html', 'photo.png'] }
    await expect(made.copy({ dryRun: true })).rejects.toMatchObject(refused)
    await expect(made.copy()).rejects.toMatchObject(refused)
    expect(await stateOf(made.to.store)).toEqual(before)
  })

  it('an object of somebody else with the very bytes becomes ours, and others stay', async () => {
    const made = await moving(MIRROR)
    await made.to.edit('robots.txt', FILES['robots.txt'])
    await made.to.edit('theirs.txt', 'theirs')
    await made.copy()
    expect(await drift(made)).toEqual([])
    expect(Buffer.from((await made.to.store.get('theirs.txt'))?.bytes ?? []).toString()).toBe('theirs')
  })

  it('more pages would go than may: nothing is written', async () => {
    const made = await moving(MIRROR)
    await made.copy()
    made.become(SECOND)
    await made.site.sync()
    const before = await visible(made.to.store)
    const to = made.history({ to: './elsewhere', maxDelete: 0 })
    const openStore: Run['openStore'] = async ({ label }) =>
      label.includes('elsewhere') ? made.to.store : made.from.store
    const refused = { code: 'E_MAX_DELETE', exitCode: 3 }
    await expect(copy({ from: made.history(), to }, { ...made.run, openStore })).rejects.toMatchObject(refused)
    expect(await visible(made.to.store)).toEqual(before)
  })

  it('a source to which nothing was published', async () => {
    const made = createPublished({ files: FILES, config: MIRROR })
    onTestFinished(made.remove)
    const options = { from: made.history(), to: made.history({ to: './elsewhere' }) }
    await expect(copy(options, made.run)).rejects.toMatchObject({ code: 'E_COPY', exitCode: 3 })
  })
})

it('holds few large contents and variants in memory at once, however many requests there may be', async () => {
  const made = await moving(MIRROR)
  const size = 4 * 2 ** 20
  const bodies = Array.from({ length: 8 }, (_, index) => bytesBody(Buffer.alloc(size, index)))
  for (const body of bodies) {
    await made.from.store.put(`.lading/blobs/${body.sha256}`, body, {})
    const [variant] = receiptOf({ bytes: body.sha256 }).variants
    await made.from.store.put(variant?.key ?? '', body, {})
  }
  let [now, most] = [0, 0]
  const counting: Store = {
    ...made.to.store,
    async put(key, body, ...rest) {
      now += body.size
      most = Math.max(most, now)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      now -= body.size
      return made.to.store.put(key, body, ...rest)
    },
  }
  const openStore: Run['openStore'] = async ({ label }) => (label.includes('elsewhere') ? counting : made.from.store)
  expect(await made.copy({ run: { openStore } })).toMatchObject({ ok: true })
  const isThere = await Promise.all(bodies.map(({ sha256 }) => made.to.store.head(`.lading/blobs/${sha256}`)))
  expect(isThere).not.toContain(undefined)
  expect(most).toBeLessThanOrEqual(24 * 2 ** 20)
})

describe('a damaged source', () => {
  it.each(MODES)('%s: an object that has rotted is not copied, and nothing goes live', async (_mode, config) => {
    const made = await moving(config)
    const key = (await made.keys()).find((found) => /photo\.(?:\w{16}\.)?png$/.test(found)) ?? ''
    made.from.rot(key)
    const refused = { code: 'E_INTEGRITY', exitCode: 7, subject: expect.stringContaining(key) }
    await expect(made.copy()).rejects.toMatchObject(refused)
    expect(await made.to.store.head('.lading/pointer.json')).toBeUndefined()
    expect(await made.to.store.head(key)).toBeUndefined()
  })

  it('a content that was kept for rollbacks and has rotted is named', async () => {
    const made = await moving(MIRROR)
    made.become(SECOND)
    await made.site.sync()
    const blob = `blobs/${hash('sha256', 'pixels')}`
    made.from.rot(`.lading/${blob}`)
    const refused = { code: 'E_INTEGRITY', exitCode: 7, subject: expect.stringContaining(blob) }
    await expect(made.copy()).rejects.toMatchObject(refused)
  })

  it('an object that is lost', async () => {
    const made = await moving(MIRROR)
    await made.from.lose('photo.png')
    await expect(made.copy()).rejects.toMatchObject({ code: 'E_INTEGRITY', exitCode: 7 })
    expect(await made.to.store.head('.lading/pointer.json')).toBeUndefined()
  })
})

it('sends nothing before what the probe of the other store wrote is removed, and ends where it cannot be', async () => {
  const made = await moving(MIRROR)
  let remove = (): void => {}
  let fail = (_reason: Error): void => {}
  const probeStore: Run['probeStore'] = async (_target, { onRemoval }) => {
    const removal = new Promise<void>((resolve, reject) => {
      remove = resolve
      fail = reject
    })
    if (onRemoval === undefined) await removal
    else onRemoval(removal)
    return undefined
  }
  const openStore: Run['openStore'] = async ({ label }) =>
    label.includes('elsewhere') ? made.to.store : made.from.store
  const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))

  const refused = expect(made.copy({ run: { openStore, probeStore } })).rejects.toThrow('not to be removed')
  await wait()
  fail(new Error('not to be removed'))
  await refused
  expect(await keysOf(made.to.store)).toEqual([])

  const copying = made.copy({ run: { openStore, probeStore } })
  await wait()
  expect(await keysOf(made.to.store)).toEqual([])
  remove()
  expect(await copying).toMatchObject({ ok: true })
})
