import { describe, expect, it } from 'vitest'
import { createLanes, type Lanes } from '../../../src/transfer/lanes.ts'

/** Lanes in front of a store that carries out what `perSecond` says of a number of requests at once. */
function driven(
  perSecond: (lanes: number) => number,
  { load = 0.2, isFull = true }: { readonly load?: number; readonly isFull?: boolean } = {},
): { readonly lanes: Lanes; goOn(items: number): void; pause(): void } {
  let ms = 0
  const lanes = createLanes({ from: 64, most: 256, now: () => ms, load: () => load })
  return {
    lanes,
    goOn(items) {
      for (let done = 0; done < items; done++) {
        ms += 1000 / perSecond(lanes.count)
        lanes.ended(isFull)
      }
    },
    pause: () => {
      ms += 60_000
    },
  }
}

/** Each request takes 25 ms, whatever else is on its way. */
const DISTANT = (lanes: number): number => lanes * 40

describe('how many uploads run at once', () => {
  it('grows to the most where each answer takes long', () => {
    const { lanes, goOn } = driven(DISTANT)
    expect(lanes.count).toBe(64)
    goOn(5000)
    expect(lanes.count).toBe(256)
  })

  it('goes back to what it was, for good, where the store takes no more', () => {
    const { lanes, goOn } = driven(() => 500)
    let most = 0
    for (let turn = 0; turn < 100; turn++) {
      goOn(50)
      most = Math.max(most, lanes.count)
    }
    expect([most, lanes.count]).toEqual([128, 64])
  })

  it('goes on from what it has learnt when others begin, and a pause before them is no slowness', () => {
    const { lanes, goOn, pause } = driven(DISTANT)
    goOn(300) // doubled once, and on the way to the next judgement
    expect(lanes.count).toBe(128)
    pause()
    lanes.begin()
    expect(lanes.count).toBe(128)
    goOn(1000)
    expect(lanes.count).toBe(256)
  })

  it('grows as far as it pays', () => {
    const { lanes, goOn } = driven((count) => DISTANT(Math.min(count, 128)))
    goOn(5000)
    expect(lanes.count).toBe(128)
  })

  it.each([
    ['the processor has no time for more', { load: 0.95 }],
    ['nothing waits', { isFull: false }],
  ])('stays where %s', (_, state) => {
    const { lanes, goOn } = driven(DISTANT, state)
    goOn(5000)
    expect(lanes.count).toBe(64)
  })

  it('tells the load of the last moments, full before any is measured, also where the number is fixed', () => {
    let [ms, share] = [0, 0.2]
    const lanes = createLanes({ from: 5, most: 5, now: () => ms, load: () => share })
    const goOn = (): number => {
      for (let done = 0; done < 20; done++) {
        ms += 10
        lanes.ended(true)
      }
      return lanes.load
    }
    expect(lanes.load).toBe(1)
    expect(goOn()).toBe(0.2)
    share = 0.9
    expect(goOn()).toBe(0.9)
  })

  it('never exceeds a number that somebody has said', () => {
    const lanes = createLanes({ from: 5, most: 5, now: () => 0, load: () => 0 })
    for (let done = 0; done < 1000; done++) lanes.ended(true)
    expect(lanes.count).toBe(5)
  })

  it('is never more than the most, also where that is no double', () => {
    const odd = createLanes({ from: 64, most: 100, now: clockOf(), load: () => 0 })
    const counts = new Set<number>()
    for (let done = 0; done < 5000; done++) {
      odd.ended(true)
      counts.add(odd.count)
    }
    expect([...counts]).toEqual([64, 100])
  })
})

/** One that goes ahead by 10 ms at every look. */
function clockOf(): () => number {
  let ms = 0
  return () => {
    ms += 10
    return ms
  }
}
