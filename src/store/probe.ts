import { randomBytes } from 'node:crypto'
import type { Key } from '../words/model.ts'
import { openBucket, type S3Options } from './s3/client.ts'
import { all, factsOf, isDenied, type Objects } from './s3/questions.ts'
import { type Place, remove } from './s3/trials.ts'
import type { ProbedFacts } from './store.ts'
import { type RetryOptions, retried } from './wrappers/with-retry.ts'

export interface ProbeOptions extends S3Options {
  /** Where it may write; empty, or ending with `/`. @default everywhere */
  readonly prefix?: string | undefined
  /** How requests that fail for a transient reason are retried. */
  readonly retry?: RetryOptions | undefined
  /** Ends it; it still tries for a moment to remove what it has written. */
  readonly signal?: AbortSignal | undefined
  /** Takes over the removal of what was written, which goes on behind the answer. @default it is waited for */
  readonly onRemoval?: ((removal: Promise<void>) => void) | undefined
}

/** How long a probe that was ended goes on removing, in milliseconds. */
const CLEAN_MS = 1500

/**
 * Finds out what a store does rather than what its documentation says: a few objects are written below `.lading/`,
 * read and removed again. Every test goes to the store as it is, without the adapter's workarounds. A lost answer is
 * asked for again, so every test can be repeated. Never two writes of one object at a time: stores refuse that, or
 * confuse them.
 *
 * @throws E_NOT_S3, E_INTEGRITY, E_LISTING when it is no store that could be used, and whatever a request fails with
 */
export async function probeS3(options: ProbeOptions): Promise<ProbedFacts> {
  const bucket = openBucket({ ...options, learnt: undefined })
  const folder = `${options.prefix ?? ''}.lading/probe-${randomBytes(8).toString('hex')}/`
  const placeUntil = (signal: AbortSignal | undefined): Place => ({
    bucket,
    signal,
    tried: (call) => retried(folder, { ...options.retry, signal }, call),
  })
  const place = placeUntil(options.signal)
  const cleaning = placeUntil(options.signal && later(options.signal, CLEAN_MS))
  const objects: Objects = {
    first: `${folder}a b+c.txt`,
    checked: `${folder}checked`,
    described: `${folder}described`,
    removed: `${folder}removed`,
    missing: `${folder}missing`,
  }
  let facts: ProbedFacts
  try {
    facts = await factsOf(place, objects)
  } catch (error) {
    await clean(cleaning, Object.values(objects)).catch(() => undefined)
    throw error
  }
  const { missing, ...made } = objects
  const removal = clean(cleaning, Object.values(facts.conditionalWrites === 'full' ? made : objects))
  if (options.onRemoval === undefined) await removal
  else options.onRemoval(removal)
  return facts
}

/** Fires so long after `signal`. */
function later(signal: AbortSignal, ms: number): AbortSignal {
  const end = new AbortController()
  const wait = (): void => void setTimeout(() => end.abort(signal.reason), ms).unref()
  if (signal.aborted) wait()
  else signal.addEventListener('abort', wait, { once: true })
  return end.signal
}

/** Credentials that may not delete leave a few small objects behind, in a folder that nobody reads. */
async function clean(place: Place, keys: readonly Key[]): Promise<void> {
  try {
    await all(keys.map((key) => remove(place, key)))
  } catch (error) {
    if (!isDenied(error)) throw error
  }
}
