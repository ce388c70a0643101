import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { originalKey } from '../../src/batch/plan/keys.ts'
import { receiptKeyOf } from '../../src/images/plan/recipe.ts'
import { type LadingConfig, type Removal, type RemoveOptions, remove, rollback, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { startCloudflare } from '../rig/cloudflare.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, keysOf, type Published, stateOf } from '../rig/published.ts'
import { putVariants, receiptOf } from '../rig/receipts.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const FILES = {
  'index.html': '<link rel="stylesheet" href="site.css"><img src="photo.png"><img src="other.png">',
  'site.css': 'body{background:url(photo.png)}',
  'photo.png': 'a face',
  'other.png': 'no face',
  'twin.png': 'a face',
}

async function published(config: LadingConfig, store?: Store): Promise<Published> {
  const made = createPublished({ files: FILES, config, ...(store && { store }) })
  all.push(made)
  await made.site.sync()
  return made
}

const takeDown = (
  { history, run }: Published,
  subject: string,
  more: LadingConfig & Pick<RemoveOptions, 'now'> = { now: true },
): Promise<Removal> => {
  const { now, ...config } = more
  return remove({ ...history(config), subject, now }, run)
}

const goneAs = ({ said }: Published): [string, string][] =>
  said.flatMap((event): [string, string][] =>
    event.type === 'file' ? [[event.key.replace(/\.[a-z2-7]{16}\./, '.*.'), event.reason]] : [],
  )

/** Whether these bytes are anywhere in the store, under whatever name. */
async function isAnywhere(store: Store, text: string): Promise<boolean> {
  for (const key of await keysOf(store)) {
    const bytes = (await store.get(key))?.bytes ?? ''
    if (Buffer.from(bytes).toString() === text) return true
  }
  return false
}

describe('without now', () => {
  it.each<[string, LadingConfig]>([
    ['mirror', MIRROR],
    ['offload', {}],
    ['host', { host: true }],
  ])('%s: says everything that would go, and removes nothing', async (_mode, config) => {
    const made = await published(config)
    const before = await stateOf(made.store)
    const planned = await takeDown(made, 'photo.png', {})
    const said = goneAs(made)
    expect(planned).toMatchObject({ dryRun: true, ok: true })
    expect(await stateOf(made.store)).toEqual(before)
    const done = await takeDown(made, 'photo.png')
    expect({ ...done, ms: 0 }).toEqual({ ...planned, dryRun: false, ms: 0 })
    expect(goneAs(made)).toEqual(said)
  })
})

