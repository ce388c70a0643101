import type { Store } from '../../store/store.ts'
import { batchManifestKey } from '../plan/keys.ts'

/**
 * The time by which a deadline is judged: ours while that leaves some, else the store's, where it tells one. By a clock
 * that is ahead, a single machine would throw away every job of a batch as late, and close it with what there is.
 *
 * @param nowMs by our clock, in milliseconds since 1970
 */
export async function judgedAt(
  store: Store,
  { batch, deadline }: { readonly batch: string; readonly deadline: string },
  nowMs: number,
): Promise<number> {
  if (nowMs < Date.parse(deadline)) return nowMs
  const found = await store.head(batchManifestKey(batch))
  return Math.min(nowMs, found?.toldAtMs ?? nowMs)
}
