import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { ListedObject, ListOptions, Store } from '../../../src/store/store.ts'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { hexBorders, listInParts, type PartsOptions } from '../../../src/transfer/list-in-parts.ts'
import { LadingError } from '../../../src/words/errors.ts'
import type { Key } from '../../../src/words/model.ts'
import { bodyOf } from '../../contract/bodies.ts'

const PLAIN = { 'content-type': 'text/plain' }

interface Asked {
  readonly prefix: string
  readonly options: ListOptions
}

interface Paged {
  readonly store: Store
  /** Every listing that was begun. */
  readonly asked: Asked[]
  /** Pages that were given. */
  pages(): number
  /** Pages that were on their way at the same time, at most. */
  most(): number
}

/** A store whose listings come in pages, each a request of its own, and may begin anywhere. */
async function paged(keys: Iterable<Key>, pageSize: number, change: (page: Asked) => void = () => {}): Promise<Paged> {
  const memory = createMemoryStore({ pageSize })
  for (const key of keys) await memory.put(key, bodyOf(key), PLAIN)
  const asked: Asked[] = []
  let [pages, running, most] = [0, 0, 0]
  async function* list(prefix: string, options: ListOptions = {}): AsyncGenerator<readonly ListedObject[]> {
    const listing = { prefix, options }
    asked.push(listing)
    for await (const page of memory.list(prefix, options)) {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
      pages += 1
      change(listing)
      yield page
    }
  }
  const store = { ...memory, list, facts: { ...memory.facts, listPage: pageSize } }
  return { store, asked, pages: () => pages, most: () => most }
}

async function keysOf(pages: AsyncIterable<readonly ListedObject[]>): Promise<Key[]> {
  const keys: Key[] = []
  for await (const page of pages) keys.push(...page.map(({ key }) => key))
  return keys
}

const inParts = (
  store: Store,
  expected: Iterable<Key>,
  more: Partial<PartsOptions> = {},
  prefix = '',
): Promise<Key[]> => keysOf(listInParts(store, prefix, { expected: () => expected, ...more }))

const NUMBERED = Array.from({ length: 1000 }, (_, index) => `k/${String(index).padStart(4, '0')}`)

