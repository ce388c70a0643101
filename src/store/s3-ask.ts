import type { Bucket } from './s3-client.ts'
import { Deadline } from './s3-deadline.ts'
import { type S3Request, s3Error } from './s3-errors.ts'
import { mended } from './s3-mend.ts'
import type { Call, Passage } from './s3-operations.ts'

/** One call of the port, on its way to the store. */
export interface Asked extends Omit<S3Request, 'bucket'> {
  /** Of the body, which get more time by their number. */
  readonly bytes?: number
  /** See `WriteCondition.guard`. */
  readonly guard?: (() => void) | undefined
  /** Called when nothing reads the body any more; never, where nobody can be sure of that. */
  readonly onLeft?: (() => void) | undefined
}

/** One request: its guard, its time, its signal, and its failure as one of our errors. */
export async function ask<T>(
  bucket: Bucket,
  request: Asked,
  work: (call: Call, ends: Deadline) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(bucket.requestTimeoutMs, request.bytes ?? 0, request.signal)
  const { wire } = bucket.line
  const startedAt = performance.now()
  let refusal: { readonly reason: unknown } | undefined
  const passage: Passage = {
    deadline,
    left: () => request.onLeft?.(),
    guard() {
      try {
        request.guard?.()
      } catch (reason) {
        refusal = { reason }
        // Not itself: the SDK writes on what passes through it.
        throw new Error('refused by the guard')
      }
    },
  }
  try {
    const answer = await work(
      (operation, input) => stoppable(deadline, () => wire.send(operation, input, passage)),
      deadline,
    )
    bucket.line.succeeded(wire)
    return answer
  } catch (error) {
    if (refusal) throw refusal.reason
    const facts = { ...request, bucket: bucket.name, late: deadline.isOver, stage: deadline.stage }
    throw mended(bucket, s3Error(error, facts), { wire, startedAt })
  } finally {
    deadline.done()
  }
}

/** Until the connection itself listens to its deadline there may be keys or a region to be found, and those who hang there. */
function stoppable<T>(deadline: Deadline, send: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    deadline.onStop(reject)
    if (deadline.hasStopped) reject(deadline.reason)
    send().then(resolve, reject)
  })
}
