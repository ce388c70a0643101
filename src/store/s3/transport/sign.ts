import { createHmac, hash } from 'node:crypto'
import type { AwsKeys } from '../../../aws/keys.ts'

/** A request, as it will leave. */
export interface Unsigned {
  readonly method: string
  /** Percent-encoded; the signature is over these very characters. */
  readonly path: string
  /** Not encoded yet. */
  readonly query?: Readonly<Record<string, string>> | undefined
  /** By lower-case names, `host` among them. What is undefined is not sent. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** SHA-256 of the body, in hex. */
  readonly payload: string
}

export interface Signed {
  /** With the query behind it. */
  readonly target: string
  /** Names and values alternating; the caller may add to them. */
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
 * Signature Version 4 in the headers. All headers given are signed; those added later, such as the length, are not.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function createSigner(region: string): Signer {
  let cached: { readonly secret: string; readonly day: string; readonly mac: (text: string) => string } | undefined

  // Cached, because a thousand requests share a second.
  let clock = { second: Number.NaN, time: '' }

  const timeOf = (at: number): string => {
    const second = Math.floor(at / 1000)
    if (second !== clock.second) clock = { second, time: amzTime(second) }
    return clock.time
  }

  const macFor = (secret: string, day: string): ((text: string) => string) => {
    if (cached?.secret === secret && cached.day === day) return cached.mac
    const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`) as Buffer // of hmac
    cached = { secret, day, mac: macWith(key) }
    return cached.mac
  }
  const inOrder = createOrder()

  return {
    sign({ method, path, query, headers: given, payload }, keys, at) {
      const time = timeOf(at)
      const day = time.slice(0, 8)
      const token = keys.sessionToken || undefined
      const { names, signedNames } = inOrder(given, token !== undefined)
      const headers: string[] = []
      let listed = ''
      for (const name of names) {
        const value = added(name, { payload, time, token }) ?? given[name] ?? ''
        headers.push(name, value)
        listed += `${name}:${trimmed(value)}\n`
      }
      const search = query === undefined ? '' : canonicalQuery(query)
      const canonical = `${method}\n${path}\n${search}\n${listed}\n${signedNames}\n${payload}`
      const scope = `${day}/${region}/s3/aws4_request`
      const text = `${ALGORITHM}\n${time}\n${scope}\n${hash('sha256', canonical)}`
      const signature = macFor(keys.secretAccessKey, day)(text)
      const credential = `Credential=${keys.accessKeyId}/${scope}`
      headers.push('authorization', `${ALGORITHM} ${credential}, SignedHeaders=${signedNames}, Signature=${signature}`)
      return { target: search === '' ? path : `${path}?${search}`, headers }
    },
  }
}

const PAYLOAD = 'x-amz-content-sha256'
const TIME = 'x-amz-date'
const TOKEN = 'x-amz-security-token'

interface Added {
  readonly payload: string
  readonly time: string
  readonly token: string | undefined
}

/** The values of headers that signing adds. */
function added(name: string, { payload, time, token }: Added): string | undefined {
  if (name === PAYLOAD) return payload
  if (name === TIME) return time
  return name === TOKEN ? token : undefined
}

interface Order {
  readonly names: readonly string[]
  readonly signedNames: string
}

/** Header names in the order of signing. Consecutive requests mostly have the same, which are sorted once. */
function createOrder(): (headers: Unsigned['headers'], hasToken: boolean) => Order {
  let last: (Order & { readonly given: readonly string[]; readonly hasToken: boolean }) | undefined
  return (headers, hasToken) => {
    const given: string[] = []
    for (const name in headers) if (headers[name] !== undefined) given.push(name)
    const isSame = last?.hasToken === hasToken && last.given.length === given.length
    if (isSame && last?.given.every((name, index) => name === given[index])) return last
    const names = [...new Set([...given, PAYLOAD, TIME, ...(hasToken ? [TOKEN] : [])])].sort()
    last = { given, hasToken, names, signedNames: names.join(';') }
    return last
  }
}

const BLOCK = 64
/** Longer than any text that is signed. */
const TEXT = 1024

/** HMAC-SHA256 in hex with one key. An object of `createHmac` for each text would cost more than its two hashes. */
function macWith(key: Buffer): (text: string) => string {
  const inner = Buffer.alloc(BLOCK + TEXT)
  const outer = Buffer.alloc(BLOCK + key.length)
  for (let at = 0; at < BLOCK; at++) {
    inner[at] = (key[at] ?? 0) ^ 0x36
    outer[at] = (key[at] ?? 0) ^ 0x5c
  }
  return (text) => {
    if (text.length * 3 > TEXT) return createHmac('sha256', key).update(text).digest('hex')
    const size = inner.write(text, BLOCK)
    outer.set(hash('sha256', inner.subarray(0, BLOCK + size), 'buffer'), BLOCK)
    return hash('sha256', outer)
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
export function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** A key as the path of a URL. */
export function encodedPath(key: string): string {
  return /^[\w\-./~]*$/.test(key) ? key : key.split('/').map(encoded).join('/')
}