describe('a listing in parts', () => {
  it('is the plain one, whatever lies there, whatever was expected and wherever pages end', async () => {
    const segment = fc.string({
      unit: fc.constantFrom('a', 'b', '0', '~', 'é', '\u{ff5e}', '\u{1f600}'),
      minLength: 1,
      maxLength: 3,
    })
    const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'))
    const world = fc.record({
      names: fc.uniqueArray(key, { maxLength: 40 }),
      others: fc.array(key, { maxLength: 20 }),
      isKnown: fc.infiniteStream(fc.boolean()),
      pageSize: fc.integer({ min: 1, max: 9 }),
      prefix: fc.constantFrom('', 'a/', 'é/'),
    })
    await fc.assert(
      fc.asyncProperty(world, async ({ names, others, isKnown, pageSize, prefix }) => {
        // each with its next neighbour
        const keys = names.flatMap((name) => [name, `${name} `])
        const { store } = await paged(keys, pageSize)
        const expected = [...others, ...keys.filter(() => isKnown.next().value)]
        expect(await inParts(store, expected, {}, prefix)).toEqual(await keysOf(store.list(prefix)))
      }),
      { numRuns: 400 },
    )
  })

  it('asks for as many pages as the plain one, many at once, where all is as expected', async () => {
    const { store, pages, most } = await paged(NUMBERED, 10)
    expect(await inParts(store, NUMBERED.toReversed())).toEqual(NUMBERED)
    expect(pages()).toBe(100)
    expect(most()).toBe(16)
  })

  it('finds out by the first page how far apart the names lie that nobody has seen', async () => {
    const digests = Array.from(
      { length: 900 },
      (_, index) => `b/${((index * 4663) % 65_536).toString(16).padStart(4, '0')}`,
    )
    const { store, pages, most } = await paged(digests, 10)
    expect(await inParts(store, hexBorders('b/'), {}, 'b/')).toEqual(digests.toSorted())
    expect(pages()).toBeLessThan(150)
    expect(most()).toBe(16)
  })

  it('is one listing, and nobody is asked what to expect, where the first page is not whole', async () => {
    const { store, asked } = await paged(NUMBERED.slice(0, 4), 10)
    const expected = (): never => {
      throw new Error('asked for nothing')
    }
    expect(await keysOf(listInParts(store, '', { expected }))).toHaveLength(4)
    expect(asked).toHaveLength(1)
  })

  it('is one listing where the store says nothing of pages', async () => {
    const { store, asked } = await paged(NUMBERED, 10)
    const { listPage: _, ...facts } = store.facts
    expect(await inParts({ ...store, facts }, NUMBERED)).toEqual(NUMBERED)
    expect(asked).toHaveLength(1)
  })

  it('passes by a folder that is not wanted', async () => {
    const state = Array.from({ length: 300 }, (_, index) => `.s/${index}`)
    const { store, pages } = await paged([...state, ...NUMBERED], 10)
    const keys = await inParts(store, NUMBERED, { without: '.s/' })
    expect(keys.filter((key) => !key.startsWith('.s/'))).toEqual(NUMBERED)
    expect(pages()).toBe(101)
  })

  it('finds much more than was expected, and lets a few pages of each part wait', async () => {
    const { store, pages } = await paged(NUMBERED, 10)
    const expected = (): Key[] => NUMBERED.filter((_, at) => at < 10 || at % 20 === 0)
    let given = 0
    let ahead = 0
    for await (const page of listInParts(store, '', { expected })) {
      given += page.length
      ahead = Math.max(ahead, pages() * 10 - given)
    }
    expect(given).toBe(1000)
    const parts = 5
    expect(ahead).toBeLessThanOrEqual(parts * 8 * 10)
  })

  it('goes on as one listing where a store turns out to begin at its first key, whatever it is asked', async () => {
    const facts: { listPage: number | undefined } = { listPage: 10 }
    const { store, asked } = await paged(NUMBERED, 10, ({ options }) => {
      if (options.after !== undefined) facts.listPage = undefined
    })
    const deaf = {
      ...store,
      facts: Object.defineProperty({ ...store.facts }, 'listPage', { get: () => facts.listPage }),
    }
    expect(await inParts(deaf, NUMBERED)).toEqual(NUMBERED)
    expect(asked.length).toBeLessThanOrEqual(1 + 16 + 1)
  })

  it('ends with the error of a part, after all that comes before it, and stops the others', async () => {
    const broken = new Error('torn')
    const { store, asked } = await paged(NUMBERED, 10, ({ options: { after } }) => {
      if (after !== undefined && after >= 'k/0200') throw broken
    })
    const keys: Key[] = []
    const reading = async (): Promise<void> => {
      for await (const page of listInParts(store, '', { expected: () => NUMBERED }))
        keys.push(...page.map(({ key }) => key))
    }
    await expect(reading()).rejects.toBe(broken)
    expect(keys).toEqual(NUMBERED.slice(0, keys.length))
    expect(keys.length).toBeGreaterThanOrEqual(200)
    expect(asked.slice(1).map(({ options }) => options.signal?.aborted)).not.toContain(false)
  })

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController()
    const { store } = await paged(NUMBERED, 10, ({ options }) => {
      if (options.after !== undefined) controller.abort()
    })
    const { signal } = controller
    await expect(inParts(store, NUMBERED, { signal })).rejects.toMatchObject({ code: 'E_ABORTED' })
  })

  it('asks for nothing more when nobody wants more', async () => {
    const { store, asked, pages } = await paged(NUMBERED, 10)
    let count = 0
    for await (const _ of listInParts(store, '', { expected: () => NUMBERED })) {
      count += 1
      if (count === 3) break
    }
    const before = pages()
    await new Promise(setImmediate)
    expect(pages()).toBe(before)
    expect(asked.slice(1).map(({ options }) => options.signal?.aborted)).not.toContain(false)
  })

  it('whose parts all wait to be asked again warns of no leak', async () => {
    const { store } = await paged(NUMBERED, 10)
    let left = 16
    async function* list(prefix: string, options: ListOptions = {}): AsyncGenerator<readonly ListedObject[]> {
      if (options.after !== undefined && left-- > 0) throw new LadingError('E_STORE', 'reset', { retryable: true })
      yield* store.list(prefix, options)
    }
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    try {
      expect(await inParts(withRetry({ ...store, list }, { random: () => 0.01 }), NUMBERED)).toEqual(NUMBERED)
      expect(warned).not.toHaveBeenCalled()
    } finally {
      warned.mockRestore()
    }
  })
})
