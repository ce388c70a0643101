import type { FailureReceipt } from '../../images/plan/receipt.ts'
import type { Store } from '../../store/store.ts'
import { ERROR_EXIT, type ErrorCode } from '../../words/errors.ts'
import { allFailureReceiptsPrefix, doneReceiptKey, shardOfItem } from '../plan/keys.ts'
import type { BatchItem, BatchManifest } from '../plan/manifest.ts'
import { type ReceiptText, readReceipts } from '../receipts/receipts.ts'
import { readShardItems } from './submit.ts'

/** An image of a batch that failed, for people. */
export interface BatchFailure {
  readonly item: string
  /** In the folder that was submitted. */
  readonly path: string
  readonly code: ErrorCode
  readonly message: string
}

/** `Object.keys` loses the type of the keys. */
const ERROR_CODES = Object.keys(ERROR_EXIT) as readonly ErrorCode[]

/** Why items failed, by their receipts. Reads the list of each shard that has one of them. */
export async function failuresOf(
  store: Store,
  { batch, recipe }: BatchManifest,
  { items, signal }: { readonly items: readonly string[]; readonly signal?: AbortSignal | undefined },
): Promise<readonly BatchFailure[]> {
  const receipts = await readReceipts(store, { batch, arrivals: { done: [], failed: items }, signal })
  const known = new Map<string, BatchItem>()
  for (const shard of new Set(items.map(shardOfItem)))
    for (const item of await readShardItems(store, { batch, shard }, signal)) known.set(item.item, item)
  return receipts.flatMap((read) => {
    const item = known.get(read.item)
    if (!item) return []
    const { code, message } = failureOf(item, read, recipe)
    return [{ item: item.item, path: item.path, code, message }]
  })
}

/** The failure receipts that are looked at for each failure that is wanted: another worker may have made the image since. */
const TRIED = 3

/** The first failures of a batch, found by one listing, however many images it has. */
export async function firstFailures(
  store: Store,
  manifest: BatchManifest,
  { most, signal }: { readonly most: number; readonly signal?: AbortSignal | undefined },
): Promise<readonly BatchFailure[]> {
  const { batch } = manifest
  const prefix = allFailureReceiptsPrefix(batch)
  let named: readonly string[] = []
  for await (const page of store.list(prefix, { signal })) {
    named = page.flatMap(({ key }) => ITEM_OF_RECEIPT.exec(key.slice(prefix.length))?.[1] ?? []).slice(0, most * TRIED)
    break
  }
  const made = await Promise.all(named.map((item) => store.head(doneReceiptKey(batch, item), { signal })))
  const items = named.filter((_, at) => made[at] === undefined).slice(0, most)
  return items.length === 0 ? [] : failuresOf(store, manifest, { items, signal })
}

/** `0007/0007-0421.json`. */
const ITEM_OF_RECEIPT = /^\d{4}\/(\d{4}-0\d{3})\.json$/

/** Of an image that failed, never came, or whose receipt cannot be read. */
export function failureOf({ path, src }: BatchItem, read: ReceiptText | undefined, recipe: string): FailureReceipt {
  const { width = 0, height = 0, ...rest } = src
  const said = fieldsOf(read?.receipt)
  const fallback = read === undefined ? 'it had no receipt when the deadline came' : 'its receipt cannot be read'
  return {
    v: 1,
    src: { ...rest, path, width, height },
    recipe,
    code: read === undefined ? 'E_BATCH_DEADLINE' : codeOf(said.code),
    message: textOf(said.reason ?? said.message, fallback),
    attempts: 1,
  }
}

/** A worker's error code if it is in our catalogue, else E_BATCH, which is not the image's fault. */
const codeOf = (said: unknown): ErrorCode => ERROR_CODES.find((code) => code === said) ?? 'E_BATCH'

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const textOf = (value: unknown, fallback: string): string =>
  typeof value === 'string' && value !== '' ? value : fallback
