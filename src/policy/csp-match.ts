/** A source list's judgement on addresses. https://www.w3.org/TR/CSP3/#match-url-to-source-list */
export interface SourceSubject {
  /** What is to be loaded. */
  readonly url: URL
  /** The page's own address; undefined when nobody said. Then nothing is taken for `'self'`. */
  readonly self: URL | undefined
}

/** `scheme://host:port/path`, all but the host optional. https://www.w3.org/TR/CSP3/#grammardef-host-source */
const HOST_SOURCE =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::(\d+|\*))?(\/[^?#]*)?$/i
const SCHEME_SOURCE = /^([a-z][a-z0-9+.-]*):$/i

/** Whether one of the sources covers the address. Nonces, hashes and keywords cover none. */
export function allowsUrl(sources: readonly string[], subject: SourceSubject): boolean {
  return sources.some((source) => matches(source, subject))
}

function matches(source: string, { url, self }: SourceSubject): boolean {
  // `*` covers what comes over HTTP, and the page's own scheme
  if (source === '*') return /^(?:https?|wss?):$/.test(url.protocol) || url.protocol === self?.protocol
  if (source.toLowerCase() === "'self'") return self !== undefined && isSelf(url, self)
  const scheme = SCHEME_SOURCE.exec(source)?.[1]
  if (scheme !== undefined) return schemeCovers(`${scheme.toLowerCase()}:`, url.protocol)
  const found = HOST_SOURCE.exec(source)
  if (found === null) return false
  const [, written, host = '', port, path = ''] = found
  // without a scheme the page's own counts; nobody loads http: assets on purpose but from an http: page
  const from = written === undefined ? (self?.protocol ?? url.protocol) : `${written.toLowerCase()}:`
  return (
    schemeCovers(from, url.protocol) && hostCovers(host, url.hostname) && portCovers(port, url) && pathCovers(path, url)
  )
}

function isSelf(url: URL, self: URL): boolean {
  if (url.origin === self.origin) return true
  const hasDefaultPorts = url.port === '' && self.port === ''
  return url.hostname === self.hostname && hasDefaultPorts && url.protocol === 'https:'
}

/** A secure scheme is covered by its insecure twin. https://www.w3.org/TR/CSP3/#scheme-part-match */
function schemeCovers(from: string, to: string): boolean {
  return from === to || (from === 'http:' && to === 'https:') || (from === 'ws:' && /^(?:wss|https?):$/.test(to))
}

/** `*.example.com` covers every subdomain and not the domain itself. */
function hostCovers(pattern: string, host: string): boolean {
  const wanted = pattern.toLowerCase()
  if (wanted === '*') return true
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443' }

function portCovers(port: string | undefined, url: URL): boolean {
  const standard = DEFAULT_PORTS[url.protocol] ?? ''
  return port === '*' || (port ?? standard) === (url.port || standard)
}

/** A path that ends with a slash covers what lies below it, another only itself. https://www.w3.org/TR/CSP3/#path-part-match */
function pathCovers(path: string, url: URL): boolean {
  if (path === '') return true
  const pattern = path.split('/')
  const segments = url.pathname.split('/')
  const isFolder = pattern.at(-1) === ''
  if (isFolder) pattern.pop()
  if (pattern.length > segments.length || (!isFolder && pattern.length !== segments.length)) return false
  return pattern.every((segment, index) => decoded(segment) === decoded(segments[index] ?? ''))
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
