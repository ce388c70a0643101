import { printable } from '../../words/errors.ts'
import { BAD_CREDENTIALS, type Description, described, NO_CREDENTIALS, quoted } from '../aws-failure.ts'
import { type AwsFailure, isRedirect } from './failure.ts'
import { connection, lateness, place, proxy, type S3Reading, type S3Request } from './line-readings.ts'

/** The first reading that knows the failure counts. */
export function describe(failure: AwsFailure, request: S3Request): Description {
  for (const reading of [setup, lateness, proxy, connection, byName, byStatus]) {
    const found = reading(failure, request)
    if (found) return found
  }
  return failedAt(request, { why: quoted(failure) })
}

const setup: S3Reading = ({ name, message }, { bucket }) => {
  if (/^Region is missing/.test(message)) {
    return described('E_ENDPOINT', `the region of the bucket "${bucket}" is not known`, {
      subject: bucket,
      hint: 'Name it: s3://BUCKET/PREFIX?region=REGION, or set AWS_REGION.',
    })
  }
  if (NO_CREDENTIALS.has(name)) {
    return described('E_CREDENTIALS', `no credentials were found for the bucket "${bucket}"`, {
      subject: bucket,
      details: [
        'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment',
        'the profile named by ?profile= or AWS_PROFILE, in ~/.aws/credentials and ~/.aws/config (SSO and processes too)',
        'AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN (OIDC in a CI)',
        'the metadata service of a container or an instance',
      ],
      hint: 'Set the two AWS_* variables, or sign in with `aws sso login`.',
    })
  }
  if (!BAD_CREDENTIALS.test(name)) return undefined
  return described('E_CREDENTIALS', `the store does not accept the credentials for the bucket "${bucket}"`, {
    subject: bucket,
    why: `it answered ${name}`,
    hint: name.startsWith('Expired') ? 'Sign in again, then run again.' : 'Check key, secret, endpoint and region.',
  })
}

const byName: S3Reading = (failure, request) => {
  const { name, status, region } = failure
  if (name === 'NoSuchBucket') {
    return described('E_NO_BUCKET', `there is no bucket "${request.bucket}"`, {
      subject: request.bucket,
      hint: 'Create it first, or check its name, `endpoint` and `region`.',
    })
  }
  if (isRedirect(failure)) {
    return described('E_ENDPOINT', `the bucket "${request.bucket}" is in another region`, {
      subject: request.bucket,
      why: `the store answered ${status === 301 ? 301 : name}`,
      hint: `Name its region: s3://BUCKET/PREFIX?region=${region ?? 'REGION'}`,
    })
  }
  if (status === 301 || status === 308) return sentElsewhere(failure, request)
  const passing = PASSING_NAMES.get(name)
  if (passing === undefined) return undefined
  const hint = name === 'RequestTimeTooSkewed' ? 'If this goes on, set the clock of this machine.' : undefined
  return failedAt(request, { why: passing, hint, retryable: true })
}

function failedAt(request: S3Request, facts: Description['facts']): Description {
  return described('E_STORE', `the store failed at ${place(request)}`, facts)
}

/** A bucket of another region says of which; this was perhaps a proxy that wants https. */
const sentElsewhere: S3Reading = ({ status }, { bucket }) =>
  described('E_ENDPOINT', `the endpoint of the bucket "${bucket}" sends elsewhere`, {
    subject: bucket,
    why: `It answered ${status} and named no region.`,
    hint: 'Check `endpoint`: https instead of http, its host, its port; or name the region with ?region=',
  })

const PASSING_NAMES: ReadonlyMap<string, string> = new Map([
  ['ConditionalRequestConflict', 'another write to the same key was under way'],
  ['OperationAborted', 'another operation on the same key was under way'],
  ['RequestTimeTooSkewed', 'the clocks of store and machine differ; the next request allows for it'],
  ['RequestTimeout', 'the store waited too long for our bytes'],
  ['IncompleteBody', 'the store received fewer bytes than were announced'],
  ['NoSuchUpload', 'somebody else gave the upload of its parts up'],
  ['InvalidPart', 'somebody else replaced a part of it'],
  ['BadDigest', 'the bytes changed on their way'],
  ['XAmzContentSHA256Mismatch', 'the bytes changed on their way'],
])

