import { describe, expect, it } from 'vitest'
import { LadingError, type LadingEvent, prune, type Run, type Store } from '../../src/index.ts'
import { drift, FILES, MODES, type Moving, moving, visible } from '../rig/moving.ts'
import { MIRROR } from '../rig/project.ts'
import { keysOf, stateOf } from '../rig/published.ts'
import { putVariants, receiptOf } from '../rig/receipts.ts'

/** Keys under which these bytes lie, wherever. */
async function holding(store: Store, text: string): Promise<string[]> {
  const keys = await keysOf(store)
  const texts = await Promise.all(keys.map(async (key) => Buffer.from((await store.get(key))?.bytes ?? '').toString()))
  return keys.filter((_, index) => texts[index] === text)
}

/** Contents for rollbacks. */
async function keptIn(store: Store): Promise<string[]> {
  return Object.keys(await stateOf(store)).filter((key) => key.startsWith('.lading/blobs/'))
}

const warnings = (said: readonly LadingEvent[]): [string, readonly string[]][] =>
  said.flatMap((event): [string, readonly string[]][] => (event.type === 'warning' ? [[event.code, event.items]] : []))

/** The other store, before whose n-th write to a key like this something happens. */
function meanwhile(made: Moving, { at, happen }: { readonly at: RegExp; happen(): Promise<void> }): Run['openStore'] {
  let hasHappened = false
  return async ({ label }) => {
    if (!label.includes('elsewhere')) return made.from.store
    return {
      ...made.to.store,
      async put(key, ...rest) {
        if (!hasHappened && at.test(key)) {
          hasHappened = true
          await happen()
        }
        return made.to.store.put(key, ...rest)
      },
    }
  }
}

const CHANGED = { ...FILES, 'index.html': '<img src="photo.png">changed' }

describe.each(MODES)('%s: a file that was taken down in the copy', (_mode, config) => {
  it('stays away, although the source still has it, and each copy says so', async () => {
    const made = await moving(config)
    await made.copy()
    const photos = (await keysOf(made.to.store)).filter((key) => key.includes('photo'))
    await made.takeDown('photo.png', made.to)
    const before = await stateOf(made.to.store)
    for (const dryRun of [true, false]) {
      expect(await made.copy({ dryRun })).toMatchObject({ ok: true, sent: 0, skipped: photos.length })
      expect(warnings(made.said)).toEqual([['W_TAKEN_DOWN', photos]])
      expect(await stateOf(made.to.store)).toEqual(before)
    }
    made.become(CHANGED)
    await made.site.sync()
    made.become({ ...CHANGED, 'photo.png': 'another', 'twin.png': 'pixels' })
    await made.site.sync()
    await made.copy()
    expect(await holding(made.to.store, 'pixels')).toEqual([])
    expect(await holding(made.to.store, 'another')).not.toEqual([])
  })

  it('comes back when it is asked for', async () => {
    const made = await moving(config)
    await made.copy()
    await made.takeDown('photo.png', made.to)
    expect(await made.copy({ putBack: true })).toMatchObject({ skipped: 0 })
    expect(warnings(made.said)).toEqual([])
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    expect(await drift(made)).toEqual([])
    expect(await made.copy()).toMatchObject({ sent: 0, skipped: 0 })
  })

  it('an earlier version of a file stays away too', async () => {
    const made = await moving(config)
    await made.copy()
    await made.takeDown('photo.png', made.to)
    made.become({ ...FILES, 'photo.png': 'another' })
    await made.site.sync()
    await made.copy()
    expect(await holding(made.to.store, 'pixels')).toEqual([])
    expect(await holding(made.to.store, 'another')).not.toEqual([])
  })

  it('what was rendered from it stays away with it', async () => {
    const made = await moving(config)
    await putVariants(made.from.store, [receiptOf({ bytes: 'pixels' })])
    await made.copy()
    await made.takeDown('photo.png', made.to)
    await made.copy()
    expect((await keysOf(made.to.store)).filter((key) => key.startsWith('v/'))).toEqual([])
  })
})

