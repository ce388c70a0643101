import { afterEach, describe, expect, it } from 'vitest'
import { type LadingConfig, LadingError, type Removal, remove, rollback, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, keysOf, type Published } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const FIRST = { 'index.html': 'one', 'about.html': 'about one', 'data.txt': 'data one' }
const SECRET = { 'index.html': 'two', 'about.html': 'PASSWORD', 'data.txt': 'data two' }
const THIRD = { 'index.html': 'three', 'about.html': 'about three', 'data.txt': 'data three' }

/** A run with a secret in it dies at the first key that contains `at`; the next one publishes what is harmless. */
async function afterFailure(config: LadingConfig, at: string, next: Readonly<Record<string, string>> = THIRD) {
  const memory = createMemoryStore()
  let isDying = false
  let isShort = false
  const store: Store = {
    ...memory,
    async put(key, ...rest) {
      if (isDying && key.includes(at)) throw new LadingError('E_STORE', 'killed')
      return memory.put(key, ...rest)
    },
    async *list(prefix, options) {
      if (!(isShort && prefix.includes('releases/'))) yield* memory.list(prefix, options)
    },
  }
  const made = createPublished({ files: FIRST, config: { maxDelete: '100%', ...config }, store })
  all.push(made)
  const { release: first } = await made.site.sync()
  made.become(SECRET)
  isDying = true
  await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_STORE' })
  isDying = false
  expect(await holding(made)).not.toEqual([])
  made.become(next)
  await made.site.sync()
  return {
    made,
    first,
    shorten(how: boolean) {
      isShort = how
    },
  }
}

const takeDown = ({ history, run }: Published, subject = 'about.html'): Promise<Removal> =>
  remove({ ...history(), subject, now: true }, run)

/** Keys that hold the secret. */
async function holding({ store }: Published): Promise<string[]> {
  const keys: string[] = []
  for (const key of await keysOf(store)) {
    if (Buffer.from((await store.get(key))?.bytes ?? '').includes('PASSWORD')) keys.push(key)
  }
  return keys
}

describe('what a run that failed had put under own paths, and the next one has replaced', () => {
  it.each<[string, LadingConfig, string]>([
    ['mirror', MIRROR, 'index.html'],
    ['host', { host: true }, 'index.html'],
    ['offload: what was kept of a page', {}, 'releases/'],
    ['offload: the same with its record', {}, 'pointer.json'],
  ])('%s: goes with the file', async (_what, config, at) => {
    const { made } = await afterFailure(config, at)
    await takeDown(made)
    expect(await holding(made)).toEqual([])
  })

  it('goes with any other file, since nobody can tell what it was', async () => {
    const { made } = await afterFailure(MIRROR, 'index.html')
    const kept = await keysOf(made.store, '.lading/blobs/')
    const planned = await remove({ ...made.history(), subject: 'data.txt' }, made.run)
    expect(await keysOf(made.store, '.lading/blobs/')).toEqual(kept)
    expect(await takeDown(made, 'data.txt')).toMatchObject({ state: planned.state, removed: 1 })
    expect(await holding(made)).toEqual([])
  })

  it('what releases name stays, and can be rolled back to, even where a listing does not show them', async () => {
    const { made, first, shorten } = await afterFailure(MIRROR, 'index.html')
    made.become({ ...THIRD, 'more.html': 'more' })
    await made.site.sync()
    made.become({ ...THIRD, 'index.html': 'four' })
    await made.site.sync()
    shorten(true)
    await takeDown(made, 'more.html')
    shorten(false)
    expect(await holding(made)).toEqual([])
    const blobs = await keysOf(made.store, '.lading/blobs/')
    const texts = await Promise.all(blobs.map((key) => made.text(key)))
    expect(texts.sort()).toEqual(['about one', 'data one', 'one', 'three'])
    expect(await rollback({ ...made.history(), id: first }, made.run)).toMatchObject({ published: true })
    expect(await made.text('about.html')).toBe('about one')
  })

  it('a file that no release has ever had is unknown, and who asks is told what lets go of it', async () => {
    const { made } = await afterFailure(MIRROR, 'index.html', { 'index.html': 'three' })
    await expect(takeDown(made, 'never.html')).rejects.toMatchObject({
      code: 'E_USAGE',
      why: expect.stringContaining('lading prune'),
    })
    expect(await holding(made)).not.toEqual([])
  })
})
