import { bytesOf, type Parsed, type ParseLine } from './entry.ts'
import { clfTime } from './log-time.ts'

/**
 * `HOST IDENT USER [TIME] "REQUEST" STATUS BYTES ...`, perhaps with `VHOST:PORT` before it, or `VHOST` where HOST is an
 * address; a VHOST that is an IPv6 address has brackets. What follows, referrer and user agent, is not looked at. A quotation mark inside a request is escaped by both servers.
 * https://httpd.apache.org/docs/2.4/logs.html https://nginx.org/en/docs/http/ngx_http_log_module.html
 */
const LINE =
  /^(?:((?:[\w.-]+|\[[\dA-Fa-f:.]+\]):\d{1,5}|(?:[\w.-]+|\[[\dA-Fa-f:.]+\])(?= (?:\d+(?:\.\d+){3}|[\dA-Fa-f]*:[\dA-Fa-f:.]+) )) (?=\S+ \S+ \S))?\S+ \S+ .*?\[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: |$)/

export function commonLog(): ParseLine {
  const timeOf = clfTime()
  return (line): Parsed => {
    if (line === '') return 'note'
    const [, site = '', time = '', request = '', status = '', sent = ''] = LINE.exec(line) ?? []
    const bytes = bytesOf(sent)
    if (status === '' || bytes === undefined) return undefined
    return { site, target: targetOf(request), status: Number(status), bytes, atMs: timeOf(time), cache: undefined }
  }
}

/** `GET /logo.png?v=2 HTTP/1.1` -> `/logo.png?v=2`; what is no request for a path -> nothing. */
export function targetOf(request: string): string {
  const [, target = ''] = /^[A-Za-z-]+ (.*?)(?: HTTP\/\d(?:\.\d)?)?$/s.exec(request) ?? []
  // a proxy is asked for whole addresses
  const path = target.replace(/^https?:\/\/[^/?#]*(?=[/?#]|$)/i, '')
  return path.startsWith('/') ? unescaped(path) : ''
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', n: '\n', r: '\r', t: '\t', v: '\v' }

/** Apache writes `\"`, `\\`, `\n` and `\xhh` for what it does not print, nginx `\xHH`. */
const unescaped = (text: string): string =>
  text.includes('\\')
    ? text.replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/g, (_, hex: string | undefined, sign = '') =>
        hex === undefined ? (ESCAPES[sign] ?? sign) : String.fromCharCode(Number.parseInt(hex, 16)),
      )
    : text