describe.each(MODES)('%s: a file that was taken down in the source', (_mode, config) => {
  it('goes from the copy as well, in every version, with what was rendered from it, and only that', async () => {
    const made = await moving(config)
    await putVariants(made.from.store, [receiptOf({ bytes: 'first' }), receiptOf({ bytes: 'other' })])
    made.become({ ...FILES, 'photo.png': 'first', 'twin.png': 'first' })
    await made.site.sync()
    made.become({ ...FILES, 'photo.png': 'later' })
    await made.site.sync()
    await made.copy()
    await made.takeDown('photo.png', made.from)
    expect(await made.copy({ dryRun: true })).toMatchObject({ sent: 0, removed: expect.any(Number) })
    const planned = made.said.filter(({ type }) => type === 'file')
    const copied = await made.copy()
    expect(copied.removed).toBeGreaterThan(0)
    expect(made.said.filter(({ type }) => type === 'file')).toEqual(planned.map((event) => ({ ...event, done: true })))
    for (const text of ['pixels', 'first', 'later']) expect(await holding(made.to.store, text)).toEqual([])
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    const after = await stateOf(made.to.store)
    expect(await made.copy()).toMatchObject({ sent: 0, removed: 0 })
    expect(await stateOf(made.to.store)).toEqual(after)
  })

  it('and is put back there by a deploy: so it is in the copy', async () => {
    const made = await moving(config)
    await made.takeDown('photo.png', made.from)
    await made.copy()
    await made.site.sync()
    await made.copy({ putBack: true })
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    expect(await drift(made)).toEqual([])
  })

  it('while it is being copied: it is not there in the end', async () => {
    const made = await moving(config)
    const openStore = meanwhile(made, {
      at: /\.html$|pointer\.json$/,
      happen: async () => void (await made.takeDown('photo.png', made.from)),
    })
    await made.copy({ run: { openStore } })
    expect(await holding(made.to.store, 'pixels')).toEqual([])
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
  })

  it('after a copy was stopped that had sent it: the next copy removes it', async () => {
    const made = await moving(config)
    const stop = new AbortController()
    const openStore = meanwhile(made, {
      at: /pointer\.json$/,
      happen: async () => stop.abort(new LadingError('E_ABORTED', 'stopped by SIGINT')),
    })
    await expect(made.copy({ run: { openStore, signal: stop.signal } })).rejects.toMatchObject({ code: 'E_ABORTED' })
    expect(await holding(made.to.store, 'pixels')).not.toEqual([])
    await made.takeDown('photo.png', made.from)
    await made.copy()
    expect(await holding(made.to.store, 'pixels')).toEqual([])
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
  })
})

describe.each(MODES)('%s: what was pruned', (_mode, config) => {
  it('in the source, and is deployed again, is copied again', async () => {
    const made = await moving(config)
    await made.copy()
    for (const text of ['second', 'third', 'fourth']) {
      made.become({ ...FILES, 'index.html': `<img src="photo.png">${text}`, 'photo.png': text })
      await made.site.sync()
      made.clock.passDays(100)
      await prune(made.history({ keepReleases: 2, keepDays: 0 }), made.run)
      await made.copy()
    }
    made.become(FILES)
    await made.site.sync()
    expect(await made.copy()).toMatchObject({ skipped: 0 })
    expect(await visible(made.to.store)).toMatchObject(await visible(made.from.store))
    expect(warnings(made.said)).toEqual([])
  })

  it.each(['from', 'to'] as const)('counts as no takedown: in the store %s', async (side) => {
    const made = await moving(config)
    for (const text of ['second', 'third']) {
      made.become({ ...FILES, 'index.html': `<img src="photo.png">${text}`, 'photo.png': text })
      await made.site.sync()
    }
    await made.copy()
    made.clock.passDays(100)
    const { store } = made[side]
    const rules = made.history({ keepReleases: 1, keepDays: 0 })
    const pruned = await prune(rules, { ...made.run, openStore: async () => store })
    expect(pruned.state).toBeGreaterThan(0)
    expect(await made.copy()).toMatchObject({ removed: 0, skipped: 0 })
    expect(warnings(made.said)).toEqual([])
    expect(await drift(made)).toEqual([])
  })
})

