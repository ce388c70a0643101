import type { Clock } from '../../../src/store/wrappers/gate.ts'

/** Time in which things happen one after the other, as fast as they can be worked out, and the same at every run. */
export interface World {
  now(): number
  /** @param isOurs happens in our process, and waits while that is busy. @returns calls it off */
  at(inMs: number, deed: () => void, isOurs?: boolean): () => void
  /** Until nothing is left to happen, or it is enough. */
  run(isEnough?: () => boolean): Promise<void>
}

/** As Node's timers: whole milliseconds, and late rather than early. */
export function clockOf(world: World, random: () => number): Clock {
  return { now: world.now, later: (deed, ms) => world.at(Math.max(1, Math.floor(ms)) + random(), deed, true) }
}

interface Happening {
  readonly at: number
  readonly order: number
  deed: (() => void) | undefined
  readonly isOurs: boolean
}

/** @param freeAt when our process gets time to run, of what is due at a moment. @default at once */
export function createWorld(freeAt: (at: number) => number = (at) => at): World {
  const heap: Happening[] = []
  let nowMs = 0
  let order = 0
  const push = (at: number, deed: Happening['deed'], isOurs: boolean): Happening => {
    const happening: Happening = { at, order: order++, deed, isOurs }
    sift(heap, happening)
    return happening
  }
  return {
    now: () => nowMs,
    at(inMs, deed, isOurs = false) {
      const happening = push(nowMs + inMs, deed, isOurs)
      return () => {
        happening.deed = undefined
      }
    },
    async run(isEnough = () => false) {
      while (!isEnough()) {
        // What has been set going by now comes to its next wait.
        await new Promise(setImmediate)
        const next = pop(heap)
        if (next === undefined) return
        const at = next.isOurs ? freeAt(next.at) : next.at
        if (at > next.at) push(at, next.deed, next.isOurs)
        else if (next.deed) {
          nowMs = at
          next.deed()
        }
      }
    },
  }
}

/** A machine with other things to do: now and then our process does nothing for up to 80 ms. Moments are asked in order. */
export function busy(random: () => number): (at: number) => number {
  let fromMs = 100
  let untilMs = 150
  return (at) => {
    while (at >= untilMs) {
      fromMs = untilMs + 400 * random()
      untilMs = fromMs + 80 * random()
    }
    return at > fromMs ? untilMs : at
  }
}

const isBefore = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A heap: thousands of things are to happen, and the first of them is wanted. */
function sift(heap: Happening[], added: Happening): void {
  let at = heap.length
  heap.push(added)
  for (let parent = (at - 1) >> 1; at > 0; parent = (at - 1) >> 1) {
    const above = heap[parent]
    if (above === undefined || isBefore(above, added)) break
    heap[at] = above
    heap[parent] = added
    at = parent
  }
}

function pop(heap: Happening[]): Happening | undefined {
  const [first] = heap
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return first
  heap[0] = last
  for (let at = 0; ; ) {
    const left = 2 * at + 1
    const [one, other] = [heap[left], heap[left + 1]]
    if (one === undefined) return first
    const child = other !== undefined && isBefore(other, one) ? left + 1 : left
    const lower = heap[child]
    if (lower === undefined || !isBefore(lower, last)) return first
    heap[at] = lower
    heap[child] = last
    at = child
  }
}

/** From 0 up to but not including 1. https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