describe('now', () => {
  it('an empty file takes no other empty file with it, nor what is kept of one', async () => {
    const empty = { 'a.css': '', 'b.js': '', 'c.txt': '' }
    const made = createPublished({ files: { ...FILES, ...empty }, config: MIRROR })
    all.push(made)
    await made.site.sync()
    made.become({ ...FILES, ...empty, 'c.txt': 'no longer empty' })
    await made.site.sync()
    const kept = `.lading/blobs/${hash('sha256', '')}`
    expect(await keysOf(made.store)).toContain(kept)
    await takeDown(made, 'a.css')
    expect(goneAs(made)).toEqual([['a.css', 'named']])
    expect(await keysOf(made.store)).toEqual(expect.arrayContaining([kept, 'b.js']))
  })

  it('a file goes from a mirror, with whatever holds the same bytes, and its neighbours stay', async () => {
    const made = await published(MIRROR)
    expect(await takeDown(made, 'photo.png')).toMatchObject({ removed: 2, kept: 3, bytes: 2 * 'a face'.length })
    expect(goneAs(made).sort()).toEqual([
      ['photo.png', 'named'],
      ['twin.png', 'holds the same bytes'],
    ])
    expect(await made.keys()).toEqual(['index.html', 'other.png', 'site.css'])
    expect(await isAnywhere(made.store, 'a face')).toBe(false)
  })

  it('its hashed names go, and those of earlier versions, and the copies at its own path', async () => {
    const made = await published({ host: true })
    made.become({ ...FILES, 'photo.png': 'another face', 'twin.png': 'a view' })
    await made.site.sync()
    await takeDown(made, 'photo.png')
    expect(await isAnywhere(made.store, 'a face')).toBe(false)
    expect(await isAnywhere(made.store, 'another face')).toBe(false)
    expect(await isAnywhere(made.store, 'a view')).toBe(true)
    expect(new Set(goneAs(made).map(([key]) => key))).toEqual(new Set(['photo.png', 'a/photo.*.png', 'a/twin.*.png']))
  })

  it('what was rendered from any version of it goes, and what a batch keeps of it, and no others are touched', async () => {
    const made = await published({ host: true })
    const [ours, others] = [receiptOf({ bytes: 'a face' }), receiptOf({ bytes: 'no face' })]
    await putVariants(made.store, [ours, others])
    await made.store.put(originalKey(ours.src.sha256, 'png'), bytesBody(Buffer.from('a face')), {})
    await takeDown(made, 'photo.png')
    expect(await isAnywhere(made.store, 'a face')).toBe(false)
    const left = await keysOf(made.store)
    expect(ours.variants.filter(({ key }) => left.includes(key))).toEqual([])
    expect(others.variants.filter(({ key }) => !left.includes(key))).toEqual([])
    expect(goneAs(made).filter(([, reason]) => reason === 'rendered from it')).toHaveLength(ours.variants.length + 1)
  })

  it.each(['a variant', 'its receipt', "a batch's original"])(
    '%s is named by its key: the picture goes whole, where the site shows it too',
    async (which) => {
      const made = await published({ host: true })
      const [ours, others] = [receiptOf({ bytes: 'a face' }), receiptOf({ bytes: 'no face' })]
      await putVariants(made.store, [ours, others])
      const original = originalKey(ours.src.sha256, 'png')
      const receipt = receiptKeyOf(ours.src.sha256, ours.recipe)
      for (const key of [original, receipt]) await made.store.put(key, bytesBody(Buffer.from('a face')), {})
      const key = { 'a variant': ours.variants[0]?.key, 'its receipt': receipt }[which] ?? original
      const planned = await takeDown(made, key, {})
      expect(await takeDown(made, key)).toMatchObject({ removed: planned.removed, ok: true })
      expect(goneAs(made)).toContainEqual([key, 'named'])
      expect(goneAs(made)).toContainEqual(['photo.png', 'holds the same bytes'])
      expect(await isAnywhere(made.store, 'a face')).toBe(false)
      const left = await keysOf(made.store)
      expect(left.filter((one) => one.includes(ours.src.sha256.slice(0, 24)))).toEqual([])
      expect(others.variants.filter((one) => !left.includes(one.key))).toEqual([])
    },
  )

  it('a variant of which nothing is there is unknown', async () => {
    const made = await published({ host: true })
    const [variant] = receiptOf({ bytes: 'never rendered' }).variants
    await expect(takeDown(made, variant?.key ?? '')).rejects.toMatchObject({ code: 'E_USAGE' })
  })

  it('what was kept for a rollback goes, and that rollback is refused then', async () => {
    const made = await published(MIRROR)
    made.become({ ...FILES, 'photo.png': 'another face', 'twin.png': 'a view' })
    await made.site.sync()
    expect(await made.store.head(`.lading/blobs/${hash('sha256', 'a face')}`)).toBeDefined()
    expect(await takeDown(made, 'photo.png')).toMatchObject({ removed: 1, state: 1 })
    expect(await isAnywhere(made.store, 'a face')).toBe(false)
    const refused = { code: 'E_ROLLBACK', details: ['photo.png', 'twin.png'] }
    await expect(rollback(made.history(), made.run)).rejects.toMatchObject(refused)
  })

  it('a page at the origin goes out of what was kept of it', async () => {
    const made = await published({})
    const page = made.site.read('out/index.html').toString()
    expect(await isAnywhere(made.store, page)).toBe(true)
    expect(await takeDown(made, 'index.html')).toMatchObject({ removed: 0, state: 1 })
    expect(await isAnywhere(made.store, page)).toBe(false)
  })

  it('what a run has sent that never published goes too', async () => {
    const memory = createMemoryStore()
    let isBroken = true
    const store: Store = {
      ...memory,
      async put(key, ...rest) {
        if (isBroken && key.includes('manifests/')) throw new Error('the machine died')
        return memory.put(key, ...rest)
      },
    }
    const made = createPublished({ files: FILES, store })
    all.push(made)
    await expect(made.site.sync()).rejects.toThrow('the machine died')
    isBroken = false
    expect(await isAnywhere(store, 'a face')).toBe(true)
    expect(await takeDown(made, 'photo.png', {})).toMatchObject({ removed: 1 })
    expect(goneAs(made)).toEqual([['a/photo.*.png', 'sent by a run that never published']])
    expect(await takeDown(made, 'photo.png')).toMatchObject({ removed: 1 })
    expect(await made.keys()).not.toContainEqual(expect.stringContaining('photo'))
  })

  it.each<[string, LadingConfig]>([
    ['offload', {}],
    ['host', { host: true }],
  ])('%s: what was compressed beside it goes, of every version, and that of others stays', async (_mode, config) => {
    const drawing = (text: string): string => `<svg>${text.repeat(100)}</svg>`
    const files = {
      'index.html': '<img src="secret.svg"><img src="open.svg">',
      'secret.svg': drawing('secret '),
      'open.svg': drawing('open '),
    }
    const made = createPublished({ files, config: { ...config, compress: [{ match: '*.svg', encoding: 'br' }] } })
    all.push(made)
    await made.site.sync()
    made.become({ ...files, 'secret.svg': drawing('hidden ') })
    await made.site.sync()
    const before = (await made.keys()).filter((key) => key.endsWith('.br'))
    expect(before).toHaveLength(3)
    await takeDown(made, 'secret.svg')
    const left = await made.keys()
    expect(left.filter((key) => key.includes('secret'))).toEqual([])
    expect(left.filter((key) => key.endsWith('.br'))).toEqual([
      expect.stringMatching(/^a\/open\.[a-z2-7]{16}\.svg\.br$/),
    ])
    expect(goneAs(made)).toContainEqual(['a/secret.*.svg.br', 'made from it'])
  })

  it('the compressed form that the site brings along goes from a mirror, kept versions too', async () => {
    const text = 'secret '.repeat(100)
    const [packed, next] = [text, `${text}!`].map((one) => gzipSync(one))
    const made = createPublished({ files: { 'index.html': 'home', 'plan.txt': text }, config: MIRROR })
    all.push(made)
    made.site.write('site/plan.txt.gz', packed ?? '')
    await made.site.sync()
    made.site.write('site/plan.txt', `${text}!`)
    made.site.write('site/plan.txt.gz', next ?? '')
    await made.site.sync()
    await takeDown(made, 'plan.txt')
    expect(await made.keys()).toEqual(['index.html'])
    expect(await keysOf(made.store, '.lading/blobs/')).toEqual([])
  })

  it('it is named by its key as well', async () => {
    const made = await published({})
    const [key = ''] = (await made.keys()).filter((found) => found.startsWith('a/photo.'))
    await takeDown(made, key)
    expect(await isAnywhere(made.store, 'a face')).toBe(false)
  })

  it('an object of somebody else stays, whatever its name', async () => {
    const made = await published(MIRROR)
    const bytes = Buffer.from('theirs')
    const body = { size: 6, sha256: hash('sha256', bytes), read: async () => bytes }
    await made.store.put('theirs.png', body, {})
    const hint = 'Did you mean: lading remove other.png'
    await expect(takeDown(made, 'theirs.png')).rejects.toMatchObject({ code: 'E_USAGE', exitCode: 2 })
    await expect(takeDown(made, 'othr.png')).rejects.toMatchObject({ code: 'E_USAGE', hint })
    expect(await made.text('theirs.png')).toBe('theirs')
  })

  it('a name that a shell would take apart is quoted where it is guessed', async () => {
    const made = await published(MIRROR)
    made.site.write('site/team photo.png', 'us')
    await made.site.sync()
    await expect(takeDown(made, 'team foto.png')).rejects.toMatchObject({
      hint: "Did you mean: lading remove 'team photo.png'",
    })
  })

  it('the live site has a gap then, and a warning says so; a sync with the file puts it back', async () => {
    const made = await published(MIRROR)
    await takeDown(made, 'other.png')
    expect(made.said).toContainEqual(
      expect.objectContaining({ type: 'warning', code: 'W_REMOVED_LIVE', items: ['other.png'] }),
    )
    expect(await made.site.sync()).toMatchObject({ added: 1, published: true })
    expect(await made.text('other.png')).toBe('no face')
  })

  it('what could not be removed is said, kept contents too, and none of it is told as gone', async () => {
    const memory = createMemoryStore()
    let failing = ''
    const store: Store = {
      ...memory,
      async remove(keys, options) {
        const failures = keys.filter((key) => key.includes(failing)).map((key) => ({ key, reason: 'access denied' }))
        if (failing !== '' && failures.length > 0) return failures
        return memory.remove(keys, options)
      },
    }
    const made = await published(MIRROR, store)
    made.become({ ...FILES, 'photo.png': 'another face' })
    await made.site.sync()
    failing = '.lading/blobs/'
    const refused = { code: 'E_REMOVE', exitCode: 6 }
    await expect(takeDown(made, 'photo.png')).rejects.toMatchObject(refused)
    failing = 'other.png'
    const details = ['other.png: access denied']
    await expect(takeDown(made, 'other.png')).rejects.toMatchObject({ ...refused, details })
    expect(goneAs(made)).toEqual([])
    failing = ''
    expect(await takeDown(made, 'other.png')).toMatchObject({ removed: 1 })
  })
})

