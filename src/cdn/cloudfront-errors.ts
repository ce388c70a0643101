import { type AwsRequest, awsError, commonReadings, described, quoted, type Reading } from '../store/aws-failure.ts'
import type { LadingError } from '../words/errors.ts'

/** What was asked of CloudFront when it failed, for example with `cloudfront:CreateInvalidation`. */
export interface CloudFrontRequest extends AwsRequest {
  readonly distribution: string
}

export function cloudFrontError(error: unknown, request: CloudFrontRequest): LadingError {
  return awsError(error, request, { subject: request.distribution, readings: READINGS, otherwise: 'E_CDN' })
}

const byName: Reading<CloudFrontRequest> = (failure, { distribution }) => {
  if (failure.name === 'NoSuchDistribution') {
    return described('E_CDN', `there is no distribution "${distribution}"`, {
      hint: 'Its ID is in the list of distributions, in the account that the credentials belong to.',
    })
  }
  if (failure.name !== 'TooManyInvalidationsInProgress') return undefined
  return described('E_THROTTLED', 'the distribution has too many invalidations in progress', {
    why: 'at most 3,000 paths and 15 wildcards may be',
    hint: 'Try again when they are done, or lower `budget`.',
    retryable: true,
    retryAfterMs: failure.retryAfterMs,
  })
}

const THROTTLED_NAMES = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|PriorRequestNotComplete/

const byStatus: Reading<CloudFrontRequest> = (failure, { action, distribution }) => {
  const { name, status = 0, retryAfterMs } = failure
  if (status === 429 || THROTTLED_NAMES.test(name)) {
    return described('E_THROTTLED', `CloudFront is asked too much at ${action}`, {
      why: `it answered ${status} ${quoted(failure)}`,
      retryable: true,
      retryAfterMs,
    })
  }
  if (status >= 500) {
    return described('E_CDN', `CloudFront failed at ${action}`, {
      why: `it answered ${status} ${quoted(failure)}`,
      retryable: true,
      retryAfterMs,
    })
  }
  if (status === 401 || status === 403) {
    return described('E_ACCESS_DENIED', `access denied: ${action}`, {
      why: `the credentials do not allow it`,
      hint: `Allow ${action} on arn:aws:cloudfront::ACCOUNT:distribution/${distribution} in the policy of the role or user.`,
    })
  }
  if (status === 0) return undefined
  // A success or a redirect that the SDK could not parse.
  if (status < 400)
    return described('E_CDN', `the answer to ${action} is not CloudFront's`, { why: `status ${status}` })
  return described('E_CDN', `CloudFront refused ${action}`, { why: `${status} ${quoted(failure)}` })
}

const READINGS: readonly Reading<CloudFrontRequest>[] = [
  ...commonReadings({
    name: 'CloudFront',
    hints: {
      noCredentials: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile: cloudfront:ID?profile=NAME',
      badCredentials:
        'Those of a store elsewhere are no credentials of AWS; name others with cloudfront:ID?profile=NAME',
      late: 'Raise `requestTimeoutMs` if this goes on.',
      line: 'Check `endpoint` and the network.',
    },
  }),
  byName,
  byStatus,
]
