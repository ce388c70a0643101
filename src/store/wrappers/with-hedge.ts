import { LadingError } from '../../words/errors.ts'
import { sameHeaders } from '../../words/headers.ts'
import type { Body, HeaderSet, Key } from '../../words/model.ts'
import { abortedError } from '../abort.ts'
import type { Store, WriteCondition, WriteResult } from '../store.ts'
import { type Follower, type Followers, followersOf } from './abort-followers.ts'
import { type Clock, SYSTEM_CLOCK } from './gate.ts'
import { createStalls, type Stallable, type Stalls } from './hedge-stalls.ts'

/** Larger bodies are sent once: they take long anyway, and would need twice their memory. In bytes. */
const LARGEST = 256 * 1024

export interface HedgeOptions {
  /** @default the machine's */
  readonly clock?: Clock | undefined
}

/**
 * Request hedging: sends a write a second time, over another connection, when it takes far longer than others, and uses
 * the answer that comes first; the other request is aborted. Only for writes that allow it (`mayRepeat`): both carry
 * the same bytes under a name that belongs to these bytes, so no order of arrival does harm. Of two conditional creates
 * only one can succeed: when the other's answer comes first, the object is looked at, and counts as stored if it has
 * the bytes and the headers that were sent.
 */
export function withHedge(store: Store, { clock = SYSTEM_CLOCK }: HedgeOptions = {}): Store {
  const course: Course = { store, stalls: createStalls(clock), stops: createStops(), now: clock.now }
  return {
    ...store,
    put(key, body, headers, condition) {
      if (!condition?.mayRepeat || body.size > LARGEST) return store.put(key, body, headers, condition)
      if (condition.signal?.aborted) return Promise.reject(abortedError(condition.signal))
      return new Race(course, { key, body, headers, condition }).run()
    },
  }
}

/** What all writes to one store share. */
interface Course {
  readonly store: Store
  readonly stalls: Stalls
  readonly stops: Stops
  now(): number
}

interface Write {
  readonly key: Key
  readonly body: Body
  readonly headers: HeaderSet
  readonly condition: WriteCondition
}

/** One write, sent once or twice. A class, because one is made for every write. */
class Race implements Stallable, Follower {
  waitedMs = 0
  seat = 0
  #isHedged = false
  readonly #course: Course
  readonly #write: Write
  readonly #callers: Followers | undefined
  #place = 0
  /** Requests in flight. */
  readonly #running: AbortController[] = []
  #failure: { readonly error: unknown } | undefined
  #resolve: (result: WriteResult | Promise<WriteResult>) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(course: Course, write: Write) {
    this.#course = course
    this.#write = write
    this.#callers = write.condition.signal && followersOf(write.condition.signal)
  }

  run(): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#place = this.#callers?.add(this) ?? 0
      this.#course.stalls.began(this)
      void this.#send()
    })
  }

  stalled(): void {
    this.#isHedged = true
    void this.#send()
  }

  /** The caller gives up. */
  stop(reason: unknown): void {
    const { signal } = this.#write.condition
    this.#end(reason)
    this.#reject(signal ? abortedError(signal) : reason)
  }

  async #send(): Promise<void> {
    const { store, now, stops, stalls } = this.#course
    const { key, body, headers, condition } = this.#write
    const controller = stops.take()
    const fromMs = now()
    this.#running.push(controller)
    try {
      const result = await store.put(key, body, headers, { ...condition, signal: controller.signal })
      if (!this.#leave(controller)) return
      stalls.took(now() - fromMs)
      this.#end(this.#running.length > 0 ? answered() : undefined)
      this.#resolve(this.#isHedged && result.status !== 'stored' ? this.#look(result) : result)
    } catch (error) {
      if (this.#leave(controller)) this.#failed(error)
    }
  }

  /** Of two conditional creates one fails, and the object that is there may be the other one's. */
  async #look(result: WriteResult): Promise<WriteResult> {
    const { store } = this.#course
    const { key, body, headers, condition } = this.#write
    const found = await store.head(key, { signal: condition.signal })
    const isOurs = found?.sha256 === body.sha256 && sameHeaders(found.headers, headers, store.facts.forgets)
    return isOurs ? { status: 'stored', etag: found.etag } : result
  }

  /** @returns whether it was still wanted */
  #leave(controller: AbortController): boolean {
    const at = this.#running.indexOf(controller)
    if (at < 0) return false
    this.#running.splice(at, 1)
    this.#course.stops.giveBack(controller)
    return true
  }

  #failed(error: unknown): void {
    const isRefusal = error instanceof LadingError && error.code === 'E_THROTTLED'
    if (isRefusal) this.#course.stalls.refused()
    const isPassing = error instanceof LadingError && error.retryable
    // Of two failures the throttling is reported, because other calls have to slow down.
    const told = isRefusal ? { error } : (this.#failure ?? { error })
    this.#failure = told
    // The other request may still succeed, unless the error is permanent.
    if (isPassing && this.#running.length > 0) return
    this.#end(error)
    this.#reject(isPassing ? told.error : error)
  }

  #end(reason: unknown): void {
    this.#course.stalls.ended(this)
    this.#callers?.delete(this, this.#place)
    // An aborted request is no longer in `#running`, so its outcome is ignored.
    for (let rest = this.#running.pop(); rest; rest = this.#running.pop()) rest.abort(reason)
  }
}

function answered(): LadingError {
  return new LadingError('E_ABORTED', 'the same request was answered over another connection')
}

/** A pool of controllers that were never aborted: making one costs a fifth of what sending does. */
interface Stops {
  take(): AbortController
  giveBack(controller: AbortController): void
}

function createStops(): Stops {
  const free: AbortController[] = []
  return {
    take() {
      const known = free.pop()
      if (known) return known
      const made = new AbortController()
      // A permanent follower, so that the shared listener stays and is not added again for each request.
      followersOf(made.signal).add({ stop: () => undefined })
      return made
    },
    giveBack(controller) {
      if (!controller.signal.aborted) free.push(controller)
    },
  }
}
