import { createHmac, hash } from 'node:crypto'
import type { AwsKeys } from '../aws-keys.ts'

/** A request, as it will leave. */
export interface Unsigned {
  readonly method: string
  /** Percent-encoded; the signature is over these very characters. */
  readonly path: string
  /** Not encoded yet. */
  readonly query?: Readonly<Record<string, string>> | undefined
  /** By lower-case names, `host` among them. */
  readonly headers: Readonly<Record<string, string>>
  /** SHA-256 of the body, in hex. */
  readonly payload: string
}

export interface Signed {
  /** With the query behind it. */
  readonly target: string
  /** Names and values in turn; the caller's own to add to. */
  readonly headers: string[]
}

/** SHA-256 of nothing, in hex. */
export const EMPTY_PAYLOAD = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const ALGORITHM = 'AWS4-HMAC-SHA256'

export interface Signer {
  /** @param at of the store's clock, in milliseconds since 1970 */
  sign(request: Unsigned, keys: AwsKeys, at: number): Signed
}

/**
 * Signature Version 4 in the headers. What is sent is signed, but for the length, which Node writes.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function createSigner(region: string): Signer {
  let cached: { readonly secret: string; readonly day: string; readonly key: Buffer } | undefined

  // A thousand requests share a second.
  let clock = { second: Number.NaN, time: '' }

  const timeOf = (at: number): string => {
    const second = Math.floor(at / 1000)
    if (second !== clock.second) clock = { second, time: amzTime(second) }
    return clock.time
  }

  const keyFor = (secret: string, day: string): Buffer => {
    if (cached?.secret === secret && cached.day === day) return cached.key
    const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`) as Buffer // of hmac
    cached = { secret, day, key }
    return key
  }

  return {
    sign({ method, path, query, headers: given, payload }, keys, at) {
      const time = timeOf(at)
      const day = time.slice(0, 8)
      const added: Record<string, string> = { 'x-amz-content-sha256': payload, 'x-amz-date': time }
      if (keys.sessionToken) added['x-amz-security-token'] = keys.sessionToken
      const names = [...Object.keys(given), ...Object.keys(added)].sort()
      const headers: string[] = []
      let listed = ''
      for (const name of names) {
        const value = added[name] ?? given[name] ?? ''
        headers.push(name, value)
        listed += `${name}:${trimmed(value)}\n`
      }
      const signedNames = names.join(';')
      const search = query === undefined ? '' : canonicalQuery(query)
      const canonical = `${method}\n${path}\n${search}\n${listed}\n${signedNames}\n${payload}`
      const scope = `${day}/${region}/s3/aws4_request`
      const text = `${ALGORITHM}\n${time}\n${scope}\n${hash('sha256', canonical)}`
      const signature = createHmac('sha256', keyFor(keys.secretAccessKey, day)).update(text).digest('hex')
      const credential = `Credential=${keys.accessKeyId}/${scope}`
      headers.push('authorization', `${ALGORITHM} ${credential}, SignedHeaders=${signedNames}, Signature=${signature}`)
      return { target: search === '' ? path : `${path}?${search}`, headers }
    },
  }
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** `20261126T010203Z` */
function amzTime(second: number): string {
  return `${new Date(second * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** Most values need nothing done, and looking is cheaper than replacing. */
function trimmed(value: string): string {
  return /^\s|\s$|\s\s/.test(value) ? value.trim().replaceAll(/\s+/g, ' ') : value
}

function canonicalQuery(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => [encoded(name), encoded(value)] as const)
  pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

/** Percent-encoded but for letters, digits and `-._~`, as signatures want it. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** A key as the path of a URL. */
export function encodedPath(key: string): string {
  return /^[\w\-./~]*$/.test(key) ? key : key.split('/').map(encoded).join('/')
}
