import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { endChannel, LadingError, remove, type Store } from '../../src/index.ts'
import { startCloudflare } from '../rig/cloudflare.ts'
import { createPublished, type Published } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const files = (time: string): Record<string, string> => ({
  'index.html': time,
  'about.html': `about ${time}`,
  'robots.txt': `# ${time}`,
})

interface World {
  readonly made: Published
  /** All that the CDN was told, in order. */
  told(): string[]
  /** The store fails to take or to change this key. */
  failOn(key: string | undefined): void
  /** Done once, behind the pointer's next move. */
  afterPublish(deed: (store: Store) => Promise<unknown>): void
}

async function world(): Promise<World> {
  const cdn = await startCloudflare()
  onTestFinished(cdn.close)
  let broken: string | undefined
  let deed: ((store: Store) => Promise<unknown>) | undefined
  const check = (key: string): void => {
    if (key === broken) throw new LadingError('E_STORE', 'the store is full')
  }
  const around = (inner: Store): Store => ({
    ...inner,
    async put(key, ...rest) {
      check(key)
      const result = await inner.put(key, ...rest)
      const isPublish = key.endsWith('pointer.json') && (await isSettled(inner))
      const due = isPublish ? deed : undefined
      if (isPublish) deed = undefined
      await due?.(inner)
      return result
    },
    async reheader(key, ...rest) {
      check(key)
      return inner.reheader(key, ...rest)
    },
  })
  const config = {
    url: undefined,
    site: 'https://www.example.com',
    cdn: `cloudflare:${cdn.zone}?endpoint=${cdn.endpoint}`,
  }
  const run = { env: { CLOUDFLARE_API_TOKEN: cdn.token } }
  const made = createPublished({ files: files('one'), config, around, run })
  all.push(made)
  return {
    made,
    told: () => cdn.purges.flat(),
    failOn: (key) => {
      broken = key
    },
    afterPublish: (next) => {
      deed = next
    },
  }
}

/** Not only taken over: the pointer's fence is down again. */
async function isSettled(store: Store): Promise<boolean> {
  const found = await store.get('.lading/pointer.json')
  return !JSON.parse(Buffer.from(found?.bytes ?? '{}').toString()).fence
}

/** One whose second deploy has failed when all but the page that names the others was replaced. */
async function failed(): Promise<World> {
  const at = await world()
  const { made, failOn } = at
  await made.site.sync()
  made.become(files('two'))
  failOn('index.html')
  await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
  failOn(undefined)
  return at
}

describe('the CDN is told', () => {
  it('what a run that failed had replaced, by the run that finishes it', async () => {
    const { made, told } = await failed()
    await made.site.sync()
    const site = 'https://www.example.com'
    expect(told()).toEqual(expect.arrayContaining([`${site}/robots.txt`, `${site}/about.html`, `${site}/`]))
    expect(told()).toEqual([...new Set(told())]) // each is paid for
  })

  it.each(['a deploy', 'the end of a channel'])(
    'what a run that failed had replaced, by the next run that can, where %s that cannot has settled it',
    async (which) => {
      const { made, told } = await failed()
      if (which === 'a deploy') await made.site.sync({ cdn: undefined })
      else await endChannel({ ...made.history(), cdn: undefined, name: 'production' }, made.run)
      expect(told()).toEqual([])
      await made.site.sync()
      const site = 'https://www.example.com'
      expect(told()).toEqual(expect.arrayContaining([`${site}/robots.txt`, `${site}/about.html`, `${site}/about`]))
    },
  )

  it('what the first run of all had put, and failed, by the run that finishes it', async () => {
    const { made, told, failOn } = await world()
    failOn('index.html')
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
    failOn(undefined)
    await made.site.sync()
    expect(told()).toContain('https://www.example.com/robots.txt')
  })

  it('nothing, where no run had a CDN to tell', async () => {
    const { made, told, failOn } = await world()
    await made.site.sync({ cdn: undefined })
    made.become(files('two'))
    failOn('index.html')
    await expect(made.site.sync({ cdn: undefined })).rejects.toMatchObject({ code: 'E_STORE' })
    failOn(undefined)
    await made.site.sync({ cdn: undefined })
    await made.site.sync()
    expect(told()).toEqual([])
  })

  it.each(['a takedown', 'the end of a channel'])(
    'what a run that died had replaced, by %s that settles its deploy',
    async (which) => {
      const { made, told } = await failed()
      if (which === 'a takedown') await remove({ ...made.history(), subject: 'index.html', now: true }, made.run)
      else await endChannel({ ...made.history(), name: 'production' }, made.run)
      const site = 'https://www.example.com'
      expect(told()).toEqual(expect.arrayContaining([`${site}/robots.txt`, `${site}/about.html`, `${site}/about`]))
    },
  )

  it('by hand, where it cannot be told: a warning lists the addresses', async () => {
    const { made } = await failed()
    const ended = await endChannel({ ...made.history(), name: 'production' }, { ...made.run, env: {} })
    expect(ended).toMatchObject({ channel: 'production' })
    const items = expect.arrayContaining(['/robots.txt', '/about.html'])
    expect(made.said).toContainEqual(expect.objectContaining({ code: 'W_CDN', items }))
  })

  /** A run that failed, and a request of it that arrives when the next one has published: headers, over equal bytes. */
  async function lateRequest(): Promise<World> {
    const all = await world()
    const { made, failOn, afterPublish } = all
    await made.site.sync()
    made.become(files('two'))
    failOn('about.html')
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
    failOn(undefined)
    afterPublish((store) => store.reheader('robots.txt', { 'content-type': 'x/y' }))
    return all
  }

  it('what all rounds of one run have published', async () => {
    const { made, told } = await lateRequest()
    expect(await made.site.sync()).toMatchObject({ seq: 3 })
    expect(told().join()).toContain('/about.html')
  })

  it('what a run has published, also when a later round of it fails', async () => {
    const { made, told, failOn, afterPublish } = await lateRequest()
    afterPublish(async (store) => {
      await store.reheader('robots.txt', { 'content-type': 'x/y' })
      failOn('robots.txt')
    })
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
    expect(told().join()).toContain('/about.html')
  })
})
