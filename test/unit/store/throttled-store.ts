import { LadingError } from '../../../src/errors.ts'
import type { Clock } from '../../../src/store/gate.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { withRetry } from '../../../src/store/with-retry.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'

/** Whether a store takes a request at this time, in milliseconds; it may ask to be left alone for so long. */
export type Limiter = (nowMs: number) => true | { readonly retryAfterMs?: number }

/** So many a second, from when on in milliseconds. */
export type Rate = (nowMs: number) => number

/** Refuses what is more than so many within the last second. */
export function sliding(perSecond: Rate): Limiter {
  const taken: number[] = []
  let first = 0
  return (nowMs) => {
    while ((taken[first] ?? nowMs) <= nowMs - 1000) first += 1
    if (taken.length - first >= perSecond(nowMs)) return {}
    taken.push(nowMs)
    return true
  }
}

/** Counts anew with every second of its own clock. */
export function fixed(perSecond: Rate, retryAfterMs?: number): Limiter {
  let second = -1
  let count = 0
  return (nowMs) => {
    const now = Math.floor((nowMs + 370) / 1000)
    if (now !== second) count = 0
    second = now
    count += 1
    if (count <= perSecond(nowMs)) return true
    return retryAfterMs === undefined ? {} : { retryAfterMs }
  }
}

/** Fills up evenly, to what so many milliseconds bring at most. */
export function bucket(perSecond: Rate, burstMs: number): Limiter {
  let tokens = Number.POSITIVE_INFINITY
  let lastMs = 0
  return (nowMs) => {
    const most = Math.max(1, (burstMs * perSecond(nowMs)) / 1000)
    tokens = Math.min(most, tokens + ((nowMs - lastMs) * perSecond(nowMs)) / 1000)
    lastMs = nowMs
    if (tokens < 1) return {}
    tokens -= 1
    return true
  }
}

export interface Course {
  readonly limiter: Limiter
  readonly lanes: number
  /** From a request to its answer. */
  readonly latencyMs: number
  readonly files: number
  /** A machine with other things to do: now and then nothing of ours runs for a while. @default false */
  readonly isBusy?: boolean
  /** Through the retries, and their pace with them. @default true */
  readonly isPaced?: boolean
}

export interface Sent {
  /** When each was, in milliseconds. */
  readonly takenAt: readonly number[]
  readonly refusedAt: readonly number[]
  readonly failed: number
}

/** Uploads so many files over lanes, by the true retries, gate and pace, in virtual time. The same at every run. */
export async function sendAll(course: Course): Promise<Sent> {
  const { limiter, lanes, latencyMs, files, isBusy = false, isPaced = true } = course
  const random = seeded(lanes * 7919 + latencyMs * 31 + files)
  const world = createWorld(isBusy ? random : undefined)
  const takenAt: number[] = []
  const refusedAt: number[] = []
  const put: Store['put'] = () =>
    new Promise((resolve, reject) => {
      world.at(latencyMs / 2, () => {
        const answer = limiter(world.now())
        if (answer === true) takenAt.push(world.now())
        else refusedAt.push(world.now())
        const deed = (): void => (answer === true ? resolve({ status: 'stored', etag: 'e' }) : reject(slowDown(answer)))
        world.at(latencyMs / 2, deed, true)
      })
    })
  const clock: Clock = {
    now: world.now,
    // As Node's timers: whole milliseconds, and late rather than early.
    later: (deed, ms) => world.at(Math.max(1, Math.floor(ms)) + random(), deed, true),
  }
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void world.at(ms, resolve, true))
  const bare = { ...createMemoryStore(), put }
  const store = isPaced ? withRetry(bare, { clock, sleep, random }) : bare
  const body = bytesBody(Buffer.from('x'))
  let next = 0
  let failed = 0
  const lane = async (): Promise<void> => {
    while (next < files) {
      next += 1
      await store.put(`${next}`, body, {}).catch(() => {
        failed += 1
      })
    }
  }
  const done = Promise.all(Array.from({ length: lanes }, lane))
  await world.run()
  await done
  return { takenAt, refusedAt, failed }
}

function slowDown({ retryAfterMs }: { readonly retryAfterMs?: number }): LadingError {
  return new LadingError('E_THROTTLED', 'slow down', { retryable: true, retryAfterMs })
}

interface World {
  now(): number
  /** @param isOurs happens in our process, and waits while that is busy. @returns calls it off */
  at(inMs: number, deed: () => void, isOurs?: boolean): () => void
  /** Until nothing is left to happen. */
  run(): Promise<void>
}

interface Happening {
  readonly at: number
  readonly order: number
  deed: (() => void) | undefined
  readonly isOurs: boolean
}

/** @param stalls now and then our process does nothing for up to 80 ms; never without */
function createWorld(stalls: (() => number) | undefined): World {
  const heap: Happening[] = []
  const freeAt = stalls ? createStalls(stalls) : (at: number): number => at
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
    async run() {
      for (;;) {
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

/** @returns when our process gets time to run, of what is due at a moment; those come in order */
function createStalls(random: () => number): (at: number) => number {
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
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
