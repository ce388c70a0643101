import { type S3Answer, S3Refusal } from './s3-protocol.ts'

const CODES: Readonly<Record<number, string>> = {
  400: 'InvalidRequest',
  403: 'AccessDenied',
  404: 'NoSuchBucket',
  409: 'ConditionalRequestConflict',
  412: 'PreconditionFailed',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'SlowDown',
}

export const PORTAL: S3Answer = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><html><head><title>Sign in</title></head><body>Welcome to the guest network</body></html>',
}

interface Refused {
  readonly status: number
  /** @default what S3 calls the status */
  readonly code: string | undefined
  readonly retryAfterSeconds: number | undefined
}

export function refusal({ status, code, retryAfterSeconds }: Refused): S3Answer {
  const answer = new S3Refusal(status, code ?? CODES[status] ?? 'Error').answer()
  if (retryAfterSeconds === undefined) return answer
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } }
}

export function withoutEtag(answer: S3Answer): S3Answer {
  const { etag: _, 'x-amz-checksum-sha256': __, ...headers } = answer.headers ?? {}
  return inXml({ ...answer, headers }, (xml) => xml.replace(/<(ETag|ChecksumSHA256)>.*?<\/\1>/g, ''))
}

export function withWrongEtag(answer: S3Answer): S3Answer {
  const { headers, ...rest } = withoutEtag(answer)
  const wrong = `"${'0'.repeat(32)}"`
  const changed = answer.headers?.etag === undefined ? headers : { ...headers, etag: wrong }
  return inXml({ ...rest, headers: changed ?? {}, body: answer.body ?? '' }, (xml) =>
    xml.replace(/<ChecksumSHA256>.*?<\/ChecksumSHA256>/g, '').replace(/<ETag>.*?<\/ETag>/g, `<ETag>${wrong}</ETag>`),
  )
}

/** One bit in the middle is another one. */
export function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  const at = bytes.byteLength >> 1
  const byte = changed[at]
  if (byte !== undefined) changed[at] = byte ^ 1
  return changed
}

export function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.byteLength >> 1)
}

function inXml(answer: S3Answer, change: (xml: string) => string): S3Answer {
  return typeof answer.body === 'string' ? { ...answer, body: change(answer.body) } : answer
}
