import { type Follower, type Followers, followersOf } from './abort-followers.ts'
import { createTimers, type Timed } from './s3-timers.ts'

/** What a request was about when its time was up. */
export type Stage = 'connecting' | 'waiting' | 'receiving'

/** The slowest line that we wait for, in bytes per millisecond. */
const SLOWEST = 50

const timers = createTimers()

/**
 * The time of one request, from its first step to the last byte of its answer. The SDK's own limits end with the headers
 * of the answer, or see only silence: a byte now and then would keep a run for ever.
 *
 * A class, and no signal unless somebody asks for one: it is made for every request, and signals and timers of its own
 * would cost more than sending it.
 */
export class Deadline implements Timed, Follower {
  at: number
  seat = 0
  isOver = false
  stage: Stage = 'waiting'
  /** Why it has to end, once it has to. */
  reason: unknown
  readonly #startedAt = performance.now()
  readonly #limitMs: number
  readonly #bytes: number
  readonly #followers: Followers | undefined
  readonly #place: number
  #hasEnded = false
  #stop: ((reason: unknown) => void) | undefined
  #controller: AbortController | undefined

  /**
   * @param bytes of the bodies that are known beforehand; they get more time by their number, as does the answer's
   * @param caller ends it as well
   */
  constructor(limitMs: number, bytes: number, caller: AbortSignal | undefined) {
    this.#limitMs = limitMs
    this.#bytes = bytes
    this.at = this.#endFor(bytes)
    if (caller?.aborted) this.stop(caller.reason)
    else this.#followers = caller && followersOf(caller)
    this.#place = this.#followers?.add(this) ?? 0
    timers.add(this)
  }

  get hasStopped(): boolean {
    return this.#hasEnded
  }

  /** Called once it has to end. The last one who asks is told. */
  onStop(stop: ((reason: unknown) => void) | undefined): void {
    this.#stop = stop
  }

  /** For those who know nothing but signals. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#hasEnded) this.#controller.abort(this.reason)
    return this.#controller.signal
  }

  /** The answer has begun, and announces so many bytes. */
  answered(bytes: number): void {
    this.stage = 'receiving'
    this.at = this.#endFor(Math.max(this.#bytes, bytes))
  }

  expire(): void {
    this.isOver = true
    this.stop(new Error('the time of the request is up'))
  }

  /** Ends the request, once. */
  stop(reason: unknown): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.reason = reason
    this.#stop?.(reason)
    this.#controller?.abort(reason)
  }

  /** To be called when all is done: nothing of it outlives its request. */
  done(): void {
    timers.end(this)
    this.#followers?.delete(this, this.#place)
  }

  #endFor(bytes: number): number {
    return this.#startedAt + this.#limitMs + Math.ceil(bytes / SLOWEST)
  }
}
