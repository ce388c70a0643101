import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { LadingError, type Removal, remove, type Store } from '../../src/index.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import type { Body } from '../../src/words/model.ts'
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
  /** @param subject @default the picture's path */
  takeDown(subject?: string): Promise<Removal>
  /** What another machine's run without a CDN in its config does: a deploy of a change. */
  deployWithoutCdn(): Promise<unknown>
  /** The CDN refuses the next purge. */
  refuse(): void
  /** The store refuses to remove keys that contain this. */
  deny(part: string | undefined): void
  /** The run dies before it writes keys that contain this. */
  killAt(part: string | undefined): void
  /** The run dies behind the next publish. */
  killBehindPointer(): void
  /** Somebody else moves the pointer just before the run does, so often. */
  loseRaces(times: number): void
  /** Somebody else has told the CDN, and has the pointer say so, just before the next publish. */
  payBeforePublish(): void
  /** How often the CDN had been asked at each move of the pointer. */
  readonly askedAtMoves: number[]
  /** How often the CDN has been asked. */
  asked(): number
  /** The addresses of all purges that the CDN has accepted, in order, without the digits of hashed names. */
  told(): string[]
}

/** A picture with variants and a twin of equal bytes, on a path of the site, behind a CDN. */
async function world(facts: Partial<Store['facts']> = {}): Promise<World> {
  const cdn = await startCloudflare()
  onTestFinished(cdn.close)
  let [denied, deadly]: (string | undefined)[] = []
  let isDead = false
  const askedAtMoves: number[] = []
  let isDeadlyPublish = false
  let races = 0
  let isPaid = false
  const others = async (inner: Store): Promise<void> => {
    if (races-- > 0) await raiseFence(inner)
    if (isPaid) await changePointer(inner, () => ({ owed: undefined }))
    isPaid = false
  }
  const around = (inner: Store): Store => ({
    ...inner,
    facts: { ...inner.facts, ...facts },
    async put(key, ...rest) {
      isDead ||= deadly !== undefined && key.includes(deadly)
      if (isDead) throw new LadingError('E_ABORTED', 'killed')
      const isPointer = key.endsWith('pointer.json')
      // a takeover raises the fence itself
      const isPublish = isPointer && !('fence' in (await jsonOf(rest[0])))
      if (isPublish) await others(inner)
      if (isPointer) askedAtMoves.push(cdn.requests())
      isDead ||= isPointer && isDeadlyPublish
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
  askedAtMoves.length = 0
  return {
    made,
    askedAtMoves,
    asked: cdn.requests,
    takeDown: (subject = 'photo.png') => remove({ ...made.history(), subject, now: true }, made.run),
    async deployWithoutCdn() {
      made.become({ 'index.html': 'nothing' })
      return made.site.sync({ cdn: undefined })
    },
    refuse: () => cdn.next(failure(403, 10_000, 'Authentication error')),
    deny: (part) => {
      denied = part
    },
    killAt: (part) => {
      deadly = part
      isDead = false
      isDeadlyPublish = false
    },
    killBehindPointer: () => {
      isDeadlyPublish = true
    },
    loseRaces: (times) => {
      races = times
    },
    payBeforePublish: () => {
      isPaid = true
    },
    told: () => [...new Set(cdn.purges.flat())].map((address) => address.replace(/\.[a-z2-7]{16}\./, '.*.')).sort(),
  }
}

async function jsonOf(body: Body): Promise<object> {
  return JSON.parse(Buffer.from(await body.read(0, body.size)).toString())
}

interface PointerFile {
  readonly fence?: number | undefined
  readonly owed?: unknown
}

const POINTER = '.lading/pointer.json'

async function pointerIn(store: Store): Promise<PointerFile> {
  return JSON.parse(Buffer.from((await store.get(POINTER))?.bytes ?? '').toString())
}

async function changePointer(store: Store, change: (pointer: PointerFile) => PointerFile): Promise<void> {
  const pointer = await pointerIn(store)
  const bytes = Buffer.from(JSON.stringify({ ...pointer, ...change(pointer) }))
  await store.put(POINTER, bytesBody(bytes), (await store.head(POINTER))?.headers ?? {})
}

/** As a run does that takes a deploy over. */
const raiseFence = (store: Store): Promise<void> => changePointer(store, ({ fence = 0 }) => ({ fence: fence + 1 }))

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
    expect(warned(made)).toEqual([expect.stringContaining('the next `lading remove`, `sync`, `prune` or `rollback`')])
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

  it('is told when somebody else has deployed between, whose config names no CDN', async () => {
    const { takeDown, deployWithoutCdn, refuse, made, told } = await world()
    refuse()
    await takeDown()
    await deployWithoutCdn()
    expect(told()).toEqual([])
    await made.site.sync()
    expect(told()).toEqual(EVERY)
  })

  it('keeps no deploy busy whose config names no CDN', async () => {
    const { takeDown, deployWithoutCdn, refuse } = await world()
    refuse()
    await takeDown()
    await deployWithoutCdn()
    expect(await deployWithoutCdn()).toMatchObject({ published: false })
  })

  it('is told by a deploy of an unchanged site, and only once', async () => {
    const { made, takeDown, refuse, asked, told } = await world()
    refuse()
    await takeDown()
    made.become({ 'index.html': 'nothing' })
    await made.site.sync({ cdn: undefined })
    expect(await made.site.sync()).toMatchObject({ published: false })
    expect(told()).toEqual(EVERY)
    const before = asked()
    await made.site.sync()
    expect(asked()).toBe(before)
  })

  it('is told where the same command finds nothing of it in any record', async () => {
    const { takeDown, refuse, told } = await world()
    const subject = OURS.variants[0]?.key
    refuse()
    await takeDown(subject)
    await expect(takeDown(subject)).rejects.toMatchObject({ code: 'E_USAGE' })
    expect(told()).toEqual(EVERY)
  })

  it('is told meanwhile by another run, and no deploy that is under way is planned again', async () => {
    const { made, takeDown, refuse, payBeforePublish, deployWithoutCdn } = await world()
    refuse()
    await takeDown()
    payBeforePublish()
    expect(await deployWithoutCdn()).toMatchObject({ published: true })
    const plans = made.site.events.filter((event) => event.type === 'phase' && event.phase === 'plan')
    expect(plans).toHaveLength(1)
    expect(await pointerIn(made.store)).not.toHaveProperty('owed')
  })

  it('is told by the next run, where that was killed as soon as the pointer had moved', async () => {
    const { made, takeDown, refuse, killBehindPointer, killAt, told } = await world()
    refuse()
    killBehindPointer()
    await takeDown().catch(() => undefined)
    killAt(undefined)
    expect(told()).toEqual([])
    made.become({ 'index.html': 'nothing' })
    await made.site.sync()
    expect(told()).toEqual(EVERY)
  })

  it('is told whole by the same command again, where the run was killed behind the last removal', async () => {
    const { takeDown, killAt, told } = await world()
    killAt('manifests/')
    await expect(takeDown()).rejects.toMatchObject({ code: 'E_ABORTED' })
    killAt(undefined)
    expect(await takeDown()).toMatchObject({ ok: true })
    expect(told()).toEqual(EVERY)
  })
})

it('a takedown asks the CDN when others may deploy again: that can take minutes', async () => {
  const { takeDown, askedAtMoves, told } = await world()
  await takeDown()
  expect(askedAtMoves[0]).toBe(0)
  expect(told()).toEqual(EVERY)
})

it.each(['create', 'none'] as const)(
  'no run moves the pointer of a store without its lock: conditions %s',
  async (some) => {
    const { made, takeDown, refuse, askedAtMoves, told } = await world({ conditionalWrites: some })
    await takeDown()
    expect(told()).toEqual(EVERY)
    expect(askedAtMoves).toEqual([0])
    made.become(FILES)
    await made.site.sync()
    refuse()
    await takeDown()
    expect(warned(made).join()).toContain('by hand')
    expect(await pointerIn(made.store)).not.toHaveProperty('owed')
  },
)

describe('a takedown that somebody else publishes before', () => {
  it('ends with an error where that never ends', async () => {
    const { takeDown, loseRaces, told } = await world()
    loseRaces(Number.POSITIVE_INFINITY)
    await expect(takeDown()).rejects.toMatchObject({ code: 'E_POINTER_MOVED' })
    loseRaces(0)
    expect(await takeDown()).toMatchObject({ ok: true })
    expect(told()).toEqual(EVERY)
  })

  it('says all that it has removed, and tells the CDN once', async () => {
    const { takeDown, loseRaces, asked, told } = await world()
    loseRaces(1)
    expect(await takeDown()).toMatchObject({ ok: true, removed: 5 })
    expect(told()).toEqual(EVERY)
    expect(asked()).toBe(1)
  })

  it('is done, although nothing is left that would know the file', async () => {
    const { takeDown, loseRaces } = await world()
    loseRaces(1)
    const subject = OURS.variants[0]?.key
    expect(await takeDown(subject)).toMatchObject({ ok: true, removed: 5 })
  })

  it('finds the copies that had to stay, although what led to them is gone', async () => {
    const { takeDown, loseRaces, deny, told } = await world()
    loseRaces(1)
    deny('twin')
    await expect(takeDown()).rejects.toMatchObject({ code: 'E_REMOVE' })
    deny(undefined)
    expect(await takeDown()).toMatchObject({ ok: true, removed: 2 })
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