/** What servers and proxies before a store say, too, by their status alone. */
const PLAIN_STATUS: ReadonlyMap<number, (request: S3Request, failure: AwsFailure) => Description> = new Map([
  // Of load balancers also to a request that meets the end of an idle connection.
  [408, (request) => failedAt(request, { why: 'the store waited too long for our bytes', retryable: true })],
  [507, (request, failure) => failedAt(request, { why: `it has no space left: 507 ${quoted(failure)}` })],
  // https://www.rfc-editor.org/rfc/rfc6585#section-6
  [511, (request) => notS3Description(request, 'it is a 511: the network wants a sign-in first')],
])

const THROTTLED_NAMES = /SlowDown|Throttl|TooManyRequests|BandwidthLimit|ServiceUnavailable|InternalError/

/** What a refusal is called whose body has no code. */
const NAMELESS = /^(NotFound|Unknown|UnknownError|\d+)$/

const byStatus: S3Reading = (failure, request) => {
  const { name, status = 0 } = failure
  const plain = PLAIN_STATUS.get(status)
  if (plain) return plain(request, failure)
  if (status >= 500 && status !== 501) return throttled(failure, request)
  if (status === 429 || THROTTLED_NAMES.test(name)) return throttled(failure, request)
  if (name === 'Unreadable' || (status === 404 && NAMELESS.test(name))) {
    return notS3Description(request, `it is a ${status} without the code of an object store`)
  }
  if (status === 401 || status === 403) return denied(failure, request)
  if (status === 0) return undefined
  // A success or a redirect that could not be parsed: not the XML of an object store.
  if (status < 400) return notS3Description(request, `its body cannot be read (status ${status})`)
  return described('E_STORE', `the store refused ${place(request)}`, { why: `${status} ${quoted(failure)}` })
}

/** What a refusal is called that says no more; of an answer to HEAD the SDK knows the status alone. */
const DENIED = /AccessDenied|Forbidden|Unauthorized|^Unknown|^\d+$/

/**
 * AWS names the right and the reason; the right may be another service's, such as that of the key of an encrypted
 * bucket. Not quoted as a whole: account and user stand in it.
 */
const UNAUTHORIZED = /not authorized to perform: ([\w:*]+)(?:.*\b(because (?:(?!:? arn:).)+))?/

function denied({ name, message }: AwsFailure, request: S3Request): Description {
  const what = `access denied: ${place(request)}`
  if (!DENIED.test(name)) return described('E_ACCESS_DENIED', what, { why: `it answered ${quoted({ name, message })}` })
  const { action, bucket } = request
  const [, right = action, because] = UNAUTHORIZED.exec(message) ?? []
  const why = `the credentials do not allow ${right} there${because === undefined ? '' : `, ${printable(because)}`}`
  if (right !== action) {
    return described('E_ACCESS_DENIED', what, { why, hint: `Allow ${right} in the policy of the role or user.` })
  }
  const key = request.key === undefined ? '' : `/${printable(request.key)}`
  const hint = `Allow ${action} on arn:aws:s3:::${bucket}${key} in the policy of the role or user`
  // Without s3:ListBucket, S3 answers 403 for a key that does not exist.
  const listing = `, and s3:ListBucket on the bucket: without it a key that is not there is answered so, too`
  return described('E_ACCESS_DENIED', what, { why, hint: `${hint}${action === 's3:GetObject' ? listing : ''}.` })
}

function throttled(failure: AwsFailure, request: S3Request): Description {
  const { retryAfterMs, status = '' } = failure
  const asksFor = retryAfterMs === undefined ? '' : `, with Retry-After: ${Math.ceil(retryAfterMs / 1000)} s`
  return described('E_THROTTLED', `the store is overloaded at ${place(request)}`, {
    why: `it answered ${status} ${quoted(failure)}${asksFor}`,
    hint: 'Try again later, or lower `concurrency`.',
    retryable: true,
    retryAfterMs,
  })
}

export function notS3Description(request: S3Request, why: string): Description {
  return described('E_NOT_S3', `the answer to ${place(request)} is not an object store's`, {
    why,
    hint: 'A proxy or the sign-in page of a network may have answered. Check the connection and `endpoint`.',
  })
}
