import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { header, type S3Call, S3Refusal } from './s3-protocol.ts'

/** How far the clocks of client and server may differ. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const MAX_SKEW_MS = 15 * 60_000

export interface Signer {
  /** The secret of an access key. */
  readonly secretOf: (accessKeyId: string) => string | undefined
  /** The server's clock. */
  readonly now: () => number
}

/**
 * Checks an `Authorization` header against the request as it arrived: signature, clock, and the payload's hash.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function verifySignature(call: S3Call, signer: Signer): void {
  const authorization = header(call, 'authorization')
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization ?? '',
    )
  if (!parts) throw new S3Refusal(403, 'AccessDenied', 'no SigV4 authorization')
  const [, id = '', scope = '', signed = '', signature = ''] = parts
  const secret = signer.secretOf(id)
  if (secret === undefined) throw new S3Refusal(403, 'InvalidAccessKeyId')
  const [day = '', region = '', service = '', end = ''] = scope.split('/')
  const date = header(call, 'x-amz-date') ?? ''
  if (service !== 's3' || end !== 'aws4_request' || !date.startsWith(day)) {
    throw new S3Refusal(400, 'AuthorizationHeaderMalformed')
  }
  verifyClock(date, signer.now())
  verifyPayload(call)

  const names = signed.split(';')
  for (const name of ['host', 'x-amz-date', 'x-amz-content-sha256']) {
    if (!names.includes(name)) throw new S3Refusal(403, 'AccessDenied', `the header ${name} is not signed`)
  }
  for (const name of Object.keys(call.headers)) {
    if (name.startsWith('x-amz-') && !names.includes(name)) {
      throw new S3Refusal(403, 'AccessDenied', `the header ${name} is not signed`)
    }
  }
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest(call, names))].join('\n')
  const key = [day, region, service, end].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  if (!timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'))) {
    throw new S3Refusal(403, 'SignatureDoesNotMatch')
  }
}

function canonicalRequest(call: S3Call, names: readonly string[]): string {
  const path = call.rawPath.split('/').map((segment) => encode(decodeURIComponent(segment)))
  const query = [...call.query].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const headers = names.map((name) => `${name}:${(header(call, name) ?? '').trim().replace(/ +/g, ' ')}\n`)
  return [
    call.method,
    path.join('/'),
    query.join('&'),
    headers.join(''),
    names.join(';'),
    header(call, 'x-amz-content-sha256'),
  ].join('\n')
}

function verifyClock(date: string, now: number): void {
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(at)) throw new S3Refusal(403, 'AccessDenied', 'no x-amz-date')
  if (Math.abs(now - at) > MAX_SKEW_MS) throw new S3Refusal(403, 'RequestTimeTooSkewed')
}

/** Unsigned and chunk-framed payloads are refused: every body of ours is known before it is sent. */
function verifyPayload(call: S3Call): void {
  if (header(call, 'x-amz-content-sha256') !== sha256(call.body)) {
    throw new S3Refusal(400, 'XAmzContentSHA256Mismatch')
  }
}

/** As SigV4 wants it: stricter than encodeURIComponent. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