describe('the CDN is told', () => {
  async function purgedBy(config: LadingConfig, subject: string, { again = false } = {}): Promise<readonly string[]> {
    const cdn = await startCloudflare()
    onTestFinished(cdn.close)
    const made = createPublished({
      files: FILES,
      config: { site: 'https://www.example.com', ...config },
      run: { env: { CLOUDFLARE_API_TOKEN: cdn.token } },
    })
    all.push(made)
    await made.site.sync()
    const options = { cdn: `cloudflare:${cdn.zone}?endpoint=${cdn.endpoint}` }
    await takeDown(made, subject, options)
    expect(cdn.requests()).toBe(0)
    await takeDown(made, subject, { ...options, now: true })
    if (again) expect(await takeDown(made, subject, { ...options, now: true })).toMatchObject({ ok: true, removed: 0 })
    return cdn.purges
      .flat()
      .map((address) => address.replace(/\.[a-z2-7]{16}\./, '.*.'))
      .sort()
  }

  it('again by the same command, since the run before may have ended before that', async () => {
    const again = { again: true }
    expect(await purgedBy(MIRROR, 'other.png', again)).toEqual(Array(2).fill('https://www.example.com/other.png'))
    expect(await purgedBy({ url: '/_a/', out: 'out' }, 'other.png', again)).toEqual(
      Array(2).fill('https://www.example.com/_a/a/other.*.png'),
    )
  })

  it('of a mirror: the paths below the base, and those under which a page is known as well', async () => {
    expect(await purgedBy({ ...MIRROR, base: '/shop/' }, 'photo.png')).toEqual([
      'https://www.example.com/shop/photo.png',
      'https://www.example.com/shop/twin.png',
    ])
    expect(await purgedBy(MIRROR, 'index.html')).toEqual([
      'https://www.example.com/',
      'https://www.example.com/index.html',
    ])
  })

  it('of assets on a path of the site: the hashed names, which nothing else ever is', async () => {
    expect(await purgedBy({ url: '/_a/', out: 'out' }, 'other.png')).toEqual([
      'https://www.example.com/_a/a/other.*.png',
    ])
  })

  it('of a site that the store hosts below a path: both names there', async () => {
    expect(await purgedBy({ url: 'https://www.example.com/shop/', host: true }, 'other.png')).toEqual([
      'https://www.example.com/shop/a/other.*.png',
      'https://www.example.com/shop/other.png',
    ])
  })
})
