import { afterEach, describe, expect, it } from 'vitest'
import { LadingError, type Store, unlock } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { MIRROR } from '../rig/project.ts'
import { createHandClock, createPublished, type HandClock, keysOf, type Published } from '../rig/published.ts'

const all: Published[] = []
afterEach(() => {
  for (const one of all.splice(0)) one.remove()
})

const FILES = { 'index.html': 'first', 'a.txt': 'first' }
const SECOND = { 'index.html': 'second', 'a.txt': 'second' }
const LEASE_MS = 30_000

/** A site whose second deploy died in the middle, without a word. */
async function withDeadDeploy(): Promise<Published & { storeClock: HandClock }> {
  const storeClock = createHandClock()
  const memory = createMemoryStore({ now: storeClock.wallMs })
  let isDead = false
  let dies = false
  const store: Store = {
    ...memory,
    async put(key, ...rest) {
      if (dies && key === 'index.html') isDead = true
      if (isDead) throw new LadingError('E_ABORTED', 'killed')
      return memory.put(key, ...rest)
    },
  }
  const made = createPublished({ files: FILES, config: MIRROR, store })
  all.push(made)
  await made.site.sync()
  made.become(SECOND)
  dies = true
  await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_ABORTED' })
  dies = false
  isDead = false
  return { ...made, storeClock }
}

describe('unlock', () => {
  it('gives a dead deploy up, so that the next run need not wait; that run finishes what was begun', async () => {
    const made = await withDeadDeploy()
    await expect(made.site.sync({ lockTimeoutSeconds: 0 })).rejects.toMatchObject({ code: 'E_LOCKED', exitCode: 8 })
    made.storeClock.pass(LEASE_MS + 1)
    const given = await unlock({ ...made.history(), name: 'd2' }, made.run)
    expect(given).toMatchObject({
      deploy: 'd2',
      description: expect.stringMatching(/^d2 {2}channel production {2}started /),
    })
    expect(await made.site.sync({ lockTimeoutSeconds: 0 })).toMatchObject({ published: true, seq: 2 })
    expect([await made.text('index.html'), await made.text('a.txt')]).toEqual(['second', 'second'])
  })

  it('leaves a deploy alone that still gives signs of life, unless it is forced', async () => {
    const made = await withDeadDeploy()
    const refused = { code: 'E_LOCKED', exitCode: 8, hint: expect.stringContaining('lading unlock d2 --force') }
    await expect(unlock(made.history(), made.run)).rejects.toMatchObject(refused)
    await expect(made.site.sync({ lockTimeoutSeconds: 0 })).rejects.toMatchObject({ code: 'E_LOCKED' })
    expect(await unlock({ ...made.history(), force: true }, made.run)).toMatchObject({ deploy: 'd2' })
    expect(await made.site.sync({ lockTimeoutSeconds: 0 })).toMatchObject({ published: true })
  })

  it('says that nothing is held, where nothing is, or where it was given up already', async () => {
    const made = await withDeadDeploy()
    await unlock({ ...made.history(), force: true }, made.run)
    expect(await unlock(made.history(), made.run)).toBeUndefined()
    await made.site.sync()
    expect(await unlock(made.history(), made.run)).toBeUndefined()
  })

  it('says that nothing was published where nothing was, with a name or without one, and writes nothing', async () => {
    const empty = createPublished({ files: FILES, config: MIRROR })
    all.push(empty)
    const refused = { code: 'E_UNPUBLISHED', exitCode: 3, hint: expect.stringContaining('Check --to') }
    await expect(unlock(empty.history(), empty.run)).rejects.toMatchObject(refused)
    await expect(unlock({ ...empty.history(), name: 'd2', force: true }, empty.run)).rejects.toMatchObject(refused)
    expect(await keysOf(empty.store)).toEqual([])
  })

  it('gives a first deploy up, whose release nobody has seen yet', async () => {
    const memory = createMemoryStore()
    let isDead = false
    const store: Store = {
      ...memory,
      async put(key, ...rest) {
        if (key === 'index.html') isDead = true
        if (isDead) throw new LadingError('E_ABORTED', 'killed')
        return memory.put(key, ...rest)
      },
    }
    const made = createPublished({ files: FILES, config: MIRROR, store })
    all.push(made)
    await expect(made.site.sync()).rejects.toMatchObject({ code: 'E_ABORTED' })
    isDead = false
    expect(await unlock({ ...made.history(), force: true }, made.run)).toMatchObject({ deploy: 'd1' })
    expect(await unlock(made.history(), made.run)).toBeUndefined()
  })

  it('refuses a name that is not the one that is held, and says which that is', async () => {
    const made = await withDeadDeploy()
    made.storeClock.pass(LEASE_MS + 1)
    const other = { code: 'E_USAGE', exitCode: 2, hint: 'lading unlock d2' }
    await expect(unlock({ ...made.history(), name: 'd7', force: true }, made.run)).rejects.toMatchObject(other)
    await unlock(made.history(), made.run)
    await made.site.sync()
    const none = { code: 'E_USAGE', hint: 'There is nothing to unlock.' }
    await expect(unlock({ ...made.history(), name: 'd2' }, made.run)).rejects.toMatchObject(none)
  })

  it('of a deploy whose run lives after all: that run finds out, and writes nothing more', async () => {
    const memory = createMemoryStore()
    const made = createPublished({ files: FILES, config: MIRROR, store: memory })
    all.push(made)
    await made.site.sync()
    let isFirst = true
    const store: Store = {
      ...memory,
      async put(key, ...rest) {
        if (key === 'a.txt' && isFirst) {
          isFirst = false
          await unlock({ ...made.history(), force: true }, made.run)
          made.become({ 'index.html': 'third', 'a.txt': 'third' })
          expect(await made.site.sync({ lockTimeoutSeconds: 0 })).toMatchObject({ published: true, seq: 2 })
        }
        return memory.put(key, ...rest)
      },
    }
    const late = createPublished({ files: SECOND, config: MIRROR, store })
    all.push(late)
    // it has lost its turn, starts anew from what is live then, and is the newest
    await late.site.sync().catch((error: unknown) => expect(error).toMatchObject({ exitCode: 8 }))
    const texts = [await made.text('index.html'), await made.text('a.txt')]
    expect([
      ['third', 'third'],
      ['second', 'second'],
    ]).toContainEqual(texts)
  })
})
