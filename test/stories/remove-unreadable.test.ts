import { afterEach, describe, expect, it } from 'vitest'
import { LadingError, prune, type Removal, type RemoveOptions, remove, type Store } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { bytesBody } from '../../src/transfer/bytes-body.ts'
import { MIRROR } from '../rig/project.ts'
import { createPublished, keysOf, type Published } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const page = (photo: string) => ({ 'index.html': '<img src="photo.png">', 'other.png': 'no face', 'photo.png': photo })

interface World {
  readonly made: Published
  readonly ids: readonly string[]
  /** Damages the record of a release, or mends it. */
  damage(id: string | undefined): Promise<void>
  mend(id: string | undefined): Promise<void>
}

/** Three releases with three photographs; the local copies of their records are those of another machine. */
async function world(store: Store = createMemoryStore()): Promise<World> {
  const made = createPublished({ files: page('face one'), config: MIRROR, store })
  all.push(made)
  const ids = [(await made.site.sync()).release]
  for (const photo of ['face two', 'face three']) {
    made.become(page(photo))
    ids.push((await made.site.sync()).release)
  }
  const whole = new Map<string, Uint8Array>()
  const put = async (id: string | undefined, bytes: (before: Uint8Array) => Uint8Array): Promise<void> => {
    const key = `.lading/releases/${id}.json`
    const found = await store.get(key)
    if (found === undefined) throw new Error(`no record ${id}`)
    if (!whole.has(key)) whole.set(key, found.bytes)
    await store.put(key, bytesBody(bytes(whole.get(key) ?? found.bytes)), found.headers, { when: { etag: found.etag } })
  }
  return {
    made,
    ids: ids.map((id) => id ?? ''),
    damage: (id) => put(id, (before) => before.slice(0, 20)),
    mend: (id) => put(id, (before) => before),
  }
}

const takeDown = (
  { history, run }: Published,
  more: Partial<RemoveOptions> = { now: true },
  cacheDir = 'elsewhere',
): Promise<Removal> => remove({ ...history({ cacheDir }), subject: 'photo.png', ...more }, run)

/** Bytes in the store that begin with `face`. */
async function faces({ store }: Published): Promise<string[]> {
  const found: string[] = []
  for (const key of await keysOf(store)) {
    const text = Buffer.from((await store.get(key))?.bytes ?? '').toString()
    if (text.startsWith('face')) found.push(text)
  }
  return found.sort()
}

describe('a takedown, where the record of a release is damaged', () => {
  it('removes all that the others know, names the record, and does not end well', async () => {
    const { made, ids, damage } = await world()
    await damage(ids[0])
    expect(await takeDown(made)).toMatchObject({ ok: false, exit: 7, removed: 1, state: 1 })
    expect(await faces(made)).toEqual(['face one'])
    const items = [expect.stringContaining(`.lading/releases/${ids[0]}.json`)]
    expect(made.said).toContainEqual(expect.objectContaining({ code: 'W_RECORD_UNREADABLE', items }))
  })

  it('leaves the rest to a prune, which lets go of the record', async () => {
    const { made, ids, damage } = await world()
    await damage(ids[0])
    await takeDown(made)
    await prune(made.history({ cacheDir: 'elsewhere', keepReleases: 2, keepDays: 0 }), made.run)
    expect(await faces(made)).toEqual([])
    expect(await takeDown(made)).toMatchObject({ ok: true, removed: 0, state: 0 })
  })

  it('says so before as well, and changes nothing then', async () => {
    const { made, ids, damage } = await world()
    await damage(ids[0])
    expect(await takeDown(made, { now: false })).toMatchObject({
      ok: false,
      exit: 7,
      dryRun: true,
      removed: 1,
      state: 1,
    })
    expect(await faces(made)).toEqual(['face one', 'face three', 'face two'])
  })

  it('finds the rest when the record is back', async () => {
    const { made, ids, damage, mend } = await world()
    await damage(ids[0])
    await takeDown(made)
    await mend(ids[0])
    expect(await takeDown(made)).toMatchObject({ ok: true, exit: 0, state: 1 })
    expect(await faces(made)).toEqual([])
  })

  it('does not call the file unknown without a word about the record', async () => {
    const { made, ids, damage } = await world()
    await damage(ids[0])
    const why = expect.stringContaining(`.lading/releases/${ids[0]}.json`)
    await expect(takeDown(made, { subject: 'never.png' })).rejects.toMatchObject({ code: 'E_USAGE', why })
  })

  it('does not end well either when all that the others know is gone', async () => {
    const { made, ids, damage } = await world()
    await damage(ids[0])
    await takeDown(made)
    expect(await takeDown(made)).toMatchObject({ ok: false, exit: 7, removed: 0, state: 0 })
  })

  it('goes on where that of the live release is damaged, too', async () => {
    const { made, ids, damage } = await world()
    await damage(ids[2])
    expect(await takeDown(made)).toMatchObject({ ok: false, exit: 7, removed: 1 })
    expect(await faces(made)).toEqual([])
  })

  it('or is gone', async () => {
    const { made, ids } = await world()
    await made.store.remove([`.lading/releases/${ids[2]}.json`])
    expect(await takeDown(made)).toMatchObject({ ok: false, exit: 7, removed: 1 })
  })

  it('lets go of no content that seems to belong to nothing: the damaged record may name it', async () => {
    const { made, ids, damage } = await world()
    await damage(ids[0])
    await remove({ ...made.history({ cacheDir: 'elsewhere' }), subject: 'other.png', now: true }, made.run)
    expect(await faces(made)).toEqual(['face one', 'face three', 'face two'])
  })

  it('stops where the store does not answer: that says nothing about the record', async () => {
    const memory = createMemoryStore()
    let isSilent = false
    const { made } = await world({
      ...memory,
      async get(key, options) {
        if (isSilent && key.includes('releases/')) throw new LadingError('E_UNREACHABLE', 'no answer')
        return memory.get(key, options)
      },
    })
    isSilent = true
    await expect(takeDown(made)).rejects.toMatchObject({ code: 'E_UNREACHABLE' })
  })
})
