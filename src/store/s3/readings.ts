import { printable } from '../../words/errors.ts'
import {
  BAD_CREDENTIALS,
  type Description,
  described,
  lineCode,
  NO_CREDENTIALS,
  PASSING_CODES,
  quoted,
  type Reading,
} from '../aws-failure.ts'
import { type AwsFailure, isRedirect } from './failure.ts'
import { nearestDomain } from './profiles.ts'
import type { Stage } from './transport/deadline.ts'

/** What was asked of the store when it failed. */
export interface S3Request {
  /** The permission that the request needs: `s3:PutObject`. */
  readonly action: string
  readonly bucket: string
  /** Where an endpoint says that the store is. */
  readonly host?: string | undefined
  /** Absent for requests about the bucket. */
  readonly key?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether its time was up when it failed. */
  readonly late?: boolean | undefined
  /** How far it had come. @default 'waiting' */
  readonly stage?: Stage | undefined
}

type S3Reading = Reading<S3Request>

/** The first reading that knows the failure counts. */
export function describe(failure: AwsFailure, request: S3Request): Description {
  for (const reading of [setup, lateness, connection, byName, byStatus]) {
    const found = reading(failure, request)
    if (found) return found
  }
  return described('E_STORE', `the store failed at ${place(request)}`, { why: quoted(failure) })
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

const TLS_CODES = /CERT|TLS|SSL|UNABLE_TO/

/** OpenSSL's words for an answer that is no TLS. */
const NO_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/

/** The SDK reports a connection that was cut as a timeout, too. */
const CUT = new Set(['ECONNRESET', 'EPIPE'])

const lateness: S3Reading = ({ name, message, codes }, request) => {
  const isLate = request.late || (name === 'TimeoutError' && !codes.some((code) => CUT.has(code)))
  if (!isLate) return undefined
  const stage = /establish a connection/.test(message) ? 'connecting' : (request.stage ?? 'waiting')
  return described('E_TIMEOUT', `${LATE[stage]} ${place(request)}`, {
    why: `${request.host ?? 'the store'} or the line to it is too slow, or dead`,
    hint: 'Raise `requestTimeoutMs` or lower `concurrency` if this goes on.',
    retryable: true,
  })
}

const LATE: Readonly<Record<Stage, string>> = {
  connecting: 'no connection in time for',
  waiting: 'no answer in time to',
  receiving: 'the answer did not end in time to',
}

const connection: S3Reading = ({ message, codes, host }, request) => {
  const tls = codes.find((code) => TLS_CODES.test(code))
  if (tls !== undefined && NO_TLS.test(tls)) {
    return described('E_UNREACHABLE', 'no secure connection to the store comes about', {
      subject: request.bucket,
      why: from(request, tls),
      hint: 'It may be a server of plain http, or another port: check `endpoint`.',
    })
  }
  if (tls !== undefined) {
    return described('E_UNREACHABLE', "the store's certificate is not accepted", {
      subject: request.bucket,
      why: from(request, tls),
      hint: 'For a certificate authority of your own, set NODE_EXTRA_CA_CERTS to its file.',
    })
  }
  const code = lineCode({ codes, message })
  if (code === undefined) return undefined
  const where = host === undefined ? request.host : printable(host)
  return described('E_UNREACHABLE', `the store cannot be reached for ${place(request)}`, {
    why: `the connection${where === undefined ? '' : ` to ${where}`} ended with ${code}`,
    hint: `Check \`endpoint\`, \`region\` and the network.${suggestion(host)}`,
    retryable: PASSING_CODES.has(code),
  })
}

const from = ({ host }: S3Request, why: string): string => (host === undefined ? why : `${host}: ${why}`)

/** For a host that was not found. */
function suggestion(host: string | undefined): string {
  const domain = host === undefined ? undefined : nearestDomain(host)
  return domain === undefined ? '' : ` Was "${domain}" meant, instead of "${printable(host ?? '')}"?`
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
    if (status === 301 && region === undefined && name !== 'PermanentRedirect') return sentElsewhere(failure, request)
    return described('E_ENDPOINT', `the bucket "${request.bucket}" is in another region`, {
      subject: request.bucket,
      why: `the store answered ${status === 301 ? 301 : name}`,
      hint: `Name its region: s3://BUCKET/PREFIX?region=${region ?? 'REGION'}`,
    })
  }
  const passing = PASSING_NAMES.get(name)
  if (passing === undefined) return undefined
  const hint = name === 'RequestTimeTooSkewed' ? 'If this goes on, set the clock of this machine.' : undefined
  return described('E_STORE', `the store failed at ${place(request)}`, { why: passing, hint, retryable: true })
}

/** A bucket of another region says of which; this was perhaps a proxy that wants https. */
const sentElsewhere: S3Reading = (_, { bucket }) =>
  described('E_ENDPOINT', `the endpoint of the bucket "${bucket}" sends elsewhere`, {
    subject: bucket,
    why: 'It answered 301 and named no region.',
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

const THROTTLED_NAMES = /SlowDown|Throttl|TooManyRequests|BandwidthLimit|ServiceUnavailable|InternalError/

/** What a refusal is called whose body has no code. */
const NAMELESS = /^(NotFound|UnknownError|\d+)$/

const byStatus: S3Reading = (failure, request) => {
  const { name, status = 0 } = failure
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
const DENIED = /AccessDenied|Forbidden|Unauthorized|UnknownError|^\d+$/

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

function place({ action, bucket, key }: S3Request): string {
  return key === undefined ? `${action} of the bucket "${bucket}"` : `${action} of "${printable(key)}"`
}
