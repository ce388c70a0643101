import { type ErrorCode, EXIT, LadingError } from '../words/errors.ts'

/** Reasons that no file and no time mends, of those whose exit code does not say so. */
const HOPELESS: ReadonlySet<ErrorCode> = new Set([
  'E_ROOT_NOT_DIR',
  'E_ROOT_DANGEROUS',
  'E_CHANNEL',
  'E_ORDER',
  'E_ABORTED',
])

/**
 * Whether watching goes on after a run that failed like this.
 *
 *   usage, configuration, a bug       no: the next run would be the same
 *   credentials, no right, no bucket  after a run that succeeded, for sessions expire and are renewed beside this
 *   everything else                   yes: a file, time or somebody else may mend it
 */
export function goesOn(error: unknown, hasSucceeded: boolean): error is LadingError {
  if (!(error instanceof LadingError) || HOPELESS.has(error.code)) return false
  const { exitCode } = error
  if (exitCode === EXIT.bug || exitCode === EXIT.usage) return false
  return exitCode !== EXIT.credentials || hasSucceeded
}

/** Whether the same run may succeed later although no file changes. */
export const isPassing = ({ retryable, exitCode }: LadingError): boolean =>
  retryable || exitCode === EXIT.unreachable || exitCode === EXIT.locked

/** Until a run that failed for a passing reason is tried again, in milliseconds: twice as long each time. */
const AGAIN_MS = { first: 10_000, most: 300_000 } as const

/** @param failures in a row, this one included */
export const againAfterMs = (failures: number): number =>
  Math.min(AGAIN_MS.most, AGAIN_MS.first * 2 ** Math.min(failures - 1, 10))
