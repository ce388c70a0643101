import { type RetryOptions, retried } from '../../store/wrappers/with-retry.ts'
import { LadingError, printable } from '../../words/errors.ts'
import type { BatchAnswer } from './sqs-client.ts'

/** Entries of one request. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const ENTRIES = 10

/** Concurrent requests. */
const LANES = 8

/** How often an entry is sent at most while it fails by no fault of ours. */
const ROUNDS = 5

/** The first wait between two rounds, in milliseconds, doubled each time. */
const ROUND_MS = 100

export interface BatchItem<T> {
  readonly item: T
  /** What it adds to a request, in bytes. */
  readonly bytes: number
}

export interface BatchFailure<T> {
  readonly item: T
  /** What SQS calls it: `ReceiptHandleIsInvalid`. */
  readonly code: string
  readonly reason: string
  /** Whether the entry itself is at fault, so that another attempt will not help. */
  readonly isOurs: boolean
}

interface Retrying extends RetryOptions {
  readonly random: () => number
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

export interface BatchDeed<T> {
  /** Makes one request; an entry is named by its place. */
  readonly request: (entries: readonly (readonly [id: string, item: T])[]) => Promise<BatchAnswer>
  /** Bytes of one request. */
  readonly maxBytes: number
  readonly retry: Retrying
}

/**
 * Processes many items in requests of ten. Transient failures are retried, of whole requests and of single entries; an
 * entry that the response does not mention has failed.
 *
 * @returns the items that failed
 * @throws what the requests failed with, when not one of them succeeded
 */
export async function inBatches<T>(items: readonly BatchItem<T>[], deed: BatchDeed<T>): Promise<BatchFailure<T>[]> {
  const batches = packed(items, deed.maxBytes)
  const failures: BatchFailure<T>[] = []
  let first: unknown
  let hasAnswer = false
  const lane = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      try {
        failures.push(...(await inRounds(batch, deed)))
        hasAnswer = true
      } catch (error) {
        first ??= error
        failures.push(...batch.map((item) => unknownFate(item, error)))
        // What made one request fail permanently would fail the next one too.
        failures.push(...batches.splice(0).flatMap((rest) => rest.map((item) => unknownFate(item, error))))
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(LANES, batches.length) }, lane))
  if (first !== undefined && !hasAnswer) throw first
  return failures
}

function unknownFate<T>(item: T, error: unknown): BatchFailure<T> {
  const { code, message } =
    error instanceof LadingError ? error : { code: 'E_BUG', message: printable(String(error).slice(0, 200)) }
  return { item, code, reason: message, isOurs: false }
}

async function inRounds<T>(batch: readonly T[], { request, retry }: BatchDeed<T>): Promise<BatchFailure<T>[]> {
  const failures: BatchFailure<T>[] = []
  let open = batch.map((item, index) => [String(index), item] as const)
  for (let round = 1; ; round++) {
    const sent = open
    const { done, failed } = await retried('', retry, () => request(sent))
    const said = new Map(failed.map((entry) => [entry.Id, entry]))
    const failedNow = sent
      .filter(([id]) => !done.has(id))
      .map(([id, item]): readonly [string, BatchFailure<T>] => {
        const {
          Code = 'Unmentioned',
          Message = 'the answer does not mention it',
          SenderFault = false,
        } = said.get(id) ?? {}
        return [id, { item, code: Code, reason: printable(`${Code}: ${Message}`.slice(0, 200)), isOurs: SenderFault }]
      })
    failures.push(...failedNow.map(([, failure]) => failure).filter(({ isOurs }) => isOurs))
    open = failedNow.filter(([, { isOurs }]) => !isOurs).map(([id, { item }]) => [id, item] as const)
    if (open.length === 0) return failures
    if (round === ROUNDS)
      return [...failures, ...failedNow.map(([, failure]) => failure).filter(({ isOurs }) => !isOurs)]
    await retry.sleep(ROUND_MS * 2 ** (round - 1) * (0.5 + retry.random() / 2), retry.signal)
  }
}

/** In order, each within both limits. */
function packed<T>(items: readonly BatchItem<T>[], maxBytes: number): T[][] {
  const batches: T[][] = []
  let batch: T[] = []
  let bytes = 0
  for (const { item, bytes: weight } of items) {
    if (batch.length === ENTRIES || (batch.length > 0 && bytes + weight > maxBytes)) {
      batches.push(batch)
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += weight
  }
  return batch.length > 0 ? [...batches, batch] : batches
}
