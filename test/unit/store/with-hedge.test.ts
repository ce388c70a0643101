import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store, WriteCondition, WriteResult } from '../../../src/store/store.ts'
import { withHedge } from '../../../src/store/wrappers/with-hedge.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { type StrictS3, startStrictS3 } from '../../rig/strict-s3.ts'
import { openS3 } from './s3-setup.ts'
import { clockOf, createWorld, seeded } from './virtual-world.ts'

const PLAIN = { 'content-type': 'text/plain' }
const REPEATABLE: WriteCondition = { when: 'absent', mayRepeat: true }
const LONG_MS = 3_600_000

/** What becomes of a write: how long it takes, and whether it acts before that time or after it. */
interface Fate {
  readonly ms: number
  readonly error?: LadingError
  readonly isLate?: boolean
}

interface Course {
  readonly files: number
  /** @param isSecond whether the key was sent before */
  readonly fate: (file: number, isSecond: boolean) => Fate
  readonly condition?: WriteCondition
  readonly size?: number
  readonly freeAt?: (at: number) => number
}

interface Outcome {
  readonly results: readonly (WriteResult | LadingError)[]
  readonly store: Store
  /** Files in the order of their requests. */
  readonly sent: readonly number[]
  readonly givenUp: number
  /** When the last write had ended. */
  readonly endedMs: number
}

const fileOf = (key: string): number => Number(key.slice(1))

/** Writes the files `f0` to `fN` over 32 lanes, in virtual time. */
async function putAll({ files, fate, condition = REPEATABLE, size = 10, freeAt }: Course): Promise<Outcome> {
  const random = seeded(files)
  const world = createWorld(freeAt)
  const memory = createMemoryStore()
  const sent: number[] = []
  let givenUp = 0
  const put: Store['put'] = (key, body, headers, given) =>
    new Promise((resolve, reject) => {
      const file = fileOf(key)
      const { ms, error, isLate = true } = fate(file, sent.includes(file))
      sent.push(file)
      const { signal = new AbortController().signal, ...rest } = given ?? {}
      const act = (): Promise<WriteResult> => memory.put(key, body, headers, rest)
      const early = isLate ? undefined : act()
      const stop = (): void => {
        givenUp += 1
        callOff()
        reject(signal.reason)
      }
      const callOff = world.at(
        ms,
        () => {
          signal.removeEventListener('abort', stop)
          if (error) reject(error)
          else resolve(early ?? act())
        },
        true,
      )
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
    })
  const store = withHedge({ ...memory, put }, { clock: clockOf(world, random) })
  const results: (WriteResult | LadingError)[] = []
  let next = 0
  let endedMs = 0
  const lane = async (): Promise<void> => {
    while (next < files) {
      const file = next++
      const body = bytesBody(Buffer.alloc(size, `${file} `))
      results[file] = await store.put(`f${file}`, body, PLAIN, condition).catch((error: LadingError) => error)
      endedMs = world.now()
    }
  }
  const done = Promise.all(Array.from({ length: 32 }, lane))
  await world.run()
  await done
  return { results, store: memory, sent, givenUp, endedMs }
}

/** One of a hundred stalls for an hour the first time. */
const stalling = (file: number, isSecond: boolean): Fate => ({ ms: file % 100 === 99 && !isSecond ? LONG_MS : 25 })

