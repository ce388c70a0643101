import { mkdir, mkdtemp, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { submit } from '../../../src/batch/batch.ts'
import { SYSTEM_CLOCK } from '../../../src/batch/clock.ts'
import { batchManifestKey, doneReceiptKey, originalKey } from '../../../src/batch/plan/keys.ts'
import { openMessage } from '../../../src/batch/plan/messages.ts'
import { createSigner, createVerifier, newKeyPair } from '../../../src/batch/plan/signing.ts'
import type { Queue } from '../../../src/batch/queue.ts'
import { createMemoryQueue } from '../../../src/batch/queues/memory.ts'
import { putOriginals } from '../../../src/batch/receipts/originals.ts'
import { readBatchManifest } from '../../../src/batch/receipts/receipts.ts'
import { createCourier } from '../../../src/batch/verbs/courier.ts'
import type { Courier } from '../../../src/batch/verbs/doors.ts'
import { readItems } from '../../../src/batch/verbs/submit.ts'
import { batchStatus } from '../../../src/batch/verbs/watch.ts'
import { createFolderStore } from '../../../src/store/folder/folder.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { blank } from '../../rig/images.ts'

const RECIPE = { id: 'r1-0123456789ab', json: '{"epoch":1}', encodings: [{ format: 'jpeg', widths: [320] }] } as const
const KEYS = newKeyPair()
const NOW = Date.parse('2026-11-20T10:00:00Z')

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lading-submit-'))
})
afterEach(() => rm(folder, { recursive: true }))

const picture = (width: number, red: number) =>
  sharp({ create: { width, height: 20, channels: 3, background: { r: red, g: 2, b: 3 } } })
    .jpeg()
    .toBuffer()

/** A small PNG that claims to be of another size. */
function claiming(width: number, height: number): Buffer {
  const bytes = blank(8, 8)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}

async function lay(files: Readonly<Record<string, Buffer | string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
}

const threePictures = async () => ({
  'a.jpg': await picture(40, 10),
  'b/c.JPG': await picture(50, 20),
  'b/d.png': await sharp(await picture(60, 30))
    .png()
    .toBuffer(),
  'notes.txt': 'no image',
})

function bench() {
  const store = createMemoryStore()
  const queues = {
    hi: createMemoryQueue({ clock: SYSTEM_CLOCK }),
    std: createMemoryQueue({ clock: SYSTEM_CLOCK }),
    bulk: createMemoryQueue({ clock: SYSTEM_CLOCK }),
    assembly: createMemoryQueue({ clock: SYSTEM_CLOCK }),
  }
  const { assembly, ...lanes } = queues
  const courier = createCourier({ lanes, assembly, signer: createSigner(KEYS.privateKey) })
  const options = {
    root: folder,
    recipe: RECIPE,
    lane: 'std',
    deadlineSeconds: 3600,
    cost: { maxInstances: 2, lifetimeHours: 4, instanceHour: 0.1 },
    slotsPerInstance: 2,
  } as const
  const verify = createVerifier([KEYS.publicKey])
  const received = async (queue: 'hi' | 'std' | 'bulk') => {
    const messages = await queues[queue].receive({ max: 10, leaseSeconds: 60 })
    return messages
      .map(({ body }) => openMessage(body, verify, { kind: 'lane', lane: queue }))
      .map((opened) => (opened.status === 'ours' ? opened.message : opened))
  }
  const run = (more: Partial<Parameters<typeof submit>[1]> = {}, used: Store = store, by: Courier = courier) =>
    submit({ store: used, courier: by }, { ...options, ...more }, { now: () => NOW })
  return { store, queues, courier, received, run }
}

const receipt = (store: Store, batch: string, item: string) =>
  store.put(doneReceiptKey(batch, item), bytesBody(Buffer.from('{}')), { 'content-type': 'application/json' })

