import { isSpace } from '../white-space.ts'

/** One candidate's URL and its place in the attribute's value. */
export interface SrcsetUrl {
  readonly url: string
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/**
 * The URLs of a `srcset`, by https://html.spec.whatwg.org/multipage/images.html#parse-a-srcset-attribute. Candidates
 * whose descriptors a browser would refuse are reported too: rewriting them does no harm.
 */
export function parseSrcset(value: string): SrcsetUrl[] {
  const urls: SrcsetUrl[] = []
  let at = 0
  for (;;) {
    while (isSpace(value[at]) || value[at] === ',') at += 1
    if (at >= value.length) return urls
    const start = at
    while (at < value.length && !isSpace(value[at])) at += 1
    let end = at
    while (value[end - 1] === ',') end -= 1
    urls.push({ url: value.slice(start, end), start, end })
    // A comma at the URL's end closes the candidate; otherwise its descriptors follow.
    if (end === at) at = skipDescriptors(value, at)
  }
}

/** Where the descriptors that start at `from` end: after the comma that closes the candidate, or at the end. */
function skipDescriptors(value: string, from: number): number {
  let parens = false
  for (let at = from; at < value.length; at += 1) {
    const char = value[at]
    if (parens) parens = char !== ')'
    else if (char === '(') parens = true
    else if (char === ',') return at + 1
  }
  return value.length
}

/** A URL that stands alone in a `srcset`: white space would end it, and so would a comma at either end. */
export function encodeSrcsetUrl(url: string): string {
  return url.replace(/\s/g, '%20').replace(/^,+|,+$/g, (commas) => '%2C'.repeat(commas.length))
}
