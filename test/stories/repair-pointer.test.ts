import { afterEach, describe, expect, it } from 'vitest'
import { channels, endChannel, prune, remove, rollback, type Summary } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { createFaultyStore, type FaultyStore } from '../rig/faulty-store.ts'
import { createPublished, keysOf, type Published, stateOf } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const POINTER = '.lading/pointer.json'

interface World extends Published, FaultyStore {
  repair(): Promise<Summary>
}

/** A site that was published to two channels, on a machine that keeps no copies of the state. */
async function world(): Promise<World> {
  const faulty = createFaultyStore(createMemoryStore())
  const made = createPublished({ files: { 'index.html': '<img src="photo.png">', 'photo.png': 'one' }, ...faulty })
  all.push(made)
  await made.site.sync()
  made.site.write('site/photo.png', 'two')
  await made.site.sync({ channel: 'preview' })
  return { ...made, ...faulty, repair: () => made.site.sync({ repair: true, cacheDir: 'another' }) }
}

const liveIn = async ({ history, run }: World): Promise<string[]> =>
  (await channels(history(), run)).flatMap(({ name, endedAt }) => (endedAt === undefined ? [name] : []))

it('an ended channel is live again when the pointer is made anew, and the repair says so', async () => {
  const made = await world()
  await endChannel({ ...made.history(), name: 'preview' }, made.run)
  expect(await liveIn(made)).toEqual(['production'])
  await made.lose(POINTER)
  await made.repair()
  expect(await liveIn(made)).toEqual(['preview', 'production'])
  expect(made.site.events).toContainEqual(
    expect.objectContaining({
      code: 'W_POINTER_REMADE',
      items: ['preview', 'production'],
      fix: expect.stringContaining('lading channel end'),
    }),
  )
})

it('a repair that finds the pointer does not speak of it', async () => {
  const made = await world()
  await made.repair()
  expect(made.site.events).not.toContainEqual(expect.objectContaining({ code: 'W_POINTER_REMADE' }))
})

it('releases are found again where the pointer and every manifest are gone, without a wait', async () => {
  const made = await world()
  await made.lose(POINTER)
  for (const key of await keysOf(made.store, '.lading/manifests/')) await made.lose(key)
  const before = made.clock.monotonicMs()
  expect(await made.repair()).toMatchObject({ published: true })
  expect(made.clock.monotonicMs()).toBe(before)
  expect(await liveIn(made)).toEqual(['preview', 'production'])
})

it('numbers go on from those of the releases where nothing else is left of the state', async () => {
  const made = await world()
  await made.lose(POINTER)
  for (const folder of ['manifests', 'deploys']) {
    for (const key of await keysOf(made.store, `.lading/${folder}/`)) await made.lose(key)
  }
  expect(await made.repair()).toMatchObject({ published: true, seq: 3 })
})

describe('where the pointer is gone, nothing but a repair touches the store', () => {
  const REFUSED = { code: 'E_MANIFEST', hint: expect.stringContaining('lading sync --repair') }

  it.each<[string, (made: World) => Promise<unknown>]>([
    ['a sync', ({ site }) => site.sync()],
    ['a plan', ({ site }) => site.plan()],
    ['prune', ({ history, run }) => prune(history(), run)],
    ['a dry run of prune', ({ history, run }) => prune({ ...history(), dryRun: true }, run)],
    ['remove', ({ history, run }) => remove({ ...history(), subject: 'photo.png', now: true }, run)],
    ['rollback', ({ history, run }) => rollback(history(), run)],
    ['a dry run of remove', ({ history, run }) => remove({ ...history(), subject: 'photo.png' }, run)],
  ])('%s says so', async (_, deed) => {
    const made = await world()
    await made.lose(POINTER)
    made.clock.passDays(400)
    const before = await stateOf(made.store)
    await expect(deed(made)).rejects.toMatchObject(REFUSED)
    expect(await stateOf(made.store)).toEqual(before)
  })

  it('also where a run has taken the old deploy over and has died', async () => {
    const made = await world()
    const text = JSON.stringify({ v: 1, seq: 0, fence: 1, channels: [] })
    await made.store.put(POINTER, bytesBody(Buffer.from(text)), {})
    await expect(made.site.sync()).rejects.toMatchObject(REFUSED)
    await made.repair()
    expect(await liveIn(made)).toEqual(['preview', 'production'])
  })
})
