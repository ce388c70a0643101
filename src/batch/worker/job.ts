import type { Store } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { ImageJob } from '../plan/messages.ts'
import { isLate } from '../receipts/deadline.ts'
import type { Result } from './events.ts'
import type { Handler } from './handler.ts'
import { type Cancellations, MAX_CRASHES, noteCrash, putFailure } from './records.ts'
import { asLadingError, isOutside } from './trouble.ts'

/** How long a job waits for its next try after a crash, in seconds. */
const CRASHED_SECONDS = 5

/**
 *   ack       the job has ended, one way or another: its message is deleted
 *   release   it is to be tried again, after a delay
 */
export interface Settlement {
  readonly result: Result
  readonly reason?: string | undefined
  readonly message: 'ack' | 'release'
  readonly delaySeconds?: number | undefined
  /** An external failure, which makes the worker back off. */
  readonly trouble?: unknown
}

export interface JobOptions {
  readonly store: Store
  readonly handler: Handler
  readonly clock: Clock
  readonly instance: string
  readonly cancellations: Cancellations
  /** Called after an item has arrived. */
  readonly arrived: (batch: string, item: string) => Promise<void>
  /** Fires when the worker hands everything back. */
  readonly stopped: AbortSignal
}

/** Does one job, from checking that it is still wanted to deciding what becomes of its message. Never rejects. */
export async function doJob(job: ImageJob, options: JobOptions): Promise<Settlement> {
  try {
    return (await unwanted(job, options)) ?? (await settle(job, options))
  } catch (error) {
    // Nothing is known of the job: whoever gets it next finds out.
    const { message } = asLadingError(error)
    return { result: 'released', reason: message, message: 'release', delaySeconds: CRASHED_SECONDS, trouble: error }
  }
}

async function unwanted(job: ImageJob, options: JobOptions): Promise<Settlement | undefined> {
  if (await options.cancellations.has(job.batch)) {
    return giveUp(job, options, { result: 'cancelled', code: 'E_BATCH_CANCELLED', reason: 'the batch was cancelled' })
  }
  const { store, clock, stopped: signal } = options
  if (!(await isLate(store, job, { now: clock.now(), signal }))) return undefined
  // Without a receipt it counts as missing, which the same submit sends again.
  await options.arrived(job.batch, job.item)
  return { result: 'failed', reason: `its deadline was ${job.deadline}`, message: 'ack' }
}

async function settle(job: ImageJob, options: JobOptions): Promise<Settlement> {
  const outcome = await outcomeOf(job, options)
  switch (outcome.status) {
    case 'done':
      await options.arrived(job.batch, job.item)
      return { result: 'done', message: 'ack' }
    case 'failed':
      return giveUp(job, options, { result: 'failed', code: outcome.code, reason: outcome.reason })
    case 'crashed':
      // A child that was killed because we stop says nothing about its image.
      if (options.stopped.aborted) return { result: 'released', reason: 'the worker stops', message: 'release' }
      return crashed(job, options, outcome.reason)
  }
}

async function outcomeOf(job: ImageJob, { handler, stopped }: JobOptions): ReturnType<Handler['handle']> {
  try {
    return await handler.handle(job, { signal: stopped })
  } catch (error) {
    if (isOutside(error)) throw error
    // A bug of ours that one image triggers must not be retried forever either.
    return { status: 'crashed', reason: asLadingError(error).message }
  }
}

async function crashed(job: ImageJob, options: JobOptions, reason: string): Promise<Settlement> {
  const { store, instance, clock } = options
  const at = new Date(clock.now()).toISOString()
  const count = await noteCrash(store, job, { instance, at, reason })
  if (count < MAX_CRASHES) return { result: 'crashed', reason, message: 'release', delaySeconds: CRASHED_SECONDS }
  return giveUp(job, options, {
    result: 'failed',
    code: 'E_IMAGE_CRASHED',
    reason: `it crashed ${count} times: ${reason}`,
  })
}

async function giveUp(
  job: ImageJob,
  options: JobOptions,
  failure: Parameters<typeof putFailure>[2],
): Promise<Settlement> {
  await putFailure(options.store, job, failure)
  await options.arrived(job.batch, job.item)
  return { result: failure.result, reason: failure.reason, message: 'ack' }
}
