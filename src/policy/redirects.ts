/** One line of `_redirects` that an edge function can hold. */
export interface Redirect {
  /** A path, percent-encoded as browsers send it. */
  readonly from: string
  readonly to: string
  readonly status: RedirectStatus
}

export type RedirectStatus = 301 | 302 | 303 | 307 | 308

export interface Redirects {
  readonly redirects: readonly Redirect[]
  /** Lines that were left out, as written. */
  readonly unsupported: readonly string[]
}

const STATUSES: ReadonlyMap<string, RedirectStatus> = new Map([
  ['301', 301],
  ['302', 302],
  ['303', 303],
  ['307', 307],
  ['308', 308],
])

/** Hosts disagree on what a line without a status means; browsers do not cache this one. */
const DEFAULT_STATUS = '302'

/**
 * The plain lines of `_redirects`: `from to status`. Not wildcards, placeholders, conditions, rewrites (200) and
 * addresses other than of the web.
 * https://docs.netlify.com/manage/routing/redirects/overview/, https://developers.cloudflare.com/pages/configuration/redirects/
 */
export function parseRedirects(text: string): Redirects {
  const redirects = new Map<string, Redirect>()
  const unsupported: string[] = []
  for (const line of text.split(/\r?\n/)) {
    const written = line.replace(/(?:^|\s)#.*$/, '').trim()
    if (written === '') continue
    const redirect = parseLine(written)
    if (redirect === undefined) unsupported.push(written)
    // the first line of a path counts
    else if (!redirects.has(redirect.from)) redirects.set(redirect.from, redirect)
  }
  return { redirects: [...redirects.values()], unsupported }
}

function parseLine(line: string): Redirect | undefined {
  const [from = '', to = '', code = DEFAULT_STATUS, ...conditions] = line.split(/\s+/)
  const status = STATUSES.get(code.replace(/!$/, ''))
  if (status === undefined || conditions.length > 0 || !/^\/(?!\/)[^*?#]*$/.test(from) || /\/:/.test(from))
    return undefined
  const target = targetOf(to)
  return target === undefined ? undefined : { from: pathOf(from), to: target, status }
}

/** A path of the site or a web address, as it goes into a header. */
function targetOf(to: string): string | undefined {
  if (/:splat\b|\/:[a-z]/i.test(to)) return undefined
  if (/^\/(?![/\\])/.test(to)) {
    const { pathname, search, hash } = new URL(to, 'https://site.invalid')
    return pathname + search + hash
  }
  return /^https?:\/\/[^/]/i.test(to) && URL.canParse(to) ? new URL(to).href : undefined
}

const pathOf = (path: string): string => new URL(path, 'https://site.invalid').pathname