describe('submitting a batch', () => {
  it('puts the originals, says what the batch is, and sends one signed message for each image', async () => {
    await lay(await threePictures())
    const { store, received, run, queues } = bench()
    const submitted = await run()
    expect(submitted).toMatchObject({ items: 3, sent: 3, originals: { put: 3 } })
    const manifest = await readBatchManifest(store, submitted.batch)
    expect(manifest).toMatchObject({ items: 3, recipe: RECIPE.id, deadline: '2026-11-20T11:00:00.000Z' })
    const items = manifest ? await readItems(store, manifest) : []
    expect(items.map(({ path, src }) => [path, src.type, src.width])).toEqual([
      ['a.jpg', 'image/jpeg', 40],
      ['b/c.JPG', 'image/jpeg', 50],
      ['b/d.png', 'image/png', 60],
    ])
    for (const { src } of items)
      expect(await store.head(src.key)).toMatchObject({ size: src.bytes, sha256: src.sha256 })
    const jobs = await received('std')
    expect(jobs.map((job) => ('item' in job ? job.item : job)).sort()).toEqual(items.map(({ item }) => item))
    expect(await queues.assembly.gauge()).toMatchObject({ delayed: 1 })
  })

  it('takes the images that lading images renders, and no file that ends in a word which every object knows', async () => {
    await lay({ ...(await threePictures()), 'class.constructor': 'no image' })
    expect(await bench().run()).toMatchObject({ items: 3 })
  })

  it('leaves out an image that has the name of another in a different Unicode form, and sends the others', async () => {
    const [one, other] = [await picture(40, 10), await picture(50, 20)]
    await lay({ 'caf\u0065\u0301.jpg': one, 'caf\u00e9.jpg': other, 'z.jpg': await picture(60, 30) })
    const { store, run } = bench()
    const { batch, items, refused } = await run()
    expect(items).toBe(2)
    expect(refused).toEqual([{ path: 'caf\u00e9.jpg', reason: expect.stringContaining('different Unicode form') }])
    const manifest = await readBatchManifest(store, batch)
    const sent = manifest ? await readItems(store, manifest) : []
    expect(sent.map(({ path, src }) => [path, src.width])).toEqual([
      ['caf\u00e9.jpg', 50],
      ['z.jpg', 60],
    ])
  })

  it('sends an image whose header claims any number of pixels so that workers take it, and expects no work of it', async () => {
    const honest = await picture(40, 10)
    const claims = [30_000, 4_000_000, 0x7fffffff, 0xffffffff].map(
      (side) => [`${side}.png`, claiming(side, side)] as const,
    )
    await lay({ 'a.jpg': honest, ...Object.fromEntries(claims) })
    const { received, run } = bench()
    const { batch, estimate } = await run()
    const jobs = await received('std')
    expect(jobs.map((job) => ('item' in job ? job.batch : job))).toEqual(jobs.map(() => batch))
    expect(jobs).toHaveLength(5)
    expect(estimate.coreSeconds).toBeLessThan(1)
    expect(jobs.every((job) => 'item' in job && job.predicted < 1)).toBe(true)
  })

  it('sends a second time only what has no receipt, and no original at all', async () => {
    await lay(await threePictures())
    const { store, received, run } = bench()
    const first = await run()
    await received('std')
    await receipt(store, first.batch, '0000-0001')
    const again = await run()
    expect(again).toMatchObject({
      batch: first.batch,
      sent: 2,
      originals: { put: 0, bytes: 0 },
      deadline: first.deadline,
    })
    const items = (await received('std')).map((job) => ('item' in job ? job.item : job))
    expect(items.sort()).toEqual(['0000-0000', '0000-0002'])
  })

  it('has a new deadline when it is submitted again after the last one: workers begin nothing that is late', async () => {
    await lay(await threePictures())
    const { store, courier, received, run } = bench()
    const { batch } = await run()
    const given = { root: folder, recipe: RECIPE, lane: 'std', deadlineSeconds: 3600, slotsPerInstance: 2 } as const
    const cost = { maxInstances: 2, lifetimeHours: 4, instanceHour: 0.1 }
    await received('std')
    const again = await submit({ store, courier }, { ...given, cost }, { now: () => NOW + 5 * 3_600_000 })
    expect(again).toMatchObject({ batch, sent: 3, deadline: '2026-11-20T16:00:00.000Z' })
    expect((await received('std')).map((job) => 'deadline' in job && job.deadline)).toEqual(
      Array.from({ length: 3 }, () => '2026-11-20T16:00:00.000Z'),
    )
    expect(await readBatchManifest(store, batch)).toMatchObject({ deadline: '2026-11-20T16:00:00.000Z', items: 3 })
  })

  it('goes on wherever it was killed, and the batch is the same', async () => {
    await lay(await threePictures())
    const whole = await bench().run()
    for (let death = 0; death < 12; death++) {
      const { store, run, received } = bench()
      let left = death
      const dying: Store = {
        ...store,
        put: async (...call) => {
          if (left-- <= 0) throw new Error('killed')
          return store.put(...call)
        },
      }
      await run({}, dying).catch(() => undefined)
      const after = await run()
      expect(after).toMatchObject({ batch: whole.batch, items: 3 })
      const items = new Set((await received('std')).map((job) => ('item' in job ? job.item : job)))
      expect(items.size).toBe(3)
    }
  })

  it('is another batch when an image, a name or the recipe is another', async () => {
    await lay(await threePictures())
    const { run } = bench()
    const { batch } = await run()
    const other = await run({ recipe: { ...RECIPE, id: 'r1-ffffffffffff' } })
    await lay({ 'a.jpg': await picture(40, 200) })
    const changed = await run()
    expect(new Set([batch, other.batch, changed.batch]).size).toBe(3)
  })

  it('refuses to become a batch of the same name with other images', async () => {
    await lay(await threePictures())
    const { run } = bench()
    await run({ batch: 'photos' })
    await lay({ 'a.jpg': await picture(40, 200) })
    await expect(run({ batch: 'photos' })).rejects.toMatchObject({ code: 'E_BATCH', exitCode: 3, subject: 'photos' })
    await expect(run({ batch: '../x' })).rejects.toMatchObject({ code: 'E_USAGE' })
  })

  it('sends nothing when the fleet could cost more than the budget', async () => {
    await lay(await threePictures())
    const { store, run, queues } = bench()
    await expect(run({ budget: 0.79 })).rejects.toMatchObject({ code: 'E_BUDGET' })
    for await (const page of store.list('')) expect(page).toEqual([])
    expect(await queues.std.gauge()).toMatchObject({ visible: 0 })
    expect(await run({ budget: 0.8 })).toMatchObject({ sent: 3 })
  })

  it('reckons with the lifetime and the cap that the fleet says, not with what they are by default', async () => {
    await lay(await threePictures())
    const { store, courier } = bench()
    const count = { desired: 0, inService: 0, max: 1, instances: [], lifetimeMinutes: 60 }
    const fleet = { label: 'fleet', count: async () => count, grow: async () => count, retire: async () => undefined }
    const given = { root: folder, recipe: RECIPE, lane: 'std', deadlineSeconds: 3600, slotsPerInstance: 2 } as const
    const cost = { maxInstances: 2, lifetimeHours: 4, instanceHour: 0.1 }
    const submitFor = (budget: number) => submit({ store, courier, fleet }, { ...given, cost, budget })
    await expect(submitFor(0.09)).rejects.toMatchObject({ code: 'E_BUDGET', why: '1 instance x 1 h x $0.10 an hour' })
    expect(await submitFor(0.1)).toMatchObject({ sent: 3 })
  })

  it('stops with the same command as advice when the queue does not take everything', async () => {
    await lay(await threePictures())
    const { store, queues, run } = bench()
    const courier = createCourier({
      lanes: { ...queues, std: { ...queues.std, send: async () => [{ index: 1, reason: 'no room', isOurs: false }] } },
      assembly: queues.assembly,
      signer: createSigner(KEYS.privateKey),
    })
    const given = { root: folder, recipe: RECIPE, lane: 'std', deadlineSeconds: 3600, slotsPerInstance: 2 } as const
    const cost = { maxInstances: 2, lifetimeHours: 4, instanceHour: 0.1 }
    await expect(submit({ store, courier }, { ...given, cost }, { now: () => NOW })).rejects.toMatchObject({
      code: 'E_QUEUE',
      retryable: true,
    })
    expect(await run()).toMatchObject({ sent: 3 })
  })

  it('makes its messages a thousand at a time: those of a million images would not fit into memory', async () => {
    const { store, queues, run } = bench()
    await lay(await threePictures())
    const { batch } = await run()
    const manifest = await readBatchManifest(store, batch)
    const [item] = manifest ? await readItems(store, manifest) : []
    const sizes: number[] = []
    const send: Queue['send'] = async (messages) => {
      sizes.push(messages.length)
      return []
    }
    const courier = createCourier({
      lanes: { ...queues, std: { ...queues.std, send } },
      assembly: queues.assembly,
      signer: createSigner(KEYS.privateKey),
    })
    if (manifest && item)
      await courier.sendJobs(
        manifest,
        Array.from({ length: 2500 }, () => item),
      )
    expect(sizes).toEqual([1000, 1000, 500])
  })

  it('that was broken off anywhere is known by its status, until the same command has sent the rest', async () => {
    await lay(await threePictures())
    const whole = await bench().run()
    let halfSent = 0
    for (let death = 0; death < 6; death++) {
      const { store, run, queues, received } = bench()
      let left = death
      const dying = <T extends Pick<Queue, 'send'>>(queue: T): T => ({
        ...queue,
        send: async (...call: Parameters<Queue['send']>) => {
          if (left-- <= 0) throw new Error('killed')
          return queue.send(...call)
        },
      })
      const { assembly, ...lanes } = queues
      const courier = createCourier({
        lanes: { ...lanes, std: dying(lanes.std) },
        assembly: dying(assembly),
        signer: createSigner(KEYS.privateKey),
      })
      const isDead = await run({}, store, courier).then(
        () => false,
        () => true,
      )
      expect(await batchStatus(store, whole.batch)).toMatchObject({ isSent: !isDead })
      if (isDead) halfSent += 1
      await run()
      expect(await batchStatus(store, whole.batch)).toMatchObject({ isSent: true })
      expect(new Set((await received('std')).map((job) => ('item' in job ? job.item : job))).size).toBe(3)
    }
    // Before the jobs, and before the barrier.
    expect(halfSent).toBe(2)
  })

  it('kicks the fleet for what it has sent, at once', async () => {
    await lay(await threePictures())
    const { store, courier } = bench()
    const wishes: number[] = []
    const count = { desired: 0, inService: 0, max: 5, instances: [] }
    const fleet = {
      label: 'fleet',
      count: async () => count,
      grow: async (desired: number) => {
        wishes.push(desired)
        return { ...count, desired }
      },
      retire: async () => undefined,
    }
    const given = { root: folder, recipe: RECIPE, lane: 'std', deadlineSeconds: 3600, slotsPerInstance: 2 } as const
    const cost = { maxInstances: 2, lifetimeHours: 4, instanceHour: 0.1 }
    expect(await submit({ store, courier, fleet }, { ...given, cost })).toMatchObject({ instances: 1 })
    expect(wishes).toEqual([1])
  })

  it('is sent whole although the fleet cannot be kicked, and the same command kicks it', async () => {
    await lay(await threePictures())
    const { store, courier } = bench()
    const count = { desired: 0, inService: 0, max: 5, instances: [] }
    let isBusy = true
    const grow = async (desired: number) => {
      if (isBusy) throw new LadingError('E_FLEET', 'the group is busy')
      return { ...count, desired }
    }
    const fleet = { label: 'fleet', count: async () => count, grow, retire: async () => undefined }
    const given = { root: folder, recipe: RECIPE, lane: 'std', deadlineSeconds: 3600, slotsPerInstance: 2 } as const
    const cost = { maxInstances: 2, lifetimeHours: 4, instanceHour: 0.1 }
    const again = () => submit({ store, courier, fleet }, { ...given, cost, batch: 'photos' })
    await expect(again()).rejects.toMatchObject({ code: 'E_FLEET' })
    expect(await batchStatus(store, 'photos')).toMatchObject({ isSent: true })
    isBusy = false
    expect(await again()).toMatchObject({ instances: 1 })
  })

  it.each([
    ['that is empty', {}, /^It is empty; images are files/, /Name the folder/],
    ['without images', { 'notes.txt': 'x' }, /has files \(1\), and none is an image/, /Name the folder/],
    ['whose images are left out', { 'a.jpg': 'x', '.ladingignore': '*.jpg' }, /has images \(1\), .*ignore/, /filter/],
    ['of images that are too large', { 'a.jpg': Buffer.alloc(50_000_001) }, /images \(1\) are larger than/, /Name/],
  ])('has nothing to do in a folder %s, and speaks of images', async (_, files, why, hint) => {
    await lay(files)
    const { store, run } = bench()
    const error = await run().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'E_ROOT_EMPTY', exitCode: 3, message: 'there are no images to render' })
    expect(error).toMatchObject({ why: expect.stringMatching(why), hint: expect.stringMatching(hint) })
    expect(await store.head(batchManifestKey('b'))).toBeUndefined()
  })

  it('leaves out what was gone before it was read and names it; the same command goes on with the rest', async () => {
    const names = Array.from({ length: 40 }, (_, at) => `${String(at).padStart(2, '0')}.jpg`)
    await lay(Object.fromEntries(names.map((name) => [name, `bytes of ${name}`])))
    const { store, run, received } = bench()
    const put: Store['put'] = async (...args) => {
      await rm(join(folder, '39.jpg'), { force: true })
      return store.put(...args)
    }
    const first = await run({}, { ...store, put })
    expect(first).toMatchObject({ items: 39, sent: 39, originals: { put: 39 } })
    expect(first.refused).toEqual([{ path: '39.jpg', reason: 'it cannot be read (ENOENT)' }])
    expect(await received('std')).toHaveLength(10)
    expect(await run()).toMatchObject({ batch: first.batch, items: 39, originals: { put: 0 }, refused: [] })
  })

  it('puts an original again whose bytes in the store were lost or cut, and touches no other', async () => {
    const content = await threePictures()
    await lay(content)
    const path = join(folder, 'store')
    const store = createFolderStore({ path })
    const { run } = bench()
    const { batch } = await run({}, store)
    const manifest = await readBatchManifest(store, batch)
    const [a, c, d] = manifest ? await readItems(store, manifest) : []
    const fileOf = async (item: typeof a) => {
      const below = join(path, 'objects', dirname(item?.src.key ?? ''))
      const name = (await readdir(below)).find((file) => file.startsWith(item?.src.sha256 ?? '-'))
      return join(below, name ?? '')
    }
    await truncate(await fileOf(a), 10)
    await rm(await fileOf(c))
    const kept = await stat(await fileOf(d))
    expect(await run({ batch: 'anew' }, store)).toMatchObject({ originals: { put: 2 } })
    for (const [item, bytes] of [
      [a, content['a.jpg']],
      [c, content['b/c.JPG']],
    ] as const)
      expect(Buffer.from((await store.get(item?.src.key ?? ''))?.bytes ?? [])).toEqual(bytes)
    expect((await stat(await fileOf(d))).mtimeMs).toBe(kept.mtimeMs)
    expect(await run({ batch: 'anew' }, store)).toMatchObject({ originals: { put: 0 } })
  })

  it('refuses a folder of which nothing can be read', async () => {
    const image = { path: 'a.jpg', disk: join(folder, 'a.jpg'), size: 1 }
    const read = async () => Promise.reject(new LadingError('E_UNREADABLE', 'it cannot be read (EACCES)'))
    await expect(putOriginals(createMemoryStore(), [{ ...image, read }])).rejects.toMatchObject({
      code: 'E_UNREADABLE',
      message: 'none of 1 image can be read',
      why: 'a.jpg: it cannot be read (EACCES)',
    })
    await lay({ 'notes.txt': 'no image' })
    await symlink('nowhere.jpg', join(folder, 'a.jpg'))
    await expect(bench().run()).rejects.toMatchObject({
      code: 'E_ROOT_EMPTY',
      why: 'None of its images can be read. a.jpg: it is a link that leads nowhere',
    })
  })

  it('takes one original for two images with the same bytes', async () => {
    const same = await picture(40, 10)
    await lay({ 'a.jpg': same, 'copy/a.jpg': same })
    const { store, run } = bench()
    expect(await run()).toMatchObject({ items: 2, sent: 2, originals: { put: 1, bytes: same.length } })
    expect(await store.head(originalKey(bytesBody(same).sha256, 'jpg'))).toBeDefined()
  })
})
