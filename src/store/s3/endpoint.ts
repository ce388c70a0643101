import { LadingError, printable } from '../../words/errors.ts'

/**
 * The address of an S3-compatible service.
 *
 * @throws E_ENDPOINT for what is no URL, and for plain http to another machine unless that is allowed
 */
export function checkedEndpoint(text: string | undefined, allowInsecure: boolean | undefined): URL | undefined {
  if (text === undefined || text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  // In the text: the URL parser takes a password with a "/" in it for a path.
  const hasUserInfo = /@|%40/i.test(text)
  if (!(url && /^https?:$/.test(url.protocol)) || hasUserInfo) {
    const shown = printable(text.replace(/[?#].*/s, '')).slice(0, 80)
    throw new LadingError('E_ENDPOINT', 'the endpoint is not an address', {
      why: hasUserInfo ? 'it holds a user name or password' : `"${shown}" is no http(s) URL`,
      hint: 'Write it like https://ACCOUNT.r2.cloudflarestorage.com',
    })
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowInsecure) {
    throw new LadingError('E_ENDPOINT', `the endpoint ${url.host} is plain http`, {
      subject: url.host,
      why: 'whoever is on the way could read and change what is sent',
      hint: 'Use https, or set `allowInsecure` for a network that you trust.',
    })
  }
  return url
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}
