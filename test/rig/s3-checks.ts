import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { ConditionRule, Kin } from './s3-kin-traits.ts'
import { header, type S3Call, type S3Object, S3Refusal, type S3State } from './s3-protocol.ts'

const KEPT = /^(content-type|cache-control|content-disposition|content-encoding|content-language|x-amz-meta-.+)$/

const META = 'x-amz-meta-'

/** Checks what a request says of its body, in every way it says it; returns the SHA-256 checksum it was sent with. */
export function verifyBody(call: S3Call, { kin }: Pick<S3State, 'kin'>): string | undefined {
  refuseHeaders(call, kin)
  if (header(call, 'content-encoding')?.includes('aws-chunked')) throw new S3Refusal(501, 'NotImplemented')
  if (header(call, 'content-length') === undefined) throw new S3Refusal(411, 'MissingContentLength')
  const expected: readonly (readonly [string, string])[] = [
    ['content-md5', digest('md5', call.body)],
    ['x-amz-checksum-sha256', digest('sha256', call.body)],
    ['x-amz-checksum-crc32', crc32Base64(call.body)],
  ]
  for (const [name, value] of expected) {
    const sent = header(call, name)
    if (sent === undefined) continue
    if (sent !== value) throw new S3Refusal(400, 'BadDigest', `${name} does not match the body`)
  }
  return header(call, 'x-amz-checksum-sha256')
}

/** For requests that S3 does not take without a checksum. */
export function requireChecksum(call: S3Call): void {
  if (header(call, 'content-md5') ?? header(call, 'x-amz-checksum-sha256') ?? header(call, 'x-amz-checksum-crc32'))
    return
  throw new S3Refusal(400, 'InvalidRequest', 'Missing required header for this request: Content-MD5')
}

/** What becomes of a write's two conditions. */
type ConditionRules = Pick<Kin, 'create' | 'replace'>

/** `If-None-Match: *` and `If-Match`, as a write has them. */
export function verifyCondition(
  call: S3Call,
  current: S3Object | undefined,
  { create, replace }: ConditionRules,
): void {
  const ifNoneMatch = condition(call, 'if-none-match', create)
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw new S3Refusal(501, 'NotImplemented')
  if (ifNoneMatch === '*' && current) throw new S3Refusal(412, 'PreconditionFailed')
  const ifMatch = condition(call, 'if-match', replace)
  if (ifMatch === undefined) return
  if (!current) throw new S3Refusal(404, 'NoSuchKey')
  if (ifMatch !== `"${current.etag}"`) throw new S3Refusal(412, 'PreconditionFailed')
}

function condition(call: S3Call, name: string, rule: ConditionRule): string | undefined {
  const value = header(call, name)
  if (value !== undefined && rule === 501) throw new S3Refusal(501, 'NotImplemented', name)
  return rule === 'honoured' ? value : undefined
}

function refuseHeaders(call: S3Call, { refuses }: Kin): void {
  if (!refuses) return
  const name = Object.keys(call.headers).find((sent) => refuses.headers.test(sent))
  if (name === undefined) return
  const code = refuses.status === 501 ? 'NotImplemented' : 'InvalidArgument'
  throw new S3Refusal(refuses.status, code, `Unsupported header ${name}`)
}

/** Objects are what they are, not who may see them: buckets refuse ACLs by default. */
export function refuseAcl(call: S3Call): void {
  const acl = Object.keys(call.headers).find((name) => name === 'x-amz-acl' || name.startsWith('x-amz-grant-'))
  if (acl !== undefined) throw new S3Refusal(400, 'AccessControlListNotSupported', acl)
}

/** The headers that are stored with an object. */
export function keptHeaders(call: S3Call, { kin }: Pick<S3State, 'kin'>): Record<string, string> {
  const kept: Record<string, string> = {}
  let metadataBytes = 0
  for (const name of Object.keys(call.headers)) {
    const value = header(call, name)
    if (value === undefined || !KEPT.test(name) || kin.forgets.includes(name)) continue
    kept[name] = value
    if (name.startsWith(META)) metadataBytes += Buffer.byteLength(name.slice(META.length)) + Buffer.byteLength(value)
  }
  if (metadataBytes > kin.metadataBytes) throw new S3Refusal(400, 'MetadataTooLarge')
  return kept
}

/** What an object sent in one request is known by. */
export function etagOf(bytes: Uint8Array, { kin }: Pick<S3State, 'kin'>): string {
  return kin.etag === 'md5' ? md5(bytes) : randomBytes(16).toString('hex')
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

export function digest(algorithm: 'md5' | 'sha256', bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('base64')
}

function crc32Base64(bytes: Uint8Array): string {
  const value = Buffer.alloc(4)
  value.writeUInt32BE(crc32(bytes))
  return value.toString('base64')
}
