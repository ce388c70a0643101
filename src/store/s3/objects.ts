import { LadingError, printable } from '../../words/errors.ts'
import type { Digest, ETag, HeaderSet, Key } from '../../words/model.ts'
import type { StoredObject } from '../store.ts'
import { agoIn, toldAt } from './transport/wire.ts'

/** The user metadata that holds our digest: `x-amz-meta-lading-sha256`. */
export const DIGEST = 'lading-sha256'

/** The same as a request's header. */
export const DIGEST_HEADER: string = `x-amz-meta-${DIGEST}`

/** The SDK's names for the headers that we store. */
export interface ObjectFields {
  readonly ContentType?: string | undefined
  readonly CacheControl?: string | undefined
  readonly ContentDisposition?: string | undefined
  readonly ContentEncoding?: string | undefined
  readonly ContentLanguage?: string | undefined
  readonly Metadata?: Record<string, string> | undefined
}

const FIELDS = [
  ['content-type', 'ContentType'],
  ['cache-control', 'CacheControl'],
  ['content-disposition', 'ContentDisposition'],
  ['content-encoding', 'ContentEncoding'],
  ['content-language', 'ContentLanguage'],
] as const

/**
 * The headers that an object is sent with. By literal names: computed ones would be slow. Never an ACL: buckets refuse
 * them by default, and public access is set on the bucket.
 */
export function fieldsOf(headers: HeaderSet, sha256: Digest | undefined): ObjectFields {
  return {
    ContentType: headers['content-type'],
    CacheControl: headers['cache-control'],
    ContentDisposition: headers['content-disposition'],
    ContentEncoding: headers['content-encoding'],
    ContentLanguage: headers['content-language'],
    Metadata: sha256 === undefined ? {} : { 'lading-sha256': sha256 },
  }
}

export interface Answer extends ObjectFields {
  readonly ETag?: string | undefined
  readonly LastModified?: Date | undefined
}

/** An object as a store described it; `undefined` when the description lacks what every object has. */
export function storedObject(key: Key, size: number | undefined, answer: Answer): StoredObject | undefined {
  const etag = etagOf(answer.ETag)
  if (etag === undefined || size === undefined) return undefined
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream' }
  for (const [header, field] of FIELDS) {
    const value = answer[field]
    if (value !== undefined) headers[header] = value
  }
  const sha256 = answer.Metadata?.[DIGEST]
  const ageMs = agoIn(answer, answer.LastModified)
  const toldAtMs = toldAt(answer)
  const digest = /^[0-9a-f]{64}$/.test(sha256 ?? '') ? sha256 : undefined
  const times = { ...(ageMs !== undefined && { ageMs }), ...(toldAtMs !== undefined && { toldAtMs }) }
  return { key, size, etag, headers, sha256: digest, ...times }
}

/**
 * Some gateways store `aws-chunked`, the framing of an upload, as the object's encoding: no browser can read it then.
 * We never send it; another tool may have. https://github.com/versity/versitygw/issues/2398
 *
 * @throws E_INTEGRITY
 */
export function assertNotFramed({ key, headers }: StoredObject, store: string): void {
  if (!headers['content-encoding']?.includes('aws-chunked')) return
  throw new LadingError('E_INTEGRITY', `"${printable(key)}" cannot be read by browsers`, {
    subject: printable(key),
    why: `the store ${store} keeps "aws-chunked" as its Content-Encoding`,
    hint: 'Upload it again with a tool that does not send chunks, or tell the provider.',
  })
}

/** Without the quotation marks. */
export function etagOf(text: string | undefined): ETag | undefined {
  const etag = text?.replace(/^(W\/)?"|"$/g, '')
  return etag === '' ? undefined : etag
}

/** As a header has it. */
export function quotedEtag(etag: ETag): string {
  return `"${etag}"`
}
