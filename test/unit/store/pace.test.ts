import { describe, expect, it } from 'vitest'
import { createPace } from '../../../src/store/pace.ts'

/** Whether a store takes a request at this time, in milliseconds; it may ask to be left alone for so long. */
type Server = (nowMs: number) => true | { readonly retryAfterMs?: number }

/** Refuses what is more than so many within the last second. */
function sliding(perSecond: (nowMs: number) => number): Server {
  const taken: number[] = []
  return (nowMs) => {
    while ((taken[0] ?? nowMs) <= nowMs - 1000) taken.shift()
    if (taken.length >= perSecond(nowMs)) return {}
    taken.push(nowMs)
    return true
  }
}

/** Counts anew with every second of its own clock. */
function fixed(perSecond: number, retryAfterMs?: number): Server {
  let second = -1
  let count = 0
  return (nowMs) => {
    const now = Math.floor((nowMs + 370) / 1000)
    if (now !== second) count = 0
    second = now
    count += 1
    if (count <= perSecond) return true
    return retryAfterMs === undefined ? {} : { retryAfterMs }
  }
}

/** Fills up evenly, to so many at most. */
function bucket(perSecond: number, burst: number): Server {
  let tokens = burst
  let lastMs = 0
  return (nowMs) => {
    tokens = Math.min(burst, tokens + ((nowMs - lastMs) * perSecond) / 1000)
    lastMs = nowMs
    if (tokens < 1) return {}
    tokens -= 1
    return true
  }
}

interface Course {
  readonly lanes: number
  readonly latencyMs: number
  readonly untilMs: number
}

interface Sent {
  readonly takenAt: readonly number[]
  readonly refusedAt: readonly number[]
}

/** Lanes that send one request after the other, in virtual time, a refused one again after a short wait. */
function send(server: Server, { lanes, latencyMs, untilMs }: Course): Sent {
  const pace = createPace()
  const events: { readonly at: number; deed(): void }[] = []
  const takenAt: number[] = []
  const refusedAt: number[] = []
  const later = (at: number, deed: () => void): void => {
    const index = events.findIndex((event) => event.at > at)
    events.splice(index < 0 ? events.length : index, 0, { at, deed })
  }
  let waiting = 0
  let isAwake = false
  const ask = (at: number): void => {
    const answer = server(at)
    const back = at + latencyMs
    if (answer === true) takenAt.push(at)
    else refusedAt.push(at)
    later(back, () => {
      if (answer === true) pace.delivered(back)
      else pace.refused(back, answer.retryAfterMs)
      const again = answer === true ? back : back + 100
      later(again, () => turn(again))
    })
  }
  const pump = (now: number): void => {
    for (; waiting > 0 && pace.wait(now) === 0; waiting--) {
      pace.left(now)
      ask(now)
    }
    const at = now + pace.wait(now)
    isAwake = waiting > 0
    if (isAwake) later(at, () => pump(at))
  }
  const turn = (now: number): void => {
    waiting += 1
    if (!isAwake) pump(now)
  }
  for (let lane = 0; lane < lanes; lane++) later(lane / lanes, () => turn(lane / lanes))
  for (let next = events.shift(); next !== undefined && next.at < untilMs; next = events.shift()) next.deed()
  return { takenAt, refusedAt }
}

const within = (times: readonly number[], fromMs: number, toMs: number): number =>
  times.filter((at) => at >= fromMs && at < toMs).length

const COURSE: Course = { lanes: 64, latencyMs: 25, untilMs: 20_000 }

const STORES: readonly (readonly [name: string, () => Server])[] = [
  ['500 within any second', () => sliding(() => 500)],
  ['500 in each second of its clock', () => fixed(500)],
  ['500 a second and 100 at once', () => bucket(500, 100)],
  ['500 a second and 1,000 at once', () => bucket(500, 1000)],
]

describe('a store that refuses more than it can take', () => {
  for (const lanes of [16, 64, 256]) {
    it.each(STORES)(`is used to nine tenths, and refuses at most a tenth: %s, ${lanes} lanes`, (_, open) => {
      const { takenAt, refusedAt } = send(open(), { ...COURSE, lanes })
      expect(within(takenAt, 5000, 20_000)).toBeGreaterThan(0.9 * 500 * 15)
      expect(takenAt.length).toBeGreaterThan(0.85 * 500 * 20)
      expect(refusedAt.length).toBeLessThan(0.1 * (takenAt.length + refusedAt.length))
    })
  }

  it('and asks for a wait gets it, and is hardly ever refused anything', () => {
    const { takenAt, refusedAt } = send(fixed(500, 1000), COURSE)
    expect(takenAt.length).toBeGreaterThan(0.6 * 500 * 20)
    expect(refusedAt.length).toBeLessThan(0.05 * takenAt.length)
  })

  it('that becomes slower is followed down, and up again', () => {
    const perSecond = (nowMs: number): number => (nowMs > 10_000 && nowMs < 25_000 ? 100 : 500)
    const { takenAt, refusedAt } = send(sliding(perSecond), { ...COURSE, untilMs: 70_000 })
    expect(within(takenAt, 15_000, 25_000)).toBeGreaterThan(0.8 * 1000)
    expect(within(refusedAt, 15_000, 25_000)).toBeLessThan(0.2 * 1000)
    expect(within(takenAt, 55_000, 65_000)).toBeGreaterThan(0.8 * 5000)
  })
})

it('a store that refuses nothing is asked as fast as answers come', () => {
  const { takenAt } = send(() => true, { ...COURSE, untilMs: 1000 })
  expect(takenAt.length).toBeGreaterThanOrEqual(64 * 39)
})
