import { describe, expect, it } from 'vitest'
import { bucket, type Course, fixed, type Limiter, type Rate, type Sent, sendAll, sliding } from './throttled-store.ts'

const within = (times: readonly number[], fromMs: number, toMs: number): number =>
  times.filter((at) => at >= fromMs && at < toMs).length

/** Of what the limit allows, from a moment after the first request on, in milliseconds, to the last one. */
function used({ takenAt }: Sent, perSecond: number, fromMs: number): number {
  const start = (takenAt[0] ?? 0) + fromMs
  const end = takenAt.at(-1) ?? 0
  return within(takenAt, start, end) / ((perSecond * (end - start)) / 1000)
}

const refusedShare = ({ takenAt, refusedAt }: Sent): number => refusedAt.length / (takenAt.length + refusedAt.length)

const LIMITERS: readonly (readonly [name: string, open: (perSecond: Rate) => Limiter])[] = [
  ['a bucket that holds a fifth of a second', (perSecond) => bucket(perSecond, 200)],
  ['anew with every second', fixed],
]

interface Case {
  readonly name: string
  readonly open: (perSecond: Rate) => Limiter
  readonly perSecond: number
  readonly course: Omit<Course, 'limiter'>
}

const FILES: Readonly<Record<number, number>> = { 50: 5000, 500: 8000, 3500: 20_000 }

const CASES: readonly Case[] = LIMITERS.flatMap(([limiter, open]) =>
  [50, 500, 3500].flatMap((perSecond) =>
    [1, 25, 100].flatMap((latencyMs) =>
      [64, 256]
        // Others do not come up to the limit.
        .filter((lanes) => lanes / (latencyMs / 1000) > 1.2 * perSecond)
        .flatMap((lanes) =>
          (latencyMs === 25 ? [false, true] : [false]).map((isBusy) => ({
            name: `${limiter}, ${perSecond} a second, ${latencyMs} ms, ${lanes} lanes${isBusy ? ', a busy machine' : ''}`,
            open,
            perSecond,
            course: { lanes, latencyMs, isBusy, files: FILES[perSecond] ?? 0 },
          })),
        ),
    ),
  ),
)

describe('a store that refuses more than it can take', () => {
  it.each(CASES)('is used to nine tenths, refuses at most a tenth, and takes all: $name', async (one) => {
    const sent = await sendAll({ ...one.course, limiter: one.open(() => one.perSecond) })
    expect(used(sent, one.perSecond, 0)).toBeGreaterThan(0.9)
    expect(used(sent, one.perSecond, 2000)).toBeGreaterThan(0.9)
    expect(refusedShare(sent)).toBeLessThan(0.1)
    expect(sent.failed).toBe(0)
    expect(sent.takenAt).toHaveLength(one.course.files)
  })

  it.each([
    ['looks at any second', () => sliding(() => 500), 0.9],
    ['has saved up for two seconds', () => bucket(() => 500, 2000), 0.95],
    ['allows no burst to speak of', () => bucket(() => 500, 20), 0.85],
  ])('is used as well if it %s', async (_, open, least) => {
    const sent = await sendAll({ limiter: open(), lanes: 256, latencyMs: 25, files: 8000 })
    expect(used(sent, 500, 2000)).toBeGreaterThan(least)
    expect(refusedShare(sent)).toBeLessThan(0.1)
    expect(sent.failed).toBe(0)
  })

  it.each(LIMITERS)('is used whole by a process that does not get to run all the time: %s', async (_, open) => {
    const sent = await sendAll({ limiter: open(() => 500), lanes: 64, latencyMs: 25, files: 8000, isBusy: true })
    expect(used(sent, 500, 2000)).toBeGreaterThan(0.95)
  })

  it('and asks for a wait gets it, and is hardly ever refused anything', async () => {
    const sent = await sendAll({ limiter: fixed(() => 500, 1000), lanes: 64, latencyMs: 25, files: 8000 })
    expect(used(sent, 500, 0)).toBeGreaterThan(0.7)
    expect(refusedShare(sent)).toBeLessThan(0.04)
    expect(sent.failed).toBe(0)
  })

  describe.each(LIMITERS)('whose limit changes: %s', (_, open) => {
    it.each([
      [500, 50, 0.9],
      [500, 250, 0.9],
      [3500, 500, 0.85],
    ])('down from %i to %i a second is followed at once', async (before, after, least) => {
      const limiter = open((nowMs) => (nowMs < 8000 ? before : after))
      const sent = await sendAll({ limiter, lanes: 256, latencyMs: 25, files: 8 * before + 20 * after })
      expect(within(sent.takenAt, 8000, 16_000)).toBeGreaterThan(least * 8 * after)
      expect(within(sent.takenAt, 16_000, 24_000)).toBeGreaterThan(0.9 * 8 * after)
      expect(refusedShare(sent)).toBeLessThan(0.1)
      expect(sent.failed).toBe(0)
    })

    it.each([
      [500, 1000],
      [50, 500],
    ])('up from %i to %i a second is found out within ten seconds', async (before, after) => {
      const limiter = open((nowMs) => (nowMs < 8000 ? before : after))
      const sent = await sendAll({ limiter, lanes: 256, latencyMs: 25, files: 8 * before + 30 * after })
      expect(within(sent.takenAt, 18_000, 28_000)).toBeGreaterThan(0.9 * 10 * after)
      expect(refusedShare(sent)).toBeLessThan(0.1)
      expect(sent.failed).toBe(0)
    })
  })
})

describe('a store that refuses nothing', () => {
  it.each([
    ['it has no limit', () => true as const, 1],
    ['it has no limit', () => true as const, 25],
    ['its limit is not met', bucket(() => 3500, 200), 25],
  ])('is asked as fast as without a pace: %s, %#', async (_, limiter, latencyMs) => {
    const course = { limiter, lanes: 64, latencyMs, files: 5000 }
    const paced = await sendAll(course)
    const unpaced = await sendAll({ ...course, limiter: () => true, isPaced: false })
    expect(paced.takenAt).toEqual(unpaced.takenAt)
  })
})
