import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import { withRetry } from '../../../src/store/wrappers/with-retry.ts'
import { bytesBody } from '../../../src/transfer/bytes-body.ts'
import { LadingError } from '../../../src/words/errors.ts'
import { busy, clockOf, createWorld, seeded, type World } from './virtual-world.ts'

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
  const world = createWorld(isBusy ? busy(random) : undefined)
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
  const clock = clockOf(world, random)
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void world.at(ms, resolve, true))
  const bare = { ...createMemoryStore(), put }
  const store = isPaced ? withRetry(bare, { clock, sleep, random }) : bare
  const body = bytesBody(Buffer.from('x'))
  await preliminaries(world, () => store.put('preliminary', body, {}))
  takenAt.length = 0
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

/** A run asks a little, and thinks, before it uploads. */
async function preliminaries(world: World, ask: () => Promise<unknown>): Promise<void> {
  let hasAsked = false
  for (const ms of [0, 20, 900]) world.at(ms, () => void ask())
  world.at(2000, () => {
    hasAsked = true
  })
  await world.run(() => hasAsked)
}

function slowDown({ retryAfterMs }: { readonly retryAfterMs?: number }): LadingError {
  return new LadingError('E_THROTTLED', 'slow down', { retryable: true, retryAfterMs })
}
