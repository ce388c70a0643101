import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { ListedObject, ListOptions, Store } from '../../../src/store/store.ts'
import type { Clock } from '../../../src/store/wrappers/gate.ts'
import { type CountedStore, withRequests } from '../../../src/store/wrappers/with-requests.ts'
import { type RetryOptions, withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { LadingError } from '../../../src/words/errors.ts'
import type { RetryEvent } from '../../../src/words/events.ts'
import { bodyOf } from '../../contract/bodies.ts'

const PLAIN = { 'content-type': 'text/plain' }
const throttled = (retryAfterMs?: number): LadingError =>
  new LadingError('E_THROTTLED', 'slow down', { retryable: true, retryAfterMs })
const denied = new LadingError('E_ACCESS_DENIED', 'no')

interface Trial {
  readonly store: Store
  /** Attempts that reached the store below. */
  readonly counts: CountedStore['counts']
  readonly waits: number[]
  readonly events: RetryEvent[]
}

/** Time that passes while somebody waits for it. */
function virtualClock(): Clock {
  let nowMs = 0
  return {
    now: () => nowMs,
    later(deed, ms) {
      nowMs += ms
      queueMicrotask(deed)
      return () => undefined
    },
  }
}

/** A memory store whose calls fail with `errors`, one after the other, before (or after) they act. */
function trial(errors: readonly unknown[], options: RetryOptions & { readonly acts?: boolean } = {}): Trial {
  const left = [...errors]
  const waits: number[] = []
  const events: RetryEvent[] = []
  const memory = createMemoryStore({ pageSize: 2 })
  const fail = async <T>(call: () => Promise<T>): Promise<T> => {
    if (left.length === 0) return call()
    if (options.acts) await call()
    throw left.shift()
  }
  const failing: Store = {
    ...memory,
    get: (...given) => fail(() => memory.get(...given)),
    put: (...given) => fail(() => memory.put(...given)),
    copy: (...given) => fail(() => memory.copy(...given)),
    reheader: (...given) => fail(() => memory.reheader(...given)),
    remove: (...given) => fail(() => memory.remove(...given)),
  }
  const { store, counts } = withRequests(failing)
  const retrying = withRetry(store, {
    clock: virtualClock(),
    random: () => 0.5,
    sleep: async (ms) => void waits.push(ms),
    onRetry: (event) => events.push(event),
    ...options,
  })
  return { store: retrying, counts, waits, events }
}

describe('withRetry', () => {
  it.each([
    ['nothing fails', [], 1, true],
    ['it fails once', [throttled()], 2, true],
    ['it fails twice', [throttled(), throttled()], 3, true],
    ['it fails as often as is allowed', Array(4).fill(throttled()), 5, true],
    ['it fails for ever', Array(9).fill(throttled()), 5, false],
    ['it is refused for good', [denied], 1, false],
    ['it is refused for good later', [throttled(), denied], 2, false],
    ['it is no error of ours', [new TypeError('bug')], 1, false],
  ] as const)('makes the right number of attempts when %s', async (_, errors, attempts, succeeds) => {
    const { store, counts, waits } = trial(errors)
    const put = store.put('a', bodyOf('x'), PLAIN)
    if (succeeds) expect(await put).toMatchObject({ status: 'stored' })
    else await expect(put).rejects.toBe(errors[Math.min(attempts, errors.length) - 1])
    expect(counts.put).toBe(attempts)
    expect(waits).toHaveLength(attempts - 1)
  })

  it('makes one attempt with no retries', async () => {
    const { store, counts } = trial([throttled()], { retries: 0 })
    await expect(store.put('a', bodyOf('x'), PLAIN)).rejects.toMatchObject({ code: 'E_THROTTLED' })
    expect(counts.put).toBe(1)
  })

  it('doubles the bound of its waits up to 20 seconds', async () => {
    const { store, waits } = trial(Array(9).fill(throttled()), { retries: 9 })
    await store.put('a', bodyOf('x'), PLAIN)
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
  })

  it('spreads its waits over the whole of each bound', async () => {
    for (const [random, wait] of [
      [0, 0],
      [0.25, 50],
      [0.999, 199.8],
    ] as const) {
      const { store, waits } = trial([throttled()], { random: () => random })
      await store.put('a', bodyOf('x'), PLAIN)
      expect(waits[0]).toBeCloseTo(wait)
    }
  })

  it('waits as long as the store asks, but no longer than a minute', async () => {
    const { store, waits } = trial([throttled(7000), throttled(86_400_000)])
    await store.put('a', bodyOf('x'), PLAIN)
    expect(waits).toEqual([7000, 60_000])
  })

  it('is refused more often than it may fail as long as the store takes others', async () => {
    const memory = createMemoryStore()
    let refusals = 0
    const put: Store['put'] = async (key, ...rest) => {
      if (key !== 'a' || refusals === 9) return memory.put(key, ...rest)
      refusals += 1
      throw throttled()
    }
    const store = withRetry(
      { ...memory, put },
      { clock: virtualClock(), sleep: async () => void (await store.put('b', bodyOf('b'), PLAIN)) },
    )
    expect(await store.put('a', bodyOf('a'), PLAIN)).toMatchObject({ status: 'stored' })
    expect(refusals).toBe(9)
  })

  it('says before every wait what it waits for', async () => {
    const { store, events } = trial([throttled(), throttled()])
    await store.put('img/a.png', bodyOf('x'), PLAIN)
    expect(events).toEqual([
      { type: 'retry', key: 'img/a.png', attempt: 2, reason: 'slow down', waitMs: 100 },
      { type: 'retry', key: 'img/a.png', attempt: 3, reason: 'slow down', waitMs: 200 },
    ])
  })

  it('ends a wait when the signal of the call fires', async () => {
    const controller = new AbortController()
    const reason = new LadingError('E_ABORTED', 'stopped')
    const store = withRetry(
      { ...createMemoryStore(), get: async () => Promise.reject(throttled(30_000)) },
      { onRetry: () => setImmediate(() => controller.abort(reason)) },
    )
    await expect(store.get('a', { signal: controller.signal })).rejects.toBe(reason)
  })

  it('ends every wait when its own signal fires', async () => {
    const controller = new AbortController()
    const store = withRetry(
      { ...createMemoryStore(), head: async () => Promise.reject(throttled(30_000)) },
      { signal: controller.signal, onRetry: () => setImmediate(() => controller.abort()) },
    )
    await expect(store.head('a')).rejects.toMatchObject({ code: 'E_ABORTED' })
  })
})

describe('withRetry, after a write that may have happened', () => {
  it('takes a creation that its own first attempt made for its own', async () => {
    const { store, counts } = trial([throttled()], { acts: true })
    const result = await store.put('a', bodyOf('mine'), PLAIN, { when: 'absent' })
    expect(result).toEqual({ status: 'stored', etag: (await store.head('a'))?.etag })
    expect(counts.put).toBe(2)
  })

  it("does not take somebody else's object for its own", async () => {
    const { store } = trial([])
    await store.put('a', bodyOf('theirs'), PLAIN)
    const late = withRetry({ ...store, put: once(throttled(), store.put) }, { sleep: async () => undefined })
    expect(await late.put('a', bodyOf('mine'), PLAIN, { when: 'absent' })).toEqual({ status: 'precondition-failed' })
  })

  it("does not take somebody else's headers for its own, where others may write the same bytes", async () => {
    const { store } = trial([])
    await store.put('a', bodyOf('same'), { ...PLAIN, 'cache-control': 'max-age=1' })
    const late = withRetry({ ...store, put: once(throttled(), store.put) }, { sleep: async () => undefined })
    const condition = { when: 'absent', mayRepeat: true } as const
    expect(await late.put('a', bodyOf('same'), PLAIN, condition)).toEqual({ status: 'precondition-failed' })
  })

  it('asks nothing when the first attempt was answered', async () => {
    const { store, counts } = trial([])
    await store.put('a', bodyOf('mine'), PLAIN)
    expect(await store.put('a', bodyOf('mine'), PLAIN, { when: 'absent' })).toEqual({ status: 'precondition-failed' })
    expect(counts.head).toBe(0)
  })

  it('takes a replacement that its own first attempt made for its own', async () => {
    const { store } = trial([])
    const first = await store.put('a', bodyOf('1'), PLAIN)
    const etag = first.status === 'stored' ? first.etag : ''
    const late = withRetry({ ...store, put: once(throttled(), store.put, true) }, { sleep: async () => undefined })
    expect(await late.put('a', bodyOf('2'), PLAIN, { when: { etag } })).toMatchObject({ status: 'stored' })
  })

  it('takes a copy that its own first attempt made for its own', async () => {
    const { store } = trial([])
    await store.put('a', bodyOf('1'), PLAIN)
    const late = withRetry({ ...store, copy: once(throttled(), store.copy, true) }, { sleep: async () => undefined })
    expect(await late.copy('a', 'b', { when: 'absent' })).toMatchObject({ status: 'stored' })
  })
})

describe('withRetry, on writes with more to say', () => {
  it('knows a copy with other headers from its own', async () => {
    const { store } = trial([])
    await store.put('a', bodyOf('1'), PLAIN)
    const late = withRetry({ ...store, copy: once(throttled(), store.copy, true) }, { sleep: async () => undefined })
    const headers = { 'content-type': 'text/html' }
    expect(await late.copy('a', 'b', { when: 'absent', headers })).toMatchObject({ status: 'stored' })
    const other = withRetry({ ...store, copy: once(throttled(), store.copy) }, { sleep: async () => undefined })
    expect(await other.copy('a', 'b', { when: 'absent' })).toMatchObject({ status: 'stored' })
    expect(await other.copy('a', 'b', { when: 'absent', headers: PLAIN })).toEqual({ status: 'precondition-failed' })
  })

  it('knows its own headers where the store forgets one of them', async () => {
    const { store } = trial([])
    const first = await store.put('a', bodyOf('1'), PLAIN)
    const etag = first.status === 'stored' ? first.etag : ''
    const wanted = { 'content-type': 'text/html', 'cache-control': 'no-cache' }
    const forgetful: Store = {
      ...store,
      facts: { ...store.facts, forgets: ['cache-control'] },
      reheader: once(throttled(), async (key) => {
        // As if somebody else had written in between, and then nobody's condition holds.
        await store.reheader(key, { 'content-type': 'text/html' })
        return { status: 'precondition-failed' }
      }),
    }
    const late = withRetry(forgetful, { sleep: async () => undefined })
    expect(await late.reheader('a', wanted, { when: { etag } })).toMatchObject({ status: 'stored' })
  })

  it('asks the guard at every attempt, and does not ask twice what it refuses', async () => {
    const memory = createMemoryStore()
    let asked = 0
    const guard = (): void => {
      asked += 1
      if (asked === 2) throw denied
    }
    const failing: Store = {
      ...memory,
      put: async (_key, _body, _headers, condition) => {
        condition?.guard?.()
        throw throttled()
      },
    }
    const store = withRetry(failing, { sleep: async () => undefined })
    await expect(store.put('a', bodyOf('1'), PLAIN, { guard })).rejects.toBe(denied)
    expect(asked).toBe(2)
  })

  it('tries a sweep again', async () => {
    const memory = createMemoryStore()
    const store = withRetry({ ...memory, sweep: once(throttled(), async () => 3) }, { sleep: async () => undefined })
    expect(await store.sweep()).toBe(3)
  })
})

describe('withRetry, on a listing that breaks', () => {
  const keys = ['a', 'b', 'c', 'd', 'e']

  /** Breaks after `pages` pages, as often as there are entries. */
  async function listing(pages: readonly number[], retries = 4): Promise<{ store: Store; waits: number[] }> {
    const memory = createMemoryStore({ pageSize: 2 })
    for (const key of keys) await memory.put(key, bodyOf(key), PLAIN)
    const left = [...pages]
    const waits: number[] = []
    async function* list(prefix: string): AsyncGenerator<readonly ListedObject[]> {
      const breaksAfter = left.shift()
      let count = 0
      for await (const page of memory.list(prefix)) {
        if (count === breaksAfter) throw new LadingError('E_STORE', 'reset', { retryable: true })
        count += 1
        yield page
      }
    }
    const store = withRetry(
      { ...memory, list },
      { retries, random: () => 0.5, sleep: async (ms) => void waits.push(ms) },
    )
    return { store, waits }
  }
  const all = async (store: Store): Promise<string[]> => {
    const found: string[] = []
    for await (const page of store.list('')) found.push(...page.map(({ key }) => key))
    return found
  }

  it('goes on where it broke, without naming a key twice', async () => {
    const { store, waits } = await listing([1, 2, 0])
    expect(await all(store)).toEqual(keys)
    // The first two brought a page, so each begins to count anew; the third brought none.
    expect(waits).toEqual([100, 100, 200])
  })

  it('begins behind what was handed on', async () => {
    const memory = createMemoryStore({ pageSize: 2 })
    for (const key of keys) await memory.put(key, bodyOf(key), PLAIN)
    const asked: (ListOptions | undefined)[] = []
    async function* list(prefix: string, options?: ListOptions): AsyncGenerator<readonly ListedObject[]> {
      asked.push(options)
      for await (const page of memory.list(prefix, options)) {
        yield page
        if (asked.length < 3) throw throttled()
      }
    }
    const store = withRetry({ ...memory, list }, { sleep: async () => undefined })
    const found: string[] = []
    for await (const page of store.list('', { after: 'a', until: 'd' })) found.push(...page.map(({ key }) => key))
    expect(found).toEqual(['b', 'c', 'd'])
    expect(asked).toMatchObject([
      { after: 'a', until: 'd' },
      { after: 'c', until: 'd' },
      { after: 'd', until: 'd' },
    ])
  })

  it('never ends short', async () => {
    const { store } = await listing([1, 0, 0, 0], 2)
    await expect(all(store)).rejects.toMatchObject({ code: 'E_STORE' })
  })
})

/** A call that fails the first time, before or after it acts. */
function once<Given extends unknown[], Result>(
  error: unknown,
  call: (...given: Given) => Promise<Result>,
  acts = false,
): (...given: Given) => Promise<Result> {
  let isFirst = true
  return async (...given) => {
    const fails = isFirst
    isFirst = false
    if (fails && !acts) throw error
    const result = await call(...given)
    if (fails) throw error
    return result
  }
}
