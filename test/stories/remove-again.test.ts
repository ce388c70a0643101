import { hash } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { originalKey } from '../../src/batch/plan/keys.ts'
import { type LadingConfig, LadingError, type Removal, remove, rollback, type Store, verify } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, keysOf, type Published } from '../rig/published.ts'
import { manifestOf, putVariants, receiptOf } from '../rig/receipts.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const FILES = {
  'index.html': '<img src="photo.png"><img src="twin.png"><img src="other.png">',
  'photo.png': 'a face',
  'twin.png': 'a face',
  'other.png': 'no face',
}

const OURS = receiptOf({ bytes: 'a face' })
const IMAGES = '.lading/images.json'

/** A store in which keys that contain a text are refused, or kill the run that wants to remove them. */
function troubled() {
  const memory = createMemoryStore()
  let [denied, deadly]: (string | undefined)[] = []
  let isDead = false
  const live = (): void => {
    if (isDead) throw new LadingError('E_ABORTED', 'killed')
  }
  const store: Store = {
    ...memory,
    async put(key, ...more) {
      isDead ||= deadly !== undefined && key.includes(deadly)
      live()
      return memory.put(key, ...more)
    },
    async remove(keys, options) {
      live()
      const failures = []
      for (const key of keys) {
        isDead = deadly !== undefined && key.includes(deadly)
        live()
        if (denied !== undefined && key.includes(denied)) failures.push({ key, reason: 'AccessDenied' })
        else failures.push(...(await memory.remove([key], options)))
      }
      return failures
    },
  }
  return {
    store,
    deny(part: string | undefined) {
      denied = part
    },
    killAt(part: string | undefined) {
      deadly = part
      isDead = false
    },
  }
}

async function published(store: Store, config: LadingConfig = {}): Promise<Published> {
  const made = createPublished({ files: FILES, config, store })
  all.push(made)
  await made.site.sync()
  await putVariants(store, [OURS])
  await store.put(originalKey(OURS.src.sha256, 'png'), bytesBody(Buffer.from('a face')), {})
  await store.put(IMAGES, bytesBody(manifestOf({ 'photo.png': OURS })), {})
  return made
}

const takeDown = ({ history, run }: Published): Promise<Removal> =>
  remove({ ...history(), subject: 'photo.png', now: true }, run)

/** Whatever is left of it, in keys or in bytes. */
async function leftOf(store: Store): Promise<string[]> {
  const digits = hash('sha256', 'a face').slice(0, 24)
  const left: string[] = []
  for (const key of await keysOf(store)) {
    const text = Buffer.from((await store.get(key))?.bytes ?? '').toString()
    if (key.includes(digits) || text === 'a face' || (key === IMAGES && text.includes(digits))) left.push(key)
  }
  return left
}

/** What `verify` misses. */
async function missing({ history, run, said }: Published): Promise<string[]> {
  await verify(history(), run)
  return said.flatMap((event) => (event.type === 'drift' && event.kind === 'missing' ? [event.key] : []))
}

const MODES: [string, LadingConfig][] = [
  ['mirror', MIRROR],
  ['offload', {}],
  ['host', { host: true }],
]
const PARTS = ['v/', 'o/', 'twin', 'photo']

describe('some of it could not be removed', () => {
  it.each(MODES.flatMap(([mode, config]) => PARTS.map((part): [string, string, LadingConfig] => [mode, part, config])))(
    '%s, %s: the same command again finds the rest, once it may',
    async (_mode, part, config) => {
      const { store, deny } = troubled()
      const made = await published(store, config)
      deny(part)
      await expect(takeDown(made)).rejects.toMatchObject({ code: 'E_REMOVE' })
      const left = await leftOf(store)
      expect(left.filter((key) => !key.includes(part) && key !== IMAGES)).toEqual([])
      await expect(takeDown(made)).rejects.toMatchObject({ code: 'E_REMOVE' })
      expect(await leftOf(store)).toEqual(left)
      deny(undefined)
      expect(await takeDown(made)).toMatchObject({ ok: true })
      expect(await leftOf(store)).toEqual([])
      made.become({ 'index.html': 'nothing', 'other.png': 'no face' })
      await made.site.sync()
      expect(await verify(made.history(), made.run)).toMatchObject({ ok: true })
    },
  )

  it.each(MODES)('%s: a sync with the file puts it back, although it is still on record', async (_mode, config) => {
    const { store, deny } = troubled()
    const made = await published(store, config)
    const before = await made.keys()
    deny('v/')
    await expect(takeDown(made)).rejects.toMatchObject({ code: 'E_REMOVE' })
    expect(await missing(made)).not.toEqual([])
    expect(await made.site.sync()).toMatchObject({ published: true })
    expect(await made.keys()).toEqual(before.filter((key) => !key.startsWith('o/')))
    expect(await missing(made)).toEqual([])
  })

  it.each(MODES)('%s: a rollback to a release with it is refused', async (_mode, config) => {
    const { store, deny } = troubled()
    const made = await published(store, config)
    made.become({ 'index.html': 'nothing', 'other.png': 'no face' })
    await made.site.sync()
    deny('v/')
    await expect(takeDown(made)).rejects.toMatchObject({ code: 'E_REMOVE' })
    await expect(rollback(made.history(), made.run)).rejects.toMatchObject({ code: 'E_ROLLBACK' })
  })
})

describe('the run was stopped on the way', () => {
  // before an object goes, or when all have gone
  const MOMENTS = [...PARTS, 'manifests/', 'pointer.json']
  it.each(
    MODES.flatMap(([mode, config]) => MOMENTS.map((part): [string, string, LadingConfig] => [mode, part, config])),
  )('%s, at %s: the same command again finds the rest', async (_mode, part, config) => {
    const { store, killAt } = troubled()
    const made = await published(store, config)
    killAt(part)
    await expect(takeDown(made)).rejects.toMatchObject({ code: 'E_ABORTED' })
    killAt(undefined)
    expect(await takeDown(made)).toMatchObject({ ok: true })
    expect(await leftOf(store)).toEqual([])
    made.become({ 'index.html': 'nothing', 'other.png': 'no face' })
    await made.site.sync()
    expect(await verify(made.history(), made.run)).toMatchObject({ ok: true })
  })
})