describe.each(MODES)('%s: what was lost by accident', (_mode, config) => {
  /** A second state is live, contents of the first are kept in both stores, and one of the two has lost them. */
  async function losing(side: 'from' | 'to'): Promise<Moving> {
    const made = await moving(config)
    await putVariants(made.from.store, [receiptOf({ bytes: 'pixels' })])
    made.become({ ...FILES, 'index.html': '<img src="photo.png">second', 'photo.png': 'second' })
    await made.site.sync()
    await made.copy()
    await made[side].store.remove(await keptIn(made[side].store))
    return made
  }

  it('in the source is no takedown: the copy keeps it, and says so', async () => {
    const made = await losing('from')
    const before = await stateOf(made.to.store)
    for (let round = 0; round < 2; round++) {
      expect(await made.copy()).toMatchObject({ sent: 0, removed: 0, skipped: 0 })
      expect(warnings(made.said)).toEqual([['W_KEPT_ELSEWHERE', expect.arrayContaining(['index.html'])]])
      expect(await stateOf(made.to.store)).toEqual(before)
    }
  })

  it('in the other store removes no page there, when the source puts the former state back', async () => {
    const made = await losing('to')
    made.become(FILES)
    await made.site.sync()
    await made.copy()
    expect((await keysOf(made.to.store)).filter((key) => key.endsWith('.html'))).toEqual(
      (await keysOf(made.from.store)).filter((key) => key.endsWith('.html')),
    )
    expect(await made.copy({ putBack: true })).toMatchObject({ skipped: 0 })
    expect(await visible(made.to.store)).toEqual(await visible(made.from.store))
    expect(await drift(made)).toEqual([])
  })
})

describe('a page that was taken down in the source', () => {
  it('goes from the copy without a trace: its content is not kept for a rollback', async () => {
    const made = await moving(MIRROR)
    await made.copy()
    await made.takeDown('old.html', made.from)
    await made.copy()
    expect(await holding(made.to.store, 'old')).toEqual([])
  })
})

describe('a takedown in the source is carried over', () => {
  it('before it was ever seen by a pointer: a copy never publishes what went away while it ran', async () => {
    const made = await moving(MIRROR)
    const published: string[][] = []
    const openStore: Run['openStore'] = async ({ label }) => {
      if (!label.includes('elsewhere')) return made.from.store
      return {
        ...made.to.store,
        async put(key, ...rest) {
          if (key === 'photo.png') await made.takeDown('photo.png', made.from)
          if (key.endsWith('pointer.json')) published.push(await holding(made.to.store, 'pixels'))
          return made.to.store.put(key, ...rest)
        },
      }
    }
    await made.copy({ run: { openStore } })
    expect(published).toEqual([[]])
  })

  it('with a warning while it has not ended', async () => {
    const made = await moving(MIRROR)
    const codes: string[] = []
    const takingDown: Store = {
      ...made.from.store,
      async remove(...rest) {
        await made.copy()
        codes.push(...warnings(made.said).map(([code]) => code))
        return made.from.store.remove(...rest)
      },
    }
    await made.takeDown('photo.png', { ...made.from, store: takingDown })
    expect(new Set(codes)).toEqual(new Set(['W_UNSETTLED']))
    await made.copy()
    expect(warnings(made.said)).toEqual([])
    expect(await holding(made.to.store, 'pixels')).toEqual([])
  })

  it('unless more would go than may: nothing is written', async () => {
    const made = await moving(MIRROR)
    await made.copy()
    await made.takeDown('photo.png', made.from)
    const before = await visible(made.to.store)
    const to = made.history({ to: './elsewhere', maxDelete: 0 })
    await expect(made.copy({ to })).rejects.toMatchObject({ code: 'E_MAX_DELETE' })
    expect(await visible(made.to.store)).toEqual(before)
  })

  it('unless it may not be removed there: the copy fails, says what stayed, and the next one removes it', async () => {
    const made = await moving(MIRROR)
    await made.copy()
    await made.takeDown('photo.png', made.from)
    const openStore: Run['openStore'] = async ({ label }) => {
      if (!label.includes('elsewhere')) return made.from.store
      return { ...made.to.store, remove: async (keys) => keys.map((key) => ({ key, reason: 'access denied' })) }
    }
    await expect(made.copy({ run: { openStore } })).rejects.toMatchObject({
      code: 'E_REMOVE',
      details: ['photo.png: access denied'],
    })
    await made.copy()
    expect(await holding(made.to.store, 'pixels')).toEqual([])
  })
})
