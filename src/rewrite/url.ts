import type { Key, PublicUrl, SitePath } from '../words/model.ts'

/** Left alone by `encodeURIComponent`, but risky in S3, srcset, CSS or templates. */
const UNSAFE = /[!'()*]/g

/** Encoded by it, but valid in a path and easier to read as is: `logo@2x.png`. */
const READABLE: ReadonlyMap<string, string> = new Map([
  ['%40', '@'],
  ['%3A', ':'],
])

const hex = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase()}`

/**
 * A path's segments percent-encoded, `/` kept. Only letters, digits and `-._~@:` stay as they are, so that the result
 * needs no further escaping in HTML, CSS, srcset or JSON; S3 reads a bare `+` as a space, so that is encoded too.
 */
export function encodePath(path: SitePath | Key): string {
  return encodeURIComponent(path)
    .replace(UNSAFE, hex)
    .replace(/%2F/g, '/')
    .replace(/%(?:40|3A)/g, (code) => READABLE.get(code) ?? code)
}

/** What has to be encoded in a path; a browser sends the rest as it stands in the link. https://url.spec.whatwg.org/#path-percent-encode-set */
const ENCODED_BY_BROWSERS = /[^\x21-\x7e]|["#<>?^`{}%\\]/gu

/** A path as our pages name it, and as browsers ask for it where a link has it as it is: `a%20%281%29`, `a%20(1)`. */
export const spellings = (path: SitePath | Key): readonly string[] => [
  encodePath(path),
  path.replace(ENCODED_BY_BROWSERS, encodeURIComponent),
]

/** Each segment decoded once, in NFC. What is not valid percent-encoded UTF-8 stays as written: `100%.png`. */
export function decodePath(path: string): SitePath {
  return path.split('/').map(decodeSegment).join('/').normalize('NFC')
}

function decodeSegment(segment: string): string {
  return segment.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      const decoded = decodeURIComponent(run)
      // An encoded separator belongs to a name that no file has; decoded it would lead elsewhere.
      return decoded.includes('/') ? run : decoded
    } catch {
      return run
    }
  })
}

/**
 * Root-relative: wherever a document lies on a host, it leads to the same path of that host. Browsers read `\` as `/`.
 * https://url.spec.whatwg.org/#relative-slash-state
 */
export function isFromRoot(url: string): boolean {
  return /^[/\\](?![/\\])/.test(url)
}

/** The public address of the object at `key`. */
export function urlOfKey(url: PublicUrl, key: Key): string {
  return url.href + encodePath(key)
}

/** How the object at `from` names the one at `to`, both below one prefix: `../img/logo.png`. */
export function relativeUrl(from: Key, to: Key): string {
  const fromDirs = from.split('/').slice(0, -1)
  const target = to.split('/')
  let shared = 0
  while (shared < fromDirs.length && shared < target.length - 1 && fromDirs[shared] === target[shared]) shared += 1
  const up = '../'.repeat(fromDirs.length - shared)
  const down = encodePath(target.slice(shared).join('/'))
  // A colon in the first segment would make it a scheme.
  const first = down.slice(0, (down.indexOf('/') + 1 || down.length + 1) - 1)
  return up === '' && first.includes(':') ? `./${down}` : up + down
}

/**
 * Resolves a base or URL against another base, both as written. If both are only paths, so is the result. Undefined
 * stands for the page itself.
 */
export function joinUrl(base: string | undefined, url: string): string {
  if (base === undefined || /^[a-z][a-z0-9+.-]*:|^[/\\]{2}/i.test(url)) return url
  const host = /^(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}/i.exec(base)
  if (host) {
    const whole = host[0].includes(':') ? base : `https:${base}`
    return URL.canParse(url, whole) ? new URL(url, whole).href : url
  }
  if (/^[/\\]/.test(url)) return url
  if (/^(?:$|[?#])/.test(url)) return base
  const path = base.replace(/[?#].*$/s, '')
  return path.slice(0, path.lastIndexOf('/') + 1) + url
}
