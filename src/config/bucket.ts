import { LadingError, printable } from '../words/errors.ts'
import { plural } from '../words/units.ts'
import { maskAddress } from './mask.ts'

/** Lower case, digits, dots and hyphens. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const ACCESS_POINT_ARN = /^arn:[a-z-]+:s3:[a-z0-9-]+:\d{12}:accesspoint\/[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/

/** @throws E_BUCKET_NAME */
export function checkBucket(bucket: string): void {
  if (ACCESS_POINT_ARN.test(bucket)) return
  const why = bucketProblem(bucket)
  if (why === undefined) return
  throw new LadingError('E_BUCKET_NAME', `"${printable(maskName(bucket))}" is not the name of a bucket`, {
    why,
    hint: 'Write it as the provider shows it: 3 to 63 lower-case letters, digits, dots and hyphens.',
  })
}

/** What follows a colon may be the beginning of a password whose `@` was forgotten. */
const maskName = (bucket: string): string => maskAddress(bucket).replace(/:.*/s, ':***')

function bucketProblem(bucket: string): string | undefined {
  if (bucket === '') return 'There is no name between "s3://" and the next "/".'
  if (bucket.length < 3 || bucket.length > 63)
    return `It has ${plural(bucket.length, 'character')}; 3 to 63 are allowed.`
  if (!BUCKET.test(bucket))
    return 'Only lower-case letters, digits, dots and hyphens are allowed, a letter or digit at both ends.'
  if (/\.\.|\.-|-\./.test(bucket)) return 'A dot may not stand beside another dot or a hyphen.'
  if (IPV4.test(bucket)) return 'It has the form of an IP address.'
  return undefined
}

/**
 * A prefix as keys carry it: empty, or ending with `/` and not starting with one. `/assets`, `assets/` and `./assets`
 * are all `assets/`.
 *
 * @throws E_PREFIX
 */
export function normalizePrefix(text: string): string {
  const segments = text.replace(/^\/|\/$/g, '').split('/')
  const refuse = (why: string): never => {
    throw new LadingError('E_PREFIX', `"${printable(text)}" cannot be a prefix`, {
      why,
      hint: 'Write it without "..", doubled slashes and control characters, for example assets/.',
    })
  }
  const kept = segments.filter((segment) => segment !== '.')
  if (kept.length === 0 || (kept.length === 1 && kept[0] === '')) return ''
  if (kept.includes('..')) refuse('".." would leave the bucket or the prefix above.')
  if (kept.includes('')) refuse('A key with an empty segment cannot be addressed by every tool.')
  if (/[\p{Cc}]/u.test(text)) refuse('It holds a control character.')
  if (/\p{Cs}/u.test(text)) refuse('It is not valid Unicode.')
  return `${kept.join('/')}/`
}

/** Loopback names: plain http to them never leaves this machine. */
const LOOPBACK = /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

export const isLoopback = (host: string): boolean => LOOPBACK.test(host)

/**
 * An endpoint as `scheme://host[:port]`. Without a scheme it is https, and http on this machine.
 *
 * @throws E_ENDPOINT for a path, user-info, query or anything that is no URL
 */
export function checkEndpoint(text: string): string {
  if (/@|%(?:25)*40/i.test(text)) throw endpointUserInfo(maskEndpointText(text))
  const url = parseEndpoint(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw endpointError(maskAddress(text), `"${url.protocol}" is not http or https.`, `https://${url.host}`)
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw endpointError(
      maskAddress(text),
      'It has a path or a query; bucket and prefix stand in s3://BUCKET/PREFIX.',
      url.origin,
    )
  }
  return url.origin
}

function parseEndpoint(text: string): URL {
  const host = /^([^/:@]+|\[[^\]]+\])(?::\d+)?(?:\/|$)/.exec(text)?.[1] ?? ''
  const guess = text.includes('://') ? text : `${isLoopback(host) ? 'http' : 'https'}://${text}`
  try {
    return new URL(guess)
  } catch {
    // Without the cause: it repeats the text as it was.
    throw new LadingError('E_ENDPOINT', 'the endpoint is no address', {
      subject: printable(maskAddress(text)),
      hint: 'Write https://HOST, as the provider shows it.',
    })
  }
}

const maskEndpointText = (text: string): string => text.replace(/^(https?:\/\/)?.*(?:@|%(?:25)*40)/is, '$1***@')

/** `masked` is the endpoint with its user-info as `***`, with or without `endpoint=` before it. */
export function endpointUserInfo(masked: string): LadingError {
  const subject = masked.replace(/^endpoint=/i, '').replace(/^(https?)(?::|%3a)(?:\/|%2f){2}/i, '$1://')
  return endpointError(printable(subject), 'It carries a user name or password.', subject.replace('***@', ''))
}

const endpointError = (subject: string, why: string, line: string): LadingError =>
  new LadingError('E_ENDPOINT', 'this is not an endpoint', { subject, why, hint: `Write endpoint=${line}` })
