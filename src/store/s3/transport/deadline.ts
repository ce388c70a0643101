import { type Follower, type Followers, followersOf } from '../../wrappers/abort-followers.ts'
import { createTimers, type Timed } from './timers.ts'

/** What a request was doing when its time was up. */
export type Stage = 'connecting' | 'waiting' | 'receiving'

/** The slowest transfer that we wait for, in bytes per millisecond. */
const SLOWEST = 50

const timers = createTimers()

/**
 * The time limit of one request, from its first step to the last byte of its answer. The SDK's own timeouts end with
 * the answer's headers, or only detect silence: a byte now and then would keep a run going for ever.
 *
 * A class, and a signal only on demand: one is made for every request, and a signal and a timer each would cost more
 * than sending it.
 */
export class Deadline implements Timed, Follower {
  at: number
  seat = 0
  isOver = false
  stage: Stage = 'waiting'
  /** Why it was stopped, once it was. */
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
   * @param bytes of the bodies, as far as known beforehand: more of them get more time
   * @param caller aborts it as well
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

  /** Sets the callback for when it is stopped, in place of the previous one. */
  onStop(stop: ((reason: unknown) => void) | undefined): void {
    this.#stop = stop
  }

  /** For APIs that take only signals. */
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
