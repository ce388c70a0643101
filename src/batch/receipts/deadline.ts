import type { Store } from '../../store/store.ts'
import { batchManifestKey } from '../plan/keys.ts'
import type { BatchResult } from './records.ts'

interface Dated {
  readonly batch: string
  /** ISO 8601. */
  readonly deadline: string
}

interface Judging {
  /** By our clock, in milliseconds since 1970. */
  readonly now: number
  readonly signal?: AbortSignal | undefined
}

/**
 * The time by which a deadline is judged: ours while that leaves some, else the store's, where it tells one. By a clock
 * that is ahead, a single machine would throw away every job of a batch as late, and close it with what there is.
 * @returns milliseconds since 1970
 */
export async function judgedAt(store: Store, { batch, deadline }: Dated, { now, signal }: Judging): Promise<number> {
  if (now < Date.parse(deadline)) return now
  const found = await store.head(batchManifestKey(batch), { signal })
  return Math.min(now, found?.toldAtMs ?? now)
}

export async function isLate(store: Store, dated: Dated, judging: Judging): Promise<boolean> {
  return (await judgedAt(store, dated, judging)) >= Date.parse(dated.deadline)
}

/** Whether a batch that has closed without all of its images goes on: a submit may have given it more time since. */
export async function isReopened(
  store: Store,
  { partial }: Pick<BatchResult, 'partial'>,
  { dated, ...judging }: Judging & { readonly dated: Dated },
): Promise<boolean> {
  return partial && !(await isLate(store, dated, judging))
}
