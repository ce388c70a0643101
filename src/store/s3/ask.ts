import type { Bucket } from './client.ts'
import { type S3Request, s3Error } from './errors.ts'
import { mended } from './mend.ts'
import type { Call, Passage, Wire } from './operations.ts'
import { Deadline } from './transport/deadline.ts'

/** One call of the port, on its way to the store. */
export interface Asked extends Omit<S3Request, 'bucket' | 'host'> {
  /** Size of the body; larger ones get more time. */
  readonly bytes?: number
  /** See `WriteCondition.guard`. */
  readonly guard?: (() => void) | undefined
  /** Called when nothing reads the body any more; never, where that is not certain. */
  readonly onLeft?: (() => void) | undefined
}

/** Sends one request with its guard, deadline and signal; a failure becomes one of our errors. */
export async function ask<T>(
  bucket: Bucket,
  request: Asked,
  work: (call: Call, ends: Deadline) => Promise<T>,
): Promise<T> {
  const asking = new Asking(bucket, request)
  try {
    const answer = await work(asking.call, asking.deadline)
    bucket.line.succeeded(asking.wire)
    return answer
  } catch (error) {
    throw asking.failure(error)
  } finally {
    asking.deadline.done()
  }
}

/** A class, because one is made for every request: closures would double the cost. */
class Asking implements Passage {
  readonly deadline: Deadline
  readonly wire: Wire
  readonly #bucket: Bucket
  readonly #request: Asked
  readonly #startedAt = performance.now()
  #refusal: { readonly reason: unknown } | undefined

  constructor(bucket: Bucket, request: Asked) {
    this.#bucket = bucket
    this.#request = request
    this.deadline = new Deadline(bucket.requestTimeoutMs, request.bytes ?? 0, request.signal)
    this.wire = bucket.line.wire
  }

  readonly call: Call = (operation, input) => this.wire.send(operation, input, this)

  left(): void {
    this.#request.onLeft?.()
  }

  get isGuarded(): boolean {
    return this.#request.guard !== undefined
  }

  guard(): void {
    try {
      this.#request.guard?.()
    } catch (reason) {
      this.#refusal = { reason }
      // Not the error itself: the SDK modifies those that pass through it.
      throw new Error('refused by the guard')
    }
  }

  failure(error: unknown): unknown {
    if (this.#refusal) return this.#refusal.reason
    const { isOver: late, stage } = this.deadline
    const { name: bucket, host } = this.#bucket
    const facts = { ...this.#request, bucket, host, late, stage }
    return mended(this.#bucket, s3Error(error, facts), { wire: this.wire, startedAt: this.#startedAt })
  }
}
