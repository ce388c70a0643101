import { LadingError, printable } from '../words/errors.ts'
import type { PublicUrl } from '../words/model.ts'
import { maskAddress, maskUserInfo } from './mask.ts'

/**
 * The public address of the prefix: a host (`https://cdn.example.com/x/`) or a path of the site (`/_a/`).
 * A missing slash at the end is added.
 *
 * @throws E_URL
 */
export function parsePublicUrl(text: string, subject: string): PublicUrl {
  if (text.startsWith('/') && !text.startsWith('//')) return { href: parsePath(text, subject), kind: 'path' }
  const url = webUrl(text, subject, ', or a path that starts with /.')
  return { href: withSlash(url.href), kind: 'host' }
}

function parsePath(text: string, subject: string): string {
  const refuse = (why: string, hint: string): LadingError =>
    new LadingError('E_URL', `"${printable(maskAddress(text))}" cannot be the public path`, { subject, why, hint })
  const url = new URL(text, 'https://site.invalid')
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    throw refuse('It has a query or a fragment; keys are appended to it.', 'Write the path alone, for example /_a/.')
  }
  if (url.pathname.includes('//') || text.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw refuse('It is not a plain path.', 'Write it without "..", "." and doubled slashes.')
  }
  if (url.pathname === '/') {
    throw refuse('The root of the site belongs to its pages.', 'Give the assets a path of their own, for example /_a/.')
  }
  return withSlash(url.pathname)
}

/**
 * The site's own address with its base path, ending with `/`.
 *
 * @throws E_URL
 */
export const parseSite = (text: string, subject: string): string => withSlash(webUrl(text, subject).href)

/**
 * The address of one page, with its query.
 *
 * @throws E_URL
 */
export const parsePage = (text: string, subject: string): string => publicAddress(text, subject).href

/** @param orElse what else could be written */
function webUrl(text: string, subject: string, orElse = ''): URL {
  const url = publicAddress(text, subject, orElse)
  if (url.search === '' && url.hash === '' && !/[?#]/.test(text)) return url
  throw refusal(text, subject)(
    'It has a query or a fragment; keys are appended to it.',
    `Write ${url.origin}${withSlash(url.pathname)}`,
  )
}

function refusal(text: string, subject: string): (why: string, hint: string) => LadingError {
  return (why, hint) =>
    new LadingError('E_URL', `"${printable(maskAddress(text))}" is not a public address`, { subject, why, hint })
}

function publicAddress(text: string, subject: string, orElse = ''): URL {
  const refuse = refusal(text, subject)
  // Before it is parsed: a password with a "/" makes it look like another address.
  const masked = maskUserInfo(text)
  if (masked !== text) {
    const host = masked.replace(/^.*\*{3}@/s, '').replace(/[?#].*/s, '')
    throw refuse(
      'It carries a user name or password, which every visitor would read.',
      `Write ${/^http:/i.test(text) ? 'http' : 'https'}://${printable(withSlash(host))}`,
    )
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !text.includes('//')) {
    const shown = maskAddress(text)
    if (/^\/[^/]/.test(shown)) {
      throw refuse('It is only a path.', `Write it with its host: https://www.example.com${printable(shown)}`)
    }
    const bare = shown.replace(/^[/:]+/, '') || 'www.example.com'
    throw refuse('It has no scheme.', `Write https://${printable(withSlash(bare))}${orElse}`)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refuse(`Browsers do not load assets by "${url.protocol}".`, 'Write an https:// address.')
  }
  return url
}

/**
 * The path of the root on its own host; starts and ends with `/`.
 *
 * @throws E_URL
 */
export function parseBase(text: string, subject: string): string {
  const path = text.startsWith('/') ? text : `/${text}`
  if (/[?#\\]|\/\//.test(path) || path.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new LadingError('E_URL', `"${printable(maskAddress(text))}" cannot be the base path`, {
      subject,
      hint: 'Write the path of the site on its host, for example / or /shop/.',
    })
  }
  return withSlash(new URL(path, 'https://site.invalid').pathname)
}

const withSlash = (text: string): string => (text.endsWith('/') ? text : `${text}/`)
