import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { LadingConfig, Run, Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { SYSTEM_CLOCK } from '../../src/transfer/lease.ts'
import { createProject, MIRROR, type Project } from '../rig/project.ts'

const projects: Project[] = []
afterEach(() => {
  for (const project of projects.splice(0)) project.remove()
})

function project(files: Readonly<Record<string, string>>, store: Store, config: LadingConfig, run: Run = {}): Project {
  const made = createProject({ files, store, config, run })
  projects.push(made)
  return made
}

/** Looks at a deploy of somebody else come soon, so that no test waits. */
const clock = { ...SYSTEM_CLOCK, sleep: async () => delay(1) }

/** Does something before a key that `isMeant` is written, once unless `isAlways`. Notes all that is written. */
function interrupted(
  store: Store,
  {
    isMeant,
    deed,
    isAlways = false,
  }: { isMeant: (key: string) => boolean; deed: () => Promise<void>; isAlways?: boolean },
): { store: Store; written: string[] } {
  const written: string[] = []
  let isDue = true
  return {
    written,
    store: {
      ...store,
      async put(key, ...rest) {
        if (isDue && isMeant(key)) {
          isDue = isAlways
          await deed()
        }
        written.push(key)
        return store.put(key, ...rest)
      },
    },
  }
}

/** A deploy that stands still before its manifest, holding the lock, until it is let through. */
function halted(store: Store, config: LadingConfig): { other: Project; isHeld: Promise<void>; letThrough: () => void } {
  let arrive = (): void => {}
  let letThrough = (): void => {}
  const isHeld = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const isOver = new Promise<void>((resolve) => {
    letThrough = resolve
  })
  const deed = (): Promise<void> => {
    arrive()
    return isOver
  }
  const other = project(THEIRS, interrupted(store, { isMeant: isManifest, deed }).store, config)
  return { other, isHeld, letThrough }
}

const isDeploy = (key: string): boolean => key.startsWith('.lading/deploys/')
const isManifest = (key: string): boolean => key.startsWith('.lading/manifests/')

const MINE = {
  'index.html': '<img src="x.png"><img src="mine.png">mine',
  'x.png': 'x',
  'mine.png': 'only mine',
  'mine.html': 'only mine',
}
const THEIRS = { 'index.html': '<img src="x.png">theirs', 'x.png': 'x', 'theirs.html': 'only theirs' }

describe.each([['mirror', MIRROR] as const, ['offload', {}] as const, ['host', { host: true }] as const])(
  '%s: two deploys at once',
  (mode, config) => {
    /** What a visitor of the store finds; in offload mode the pages lie at the origin. */
    async function shown({ store, read }: Project): Promise<string[]> {
      if (mode === 'offload') return [read('out/index.html').toString().slice(-'mine'.length)]
      const keys = ['index.html', 'mine.html', 'theirs.html']
      const texts = await Promise.all(keys.map(async (key) => (await store.get(key))?.bytes))
      return texts.map((bytes) =>
        Buffer.from(bytes ?? 'none')
          .toString()
          .slice(-'mine'.length),
      )
    }

    const ALL_MINE = mode === 'offload' ? ['mine'] : ['mine', 'mine', 'none']

    // the second write of a deploy, where there is one, takes it after the hashed names have been sent
    it.each(mode === 'mirror' ? [1] : [1, 2])(
      'the later one starts anew from what the other has published before its write %i of a deploy',
      async (nth) => {
        const memory = createMemoryStore()
        const other = project(THEIRS, memory, config)
        let count = 0
        const { store, written } = interrupted(memory, {
          isMeant: (key) => isDeploy(key) && ++count === nth,
          deed: async () => void (await other.sync()),
        })
        const site = project(MINE, store, config)
        const page = mode === 'offload' ? {} : { removed: 1 }
        expect(await site.sync()).toMatchObject({ published: true, seq: 2, ...page })
        expect(await shown(site)).toEqual(ALL_MINE)
        const bodies = written.filter((key) => !key.startsWith('.lading/'))
        expect(bodies).toEqual([...new Set(bodies)])
        expect(await site.sync()).toMatchObject({ published: false })
      },
    )

    it('the later one waits, says so, and publishes when the other is done', async () => {
      const memory = createMemoryStore()
      const { other, isHeld, letThrough } = halted(memory, config)
      const first = other.sync()
      await isHeld
      const said: unknown[] = []
      const site = project(MINE, memory, config, {
        clock,
        emit(event) {
          if (event.type === 'wait' || event.type === 'waited') said.push(event)
          if (event.type === 'wait') letThrough()
        },
      })
      const second = await site.sync()
      expect((await first).seq).toBe(1)
      expect(second).toMatchObject({ published: true, seq: 2 })
      expect(said[0]).toMatchObject({ type: 'wait', deploy: 'd1', channel: 'production' })
      expect(said.at(-1)).toEqual({ type: 'waited', deploy: 'd1', channel: 'production', ms: expect.any(Number) })
      expect(await shown(site)).toEqual(ALL_MINE)
    })

    it('the later one stops when its time to wait is over, and has changed nothing', async () => {
      const memory = createMemoryStore()
      const { other, isHeld, letThrough } = halted(memory, config)
      const first = other.sync()
      await isHeld
      const site = project(MINE, memory, { ...config, lockTimeoutSeconds: 0 }, { clock })
      const error: unknown = await site.sync().catch((reason: unknown) => reason)
      letThrough()
      expect(error).toMatchObject({
        code: 'E_LOCKED',
        exitCode: 8,
        hint: expect.stringContaining('lading unlock d1'),
        details: [expect.stringMatching(/^d1 {2}channel production {2}started /)],
      })
      expect(await first).toMatchObject({ published: true, seq: 1 })
      if (mode !== 'offload') expect(await shown(other)).toEqual(['eirs', 'none', 'eirs'])
    })

    it('the older one stops when a newer one was published meanwhile', async () => {
      const memory = createMemoryStore()
      const other = project(THEIRS, memory, { ...config, order: 2 })
      const { store } = interrupted(memory, { isMeant: isDeploy, deed: async () => void (await other.sync()) })
      const site = project(MINE, store, { ...config, order: 1 })
      await expect(site.sync()).rejects.toMatchObject({ code: 'E_ORDER', exitCode: 8 })
      if (mode !== 'offload') expect(await shown(other)).toEqual(['eirs', 'none', 'eirs'])
      expect(await other.sync()).toMatchObject({ published: false, seq: 1 })
    })
  },
)

it('a run without an order goes ahead, and does not let older ones through afterwards', async () => {
  const site = project(MINE, createMemoryStore(), MIRROR)
  await site.sync({ order: 'nightly:5' })
  site.write('site/index.html', 'by hand')
  expect(await site.sync()).toMatchObject({ published: true, seq: 2 })
  site.write('site/index.html', 'older')
  await expect(site.plan({ order: 'nightly:4' })).rejects.toMatchObject({ code: 'E_ORDER', exitCode: 8 })
  await expect(site.sync({ order: 'nightly:4' })).rejects.toMatchObject({
    code: 'E_ORDER',
    details: ['this run   nightly #4', expect.stringMatching(/^live {7}nightly #5 \(r2-/)],
  })
  // counters that differ are not compared
  expect(await site.sync({ order: 'release:1' })).toMatchObject({ published: true, seq: 3 })
})

it('channels that share hashed names publish side by side, and neither undoes the other', async () => {
  const memory = createMemoryStore()
  const other = project(THEIRS, memory, { channel: 'preview' })
  const { store } = interrupted(memory, { isMeant: isDeploy, deed: async () => void (await other.sync()) })
  const site = project(MINE, store, {})
  expect(await site.sync()).toMatchObject({ published: true, seq: 2, expired: 0 })
  expect(await other.sync()).toMatchObject({ published: false, seq: 1 })
  expect(await site.sync()).toMatchObject({ published: false, seq: 2 })
})

it('a deploy before which others publish again and again ends, and leaves what is live alone', async () => {
  const memory = createMemoryStore()
  let count = 0
  const other = project(THEIRS, memory, MIRROR)
  const { store, written } = interrupted(memory, {
    isMeant: isDeploy,
    isAlways: true,
    async deed() {
      count += 1
      other.write('site/index.html', `theirs ${count}`)
      await other.sync()
    },
  })
  const site = project(MINE, store, MIRROR)
  await expect(site.sync()).rejects.toMatchObject({
    code: 'E_POINTER_MOVED',
    exitCode: 8,
    retryable: true,
    why: expect.stringContaining('stays and is not sent again'),
  })
  expect(written.filter((key) => !isDeploy(key))).toEqual([])
  expect(Buffer.from((await memory.get('index.html'))?.bytes ?? []).toString()).toBe(`theirs ${count}`)
})
