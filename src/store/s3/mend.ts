import { LadingError } from '../../words/errors.ts'
import type { Bucket } from './client.ts'
import { AwsFailure, isRedirect } from './failure.ts'
import type { Wire } from './operations.ts'

/** The attempt that failed. */
interface Attempt {
  readonly wire: Wire
  /** By the monotonic clock. */
  readonly startedAt: number
}

/** Changes how the bucket is accessed and returns what was changed; `undefined` for a failure it does not mend. */
type Mend = (failure: AwsFailure, bucket: Bucket, attempt: Attempt) => string | undefined

/**
 * Some failures tell what to change. The change applies to every later request, and the failure becomes retryable; the
 * retry itself is left to `withRetry`, which also reports it. Each mend works once: a request sent after it that fails
 * in the same way has failed for good.
 */
export function mended(bucket: Bucket, error: LadingError, attempt: Attempt): LadingError {
  const { cause, code, message, subject, hint, details } = error
  if (!(cause instanceof AwsFailure)) return error
  for (const mend of MENDS) {
    const why = mend(cause, bucket, attempt)
    if (why === undefined) continue
    const said = `${message}: ${why}`
    return new LadingError(code, said, { subject, why: error.why, hint, details, cause, retryable: true })
  }
  return error
}

const otherRegion: Mend = (failure, { line }, { wire }) => {
  const { region } = failure
  if (region === undefined || !isRedirect(failure)) return undefined
  if (wire === line.wire) {
    if (line.hasMoved) return undefined
    line.move(region)
  }
  return `it is asked in "${region}" from now on; ?region=${region} in the address saves the detour`
}

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'])

const freshCredentials: Mend = ({ name }, { line }, { wire }) => {
  if (!EXPIRED.has(name)) return undefined
  // Another request may have renewed them while this one was in flight.
  if (wire === line.wire && !line.renew()) return undefined
  return 'credentials are looked for anew'
}

/** Older versions of services knew Content-MD5 only. https://github.com/aws/aws-sdk-js-v3/issues/6810 */
const withoutChecksum: Mend = ({ status, message, header = '' }, { line, profile }, { startedAt }) => {
  const isRefused = status === 501 || (status === 400 && /unsupported|not (supported|implemented)/i.test(message))
  if (!(isRefused && /x-amz-(sdk-)?checksum/i.test(`${message} ${header}`))) return undefined
  if (profile.checksum === 'sha256') line.checksumsRefusedAt ??= performance.now()
  if (line.checksumsRefusedAt === undefined || startedAt > line.checksumsRefusedAt) return undefined
  return 'it does not know x-amz-checksum-sha256; Content-MD5 is sent for the rest of this run'
}

/** A name that is not found is mostly mistyped, and sometimes a resolver's hiccup: one more chance. */
const nameOnceMore: Mend = ({ codes }, { line }, { startedAt }) => {
  if (!codes.includes('ENOTFOUND')) return undefined
  line.lostAt ??= performance.now()
  return startedAt <= line.lostAt ? 'its name is looked up once more' : undefined
}

/** A refused HEAD has no body that says why; the SDK sees by the store's `Date` that our clock was wrong. */
const clockSet: Mend = ({ status, hasSetClock }, { line }, { startedAt }) => {
  if (status !== 403) return undefined
  if (hasSetClock) line.clockSetAt = performance.now()
  // Requests that were in flight by then were signed by the wrong clock as well.
  const isExcused = line.clockSetAt !== undefined && startedAt < line.clockSetAt
  return isExcused ? 'the clocks of store and machine differ; the next request allows for it' : undefined
}

const MENDS: readonly Mend[] = [otherRegion, freshCredentials, withoutChecksum, nameOnceMore, clockSet]
