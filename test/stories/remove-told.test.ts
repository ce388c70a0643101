import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { LadingError, type Removal, remove, type Store } from '../../src/index.ts'
import { failure, startCloudflare } from '../rig/cloudflare.ts'
import { createPublished, type Published } from '../rig/published.ts'
import { putVariants, receiptOf } from '../rig/receipts.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const FILES = {
  'index.html': '<img src="photo.png"><img src="twin.png">',
  'photo.png': 'a face',
  'twin.png': 'a face',
}

const OURS = receiptOf({ bytes: 'a face' })

interface World {
  readonly made: Published
  takeDown(): Promise<Removal>
  /** The CDN refuses the next purge. */
  refuse(): void
  /** The store refuses to remove keys that contain this. */
  deny(part: string | undefined): void
  /** The run dies before it writes keys that contain this. */
  killAt(part: string | undefined): void
  /** The addresses of all purges that the CDN has accepted, in order, without the digits of hashed names. */
  told(): string[]
}

/** A picture with variants and a twin of equal bytes, on a path of the site, behind a CDN. */
async function world(): Promise<World> {
  const cdn = await startCloudflare()
  onTestFinished(cdn.close)
  let [denied, deadly]: (string | undefined)[] = []
  let isDead = false
  const around = (inner: Store): Store => ({
    ...inner,
    async put(key, ...rest) {
      isDead ||= deadly !== undefined && key.includes(deadly)
      if (isDead) throw new LadingError('E_ABORTED', 'killed')
      return inner.put(key, ...rest)
    },
    async remove(keys, options) {
      const isDenied = (key: string): boolean => denied !== undefined && key.includes(denied)
      const failures = await inner.remove(
        keys.filter((key) => !isDenied(key)),
        options,
      )
      return [...failures, ...keys.filter(isDenied).map((key) => ({ key, reason: 'AccessDenied' }))]
    },
  })
  const target = `cloudflare:${cdn.zone}?endpoint=${cdn.endpoint}`
  const config = { url: '/_a/', out: 'out', site: 'https://www.example.com', cdn: target }
  const run = { env: { CLOUDFLARE_API_TOKEN: cdn.token } }
  const made = createPublished({ files: FILES, config, around, run })
  all.push(made)
  await made.site.sync()
  await putVariants(made.store, [OURS])
  return {
    made,
    takeDown: () => remove({ ...made.history(), subject: 'photo.png', now: true }, made.run),
    refuse: () => cdn.next(failure(403, 10_000, 'Authentication error')),
    deny: (part) => {
      denied = part
    },
    killAt: (part) => {
      deadly = part
      isDead = false
    },
    told: () => [...new Set(cdn.purges.flat())].map((address) => address.replace(/\.[a-z2-7]{16}\./, '.*.')).sort(),
  }
}

const SITE = 'https://www.example.com'
const EVERY = [
  `${SITE}/_a/a/photo.*.png`,
  `${SITE}/_a/a/twin.*.png`,
  ...OURS.variants.map(({ key }) => `${SITE}/_a/${key}`),
].sort()

const warned = ({ said }: Published): string[] =>
  said.flatMap((event) => (event.type === 'warning' && event.code === 'W_CDN' ? [event.fix ?? ''] : []))

describe('a takedown that the CDN did not hear of', () => {
  it('is told whole by the same command again, although nothing of it is left', async () => {
    const { made, takeDown, refuse, told } = await world()
    refuse()
    expect(await takeDown()).toMatchObject({ ok: true, removed: 5 })
    expect(warned(made)).toEqual([expect.stringContaining('run the same command again')])
    expect(told()).toEqual([])
    expect(await takeDown()).toMatchObject({ ok: true, removed: 0 })
    expect(told()).toEqual(EVERY)
  })

  it('is told whole however often it was refused', async () => {
    const { takeDown, refuse, told } = await world()
    for (const _ of [1, 2, 3]) {
      refuse()
      await takeDown()
    }
    expect(told()).toEqual([])
    await takeDown()
    expect(told()).toEqual(EVERY)
  })

  it('is told whole where some of it could not be removed before', async () => {
    const { takeDown, refuse, deny, told } = await world()
    deny('twin')
    refuse()
    await expect(takeDown()).rejects.toMatchObject({ code: 'E_REMOVE' })
    deny(undefined)
    expect(await takeDown()).toMatchObject({ ok: true, removed: 2 })
    expect(told()).toEqual(EVERY)
  })

  it('is told by whatever run comes next', async () => {
    const { made, takeDown, refuse, told } = await world()
    refuse()
    await takeDown()
    made.become({ 'index.html': 'nothing' })
    await made.site.sync()
    expect(told()).toEqual(EVERY)
  })

  it('is told whole by the same command again, where the run was killed behind the last removal', async () => {
    const { takeDown, refuse, killAt, told } = await world()
    refuse()
    killAt('manifests/')
    await expect(takeDown()).rejects.toMatchObject({ code: 'E_ABORTED' })
    killAt(undefined)
    expect(await takeDown()).toMatchObject({ ok: true })
    expect(told()).toEqual(EVERY)
  })
})

it('a takedown that the CDN has heard of leaves nothing to settle', async () => {
  const { made, takeDown, told } = await world()
  await takeDown()
  expect(told()).toEqual(EVERY)
  made.become({ 'index.html': 'nothing' })
  await made.site.sync()
  expect(await made.site.sync()).toMatchObject({ published: false })
})