describe('a write that has stalled', () => {
  it('is sent a second time, and the first one given up', async () => {
    const { results, store, sent, givenUp, endedMs } = await putAll({ files: 2000, fate: stalling })
    expect(results.every((result) => 'status' in result && result.status === 'stored')).toBe(true)
    expect(endedMs).toBeLessThan(LONG_MS / 100)
    expect(sent).toHaveLength(2020)
    expect(givenUp).toBe(20)
    for (const file of [98, 99]) {
      expect((await store.head(`f${file}`))?.sha256).toBe(bytesBody(Buffer.alloc(10, `${file} `)).sha256)
    }
  })

  it('and was carried out all the same is known by its digest', async () => {
    const fate = (file: number, isSecond: boolean): Fate => ({ ...stalling(file, isSecond), isLate: false })
    const { results, sent } = await putAll({ files: 1000, fate })
    expect(results.every((result) => 'status' in result && result.status === 'stored')).toBe(true)
    expect(sent).toHaveLength(1010)
  })

  it.each([
    ['object', 'theirs', PLAIN],
    ['headers', '99', { ...PLAIN, 'cache-control': 'max-age=1' }],
  ])('finds the %s of somebody else as it would have alone', async (_, content, headers) => {
    const random = seeded(1)
    const world = createWorld()
    const memory = createMemoryStore()
    await memory.put('f99', bytesBody(Buffer.from(content)), headers)
    let stalls = 1
    const put: Store['put'] = (key, ...rest) =>
      new Promise((resolve) => {
        const ms = key === 'f99' && stalls-- > 0 ? LONG_MS : 25
        world.at(ms, () => resolve(memory.put(key, ...rest)), true)
      })
    const store = withHedge({ ...memory, put }, { clock: clockOf(world, random) })
    const puts = Array.from({ length: 100 }, (_, file) =>
      store.put(`f${file}`, bytesBody(Buffer.from(`${file}`)), PLAIN, REPEATABLE),
    )
    await world.run()
    expect((await Promise.all(puts)).at(99)).toEqual({ status: 'precondition-failed' })
  })

  it.each([
    ['has not said that it may', { condition: { when: 'absent' } as const }],
    ['has a large body', { size: 300_000 }],
  ])('is not sent a second time if it %s', async (_, more) => {
    const { sent, endedMs } = await putAll({ files: 300, fate: stalling, ...more })
    expect(sent).toHaveLength(300)
    expect(endedMs).toBeGreaterThanOrEqual(LONG_MS)
  })

  it('is not sent a second time to a store that refuses what is too much', async () => {
    const slowDown = new LadingError('E_THROTTLED', 'slow down', { retryable: true })
    const fate = (file: number, isSecond: boolean): Fate =>
      file % 10 === 5 ? { ms: 25, error: slowDown } : stalling(file, isSecond)
    const { sent } = await putAll({ files: 400, fate })
    expect(sent).toHaveLength(400)
  })

  it('tells that it was refused where its twin fails otherwise', async () => {
    const slowDown = new LadingError('E_THROTTLED', 'slow down', { retryable: true })
    const late = new LadingError('E_STORE', 'no answer in time', { retryable: true })
    const fate = (file: number, isSecond: boolean): Fate => {
      if (isSecond) return { ms: 60_000, error: slowDown }
      return file % 100 === 99 ? { ms: 30_000, error: late } : { ms: 25 }
    }
    const { results } = await putAll({ files: 200, fate })
    expect([results[99], results[199]]).toEqual([slowDown, slowDown])
  })

  it('fails of what its twin failed of, where that does not pass', async () => {
    const denied = new LadingError('E_ACCESS_DENIED', 'no')
    const fate = (file: number, isSecond: boolean): Fate =>
      isSecond ? { ms: 25, error: denied } : stalling(file, isSecond)
    const { results, givenUp, endedMs } = await putAll({ files: 200, fate })
    expect([results[99], results[199]]).toEqual([denied, denied])
    expect(givenUp).toBe(2)
    expect(endedMs).toBeLessThan(LONG_MS)
  })

  it('waits for the answer of the first where the second fails for a passing reason', async () => {
    const reset = new LadingError('E_STORE', 'reset', { retryable: true })
    const fate = (file: number, isSecond: boolean): Fate =>
      isSecond ? { ms: 25, error: reset } : { ms: file % 100 === 99 ? 60_000 : 25 }
    const { results, sent } = await putAll({ files: 200, fate })
    expect(results.every((result) => 'status' in result && result.status === 'stored')).toBe(true)
    expect(sent).toHaveLength(202)
  })
})

describe('few writes are sent a second time', () => {
  it('at most one of twenty, however many stall', async () => {
    const fate = (file: number, isSecond: boolean): Fate => ({
      ms: file > 400 && file % 3 === 0 && !isSecond ? 120_000 : 25,
    })
    const { sent } = await putAll({ files: 2000, fate })
    expect(sent.length).toBeGreaterThan(2000)
    expect(sent.length).toBeLessThanOrEqual(2100)
  })

  it('none where all take long', async () => {
    const { sent } = await putAll({ files: 1000, fate: (file) => ({ ms: 2000 + (file % 7) * 500 }) })
    expect(sent).toHaveLength(1000)
  })

  it('none because this process stood still', async () => {
    const freeAt = (at: number): number => (at > 500 && at < 9500 ? 9500 : at)
    const { sent, endedMs } = await putAll({ files: 2000, fate: () => ({ ms: 25 }), freeAt })
    expect(sent).toHaveLength(2000)
    expect(endedMs).toBeGreaterThan(9500)
  })
})

it('a caller that gives up ends both', async () => {
  const stop = new AbortController()
  const condition = { ...REPEATABLE, signal: stop.signal }
  const fate = (file: number, isSecond: boolean): Fate => {
    if (isSecond) stop.abort()
    return { ms: file === 199 ? LONG_MS : 25 }
  }
  const { results, givenUp } = await putAll({ files: 200, fate, condition })
  expect(results[199]).toMatchObject({ code: 'E_ABORTED' })
  expect(givenUp).toBe(2)
})

describe('over the network', () => {
  let rig: StrictS3
  beforeEach(async () => {
    rig = await startStrictS3({ bucket: 'site' })
  })
  afterEach(() => rig.close())

  it('writes that the store does not answer are answered over other connections, and each object is right', async () => {
    const files = 400
    const held = [99, 199, 299, 399]
    const holds = held.map((file, at) => rig.holdAt({ op: 'PutObject', key: `f${file}` }, at % 2 ? 'after' : 'before'))
    const store = withHedge(openS3(rig, { requestTimeoutMs: LONG_MS }))
    let next = 0
    const lane = async (): Promise<void> => {
      while (next < files) {
        const file = next++
        const result = await store.put(`f${file}`, bytesBody(Buffer.from(`${file}`)), PLAIN, REPEATABLE)
        expect(result.status).toBe('stored')
      }
    }
    await Promise.all(Array.from({ length: 8 }, lane))
    for (const hold of holds) {
      await hold.reached
      hold.release()
    }
    expect([...rig.objects().values()].map(({ bytes }) => `${bytes}`).toSorted()).toEqual(
      Array.from({ length: files }, (_, file) => `${file}`).toSorted(),
    )
    expect(rig.mutations).toHaveLength(files)
    expect(rig.requests.filter(({ op }) => op === 'PutObject').length).toBeLessThanOrEqual(1.05 * files)
    expect(rig.violations).toEqual([])
  })
})
