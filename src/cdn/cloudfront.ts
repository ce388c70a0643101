import { randomUUID } from 'node:crypto'
import { throwIfAborted } from '../store/abort.ts'
import { LadingError } from '../words/errors.ts'
import type { Cdn, PurgeReceipt } from './cdn.ts'
import { type CloudFrontClient, type CloudFrontClientOptions, openCloudFront } from './cloudfront-client.ts'
import { cloudFrontPath } from './cloudfront-path.ts'
import { collapsePaths } from './collapse.ts'
import { type Clock, type Retrying, retrying, SYSTEM_CLOCK } from './retry.ts'

/** Paths in one invalidation. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const BATCH = 3000

/** How long we wait for the edge, in milliseconds. Most invalidations take less than two minutes. */
const WAIT_MS = 600_000
/** The first interval between polls, in milliseconds; it grows by half up to the last one. */
const FIRST_LOOK_MS = 2000
const LAST_LOOK_MS = 20_000

export interface CloudFrontOptions extends CloudFrontClientOptions {
  /** Paths of one purge; more are collapsed into wildcards. */
  readonly budget: number
  /** Whether a purge waits until the edge has done it. */
  readonly wait: boolean
  /** Ends every purge, besides the signal of the call itself. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
  /** Makes a unique CallerReference. @default randomUUID */
  readonly newReference?: (() => string) | undefined
}

/**
 * Invalidations of one CloudFront distribution.
 *
 * @throws E_MISSING_PACKAGE
 */
export async function createCloudFrontCdn(options: CloudFrontOptions): Promise<Cdn> {
  const client = await openCloudFront(options)
  const { clock = SYSTEM_CLOCK, newReference = randomUUID } = options
  return {
    label: `cloudfront:${options.distribution}`,
    async purge(paths, given = {}) {
      const signals = [options.signal, given.signal].filter((signal) => signal !== undefined)
      const retry = { clock, signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0] }
      throwIfAborted(retry.signal)
      const sent = collapsePaths([...new Set(paths.map(cloudFrontPath))], options.budget)
      const ids: string[] = []
      for (let at = 0; at < sent.length; at += BATCH) {
        const reference = newReference()
        const batch = sent.slice(at, at + BATCH)
        ids.push(await retrying(() => client.create(batch, reference, retry.signal), retry))
      }
      const receipt = { asked: new Set(paths).size, sent: sent.length, ids }
      if (ids.length === 0) return { ...receipt, waited: false, completed: true }
      return options.wait
        ? { ...receipt, ...(await wait(client, ids, retry)) }
        : { ...receipt, waited: false, completed: false }
    },
  }
}

/** The invalidation completes whether we watch it or not, so a failure here, or a stopped run, only ends the waiting. */
async function wait(client: CloudFrontClient, ids: readonly string[], retry: Retrying): Promise<Waited> {
  try {
    return await watch(client, ids, retry)
  } catch (error) {
    if (!retry.signal?.aborted) throw error
    return { waited: true, completed: false, pending: 'the run was stopped' }
  }
}

async function watch(client: CloudFrontClient, ids: readonly string[], retry: Retrying): Promise<Waited> {
  const { clock, signal } = retry
  const deadline = clock.now() + WAIT_MS
  let pending = 'it takes longer than 10 minutes'
  let lookMs = FIRST_LOOK_MS
  const left = [...ids]
  while (left[0] !== undefined) {
    const status = await look(client, left[0], signal)
    if (status === 'completed') {
      left.shift()
      continue
    }
    if (status instanceof LadingError) pending = status.message
    const isPassing = status === 'pending' || status.retryable
    if (!isPassing || clock.now() + lookMs > deadline) return { waited: true, completed: false, pending }
    await clock.sleep(lookMs, signal)
    lookMs = Math.min(lookMs * 1.5, LAST_LOOK_MS)
  }
  return { waited: true, completed: true }
}

type Waited = Pick<PurgeReceipt, 'waited' | 'completed' | 'pending'>

/** Not retried: the next poll is the retry. */
async function look(
  client: CloudFrontClient,
  id: string,
  signal: AbortSignal | undefined,
): Promise<'completed' | 'pending' | LadingError> {
  throwIfAborted(signal)
  try {
    return (await client.isCompleted(id, signal)) ? 'completed' : 'pending'
  } catch (error) {
    throwIfAborted(signal)
    if (error instanceof LadingError) return error
    throw error
  }
}
