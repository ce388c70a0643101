import { describe, expect, it } from 'vitest'
import { doneReceiptKey, failureReceiptKey, itemId } from '../../../src/batch/plan/keys.ts'
import type { BatchManifest } from '../../../src/batch/plan/manifest.ts'
import { createProgress, keptSamples, recentRate, timeLeft } from '../../../src/batch/receipts/progress.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'

const MANIFEST: BatchManifest = {
  v: 1,
  batch: 'p',
  recipe: 'r1-0123456789ab',
  lane: 'std',
  items: 5,
  shardItems: 2,
  createdAt: '2026-11-20T10:00:00.000Z',
  deadline: '2026-11-20T22:00:00.000Z',
  coreSeconds: 5,
}

function counting() {
  const store = createMemoryStore()
  const listed: string[] = []
  const watched = {
    ...store,
    list(prefix: string) {
      listed.push(prefix)
      return store.list(prefix)
    },
  }
  const put = (key: string) => store.put(key, bytesBody(Buffer.from('{}')), { 'content-type': 'application/json' })
  return { count: createProgress(watched, MANIFEST).count, put, listed }
}

describe('progress', () => {
  it('counts what is done and what failed, of all shards', async () => {
    const { count, put } = counting()
    expect(await count()).toEqual({ items: 5, done: 0, failed: 0 })
    await put(doneReceiptKey('p', itemId(0, 0)))
    await put(failureReceiptKey('p', itemId(2, 0)))
    expect(await count()).toEqual({ items: 5, done: 1, failed: 1 })
  })

  it('counts an item that failed once and was then done as done', async () => {
    const { count, put } = counting()
    await put(failureReceiptKey('p', itemId(0, 0)))
    expect(await count()).toMatchObject({ done: 0, failed: 1 })
    await put(doneReceiptKey('p', itemId(0, 0)))
    expect(await count()).toMatchObject({ done: 1, failed: 0 })
  })

  it('is not moved by objects that are no receipts of its items', async () => {
    const { count, put } = counting()
    await put('b/p/d/0000/0000-0007.json')
    await put('b/p/d/0000/readme.txt')
    await put('b/p/d/0000/0001-0000.json')
    expect(await count()).toEqual({ items: 5, done: 0, failed: 0 })
  })

  it('asks no more for shards that are complete', async () => {
    const { count, put, listed } = counting()
    await put(doneReceiptKey('p', itemId(0, 0)))
    await put(doneReceiptKey('p', itemId(0, 1)))
    await count()
    expect(listed).toHaveLength(6)
    expect(await count()).toMatchObject({ done: 2 })
    expect(listed.slice(6)).toHaveLength(4)
    expect(listed.slice(6)).not.toContain('b/p/d/0000/')
  })
})

describe('the time left', () => {
  const steady = (perSecond: number, seconds: number, from = 0) =>
    Array.from({ length: seconds + 1 }, (_, at) => ({ atMs: (from + at) * 1000, arrived: perSecond * at }))

  it('is not known before something has arrived, and none when all has', () => {
    expect(timeLeft([], 10)).toBeUndefined()
    expect(timeLeft([{ atMs: 0, arrived: 0 }], 10)).toBeUndefined()
    expect(timeLeft([{ atMs: 0, arrived: 3 }], 10)).toBeUndefined()
    expect(timeLeft(steady(1, 10), 10)).toEqual({ least: 0, most: 0 })
  })

  it('lies around the truth at a steady pace, closer the more has arrived', () => {
    const early = timeLeft(steady(5, 2), 1000)
    const late = timeLeft(steady(5, 100), 1000)
    expect(early?.least).toBeLessThan(198)
    expect(early?.most).toBeGreaterThan(198)
    expect(late?.least).toBeGreaterThan(85)
    expect(late?.least).toBeLessThan(100)
    expect(late?.most).toBeGreaterThan(100)
    expect(late?.most).toBeLessThan(115)
  })

  it('spans the pace of late and that of the whole time, when the fleet has grown', () => {
    const slow = steady(1, 100)
    const grown = Array.from({ length: 31 }, (_, at) => ({ atMs: (100 + at) * 1000, arrived: 100 + 20 * at }))
    const left = timeLeft([...slow, ...grown], 1700)
    expect(left?.least).toBeLessThan(50)
    expect(left?.most).toBeGreaterThan(185)
  })
})

describe('the recent rate', () => {
  it('is that of the last half minute, or since the look before where looks are rarer', () => {
    const at = (seconds: number, arrived: number) => ({ atMs: seconds * 1000, arrived })
    expect(recentRate([at(0, 5)])).toBeUndefined()
    expect(recentRate([at(0, 0), at(100, 1000), at(110, 1020), at(120, 1040)])).toBe(2)
    expect(recentRate([at(0, 0), at(100, 100), at(200, 400)])).toBe(3)
  })

  it('and the time left need few of the samples, however long somebody looks', () => {
    const all = Array.from({ length: 5000 }, (_, at) => ({ atMs: at * 2000, arrived: at * at }))
    let kept: typeof all = []
    for (const sample of all) kept = [...keptSamples([...kept, sample])]
    expect(kept.length).toBeLessThan(20)
    expect(recentRate(kept)).toBe(recentRate(all))
    expect(timeLeft(kept, 1e9)).toEqual(timeLeft(all, 1e9))
  })
})
