import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LadingError, type Store } from '../../../src/index.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createGate } from '../../../src/store/wrappers/gate.ts'
import type { Pace } from '../../../src/store/wrappers/pace.ts'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const now = (): number => performance.now()

/** One request every so many milliseconds; none at all until then. */
function everyMs(intervalMs: number): Pace {
  let nextMs = now() + intervalMs
  return {
    wait: (nowMs) => Math.max(0, nextMs - nowMs),
    left: (nowMs) => {
      nextMs = nowMs + intervalMs
    },
    delivered: () => undefined,
    refused: () => undefined,
    isTaking: () => true,
  }
}

describe('a gate', () => {
  it('lets those who wait out in their order, as the pace says', async () => {
    const gate = createGate(everyMs(100))
    const left: number[] = []
    for (const name of [1, 2, 3]) void gate.pass(undefined)?.then(() => left.push(name))
    await vi.advanceTimersByTimeAsync(99)
    expect(left).toEqual([])
    await vi.advanceTimersByTimeAsync(101)
    expect(left).toEqual([1, 2])
    await vi.advanceTimersByTimeAsync(100)
    expect(left).toEqual([1, 2, 3])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets what is urgent pass at once, before all who wait', () => {
    const gate = createGate(everyMs(100))
    void gate.pass(undefined)
    expect(gate.pass(undefined, true)).toBeUndefined()
  })

  it('sends away those whose signal fires, and the others go on', async () => {
    const gate = createGate(everyMs(100))
    const stop = new AbortController()
    const ended = [gate.pass(stop.signal), gate.pass(stop.signal)]
    const other = gate.pass(undefined)
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1)
    stop.abort()
    for (const one of ended) await expect(one).rejects.toMatchObject({ code: 'E_ABORTED' })
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(100)
    await other
  })

  it('keeps no timer when nobody waits any more', async () => {
    const gate = createGate(everyMs(100))
    const stop = new AbortController()
    const ended = gate.pass(stop.signal)
    stop.abort()
    await expect(ended).rejects.toMatchObject({ code: 'E_ABORTED' })
    expect(vi.getTimerCount()).toBe(0)
    expect(() => gate.pass(stop.signal)).toThrow(LadingError)
  })
})

describe('a store that refuses', () => {
  const body = bytesBody(Buffer.from('x'))
  const refusal = (): never => {
    throw new LadingError('E_THROTTLED', 'slow down', { retryable: true })
  }
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

  /** Takes nothing but what `takes` says. */
  function refusing(takes: (key: string) => boolean): Store {
    const store = createMemoryStore()
    const put: Store['put'] = async (key, ...rest) => (takes(key) ? store.put(key, ...rest) : refusal())
    return withRetry({ ...store, put }, { sleep, random: () => 0.5 })
  }

  it('everything is given up by all in half a minute, however many they are', async () => {
    const store = refusing(() => false)
    const codes: unknown[] = []
    for (let file = 0; file < 256; file++)
      void store.put(`${file}`, body, {}).catch((error: unknown) => codes.push(error))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(codes).toHaveLength(256)
    expect(codes[0]).toMatchObject({ code: 'E_THROTTLED' })
  })

  it('uploads does not make a sign of life wait', async () => {
    const store = refusing((key) => key === 'deploys/1.json')
    for (let file = 0; file < 256; file++) void store.put(`${file}`, body, {}).catch(() => undefined)
    await vi.advanceTimersByTimeAsync(1000)
    const sign = store.put('deploys/1.json', body, {}, { isUrgent: true })
    await vi.advanceTimersByTimeAsync(1)
    expect(await sign).toMatchObject({ status: 'stored' })
  })

  it('uploads does not make one wait whose answer was lost', async () => {
    const store = createMemoryStore()
    let isLost = true
    const put: Store['put'] = async (key, ...rest) => {
      if (key !== 'deploys/1.json') return refusal()
      const result = await store.put(key, ...rest)
      if (!isLost) return result
      isLost = false
      throw new LadingError('E_STORE', 'reset', { retryable: true })
    }
    const retrying = withRetry({ ...store, put }, { sleep, random: () => 0 })
    for (let file = 0; file < 256; file++) void retrying.put(`${file}`, body, {}).catch(() => undefined)
    await vi.advanceTimersByTimeAsync(1000)
    const done = vi.fn()
    void retrying.put('deploys/1.json', body, {}, { when: 'absent', isUrgent: true }).then(done)
    await vi.advanceTimersByTimeAsync(1)
    expect(done).toHaveBeenCalledWith(expect.objectContaining({ status: 'stored' }))
  })
})
