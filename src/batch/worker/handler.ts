import type { ErrorCode } from '../../words/errors.ts'
import type { ImageJob } from '../plan/messages.ts'

/**
 *   done      everything is in the store, and the receipt after it
 *   failed    it will never be done, whoever tries: the image cannot be decoded, the original is gone
 *   crashed   the process that rendered it died, or ran out of time or memory; it may be the image's fault
 */
export type Outcome =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly code: ErrorCode; readonly reason: string }
  | { readonly status: 'crashed'; readonly reason: string }

/**
 * Does one job. Idempotent: keys are derived from the job and put if absent, so duplicates and retries do no harm. When
 * the signal fires it ends soon, with any outcome.
 *
 * It rejects when the fault is not the image's: the store cannot be reached, the credentials have expired.
 */
export interface Handler {
  handle(job: ImageJob, options: { readonly signal: AbortSignal }): Promise<Outcome>
}
