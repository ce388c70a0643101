import { isSpace } from './white-space.ts'

/** Where a URL stands inside a token, and how to write another one there. */
export interface UrlSpan {
  /** From the token's start. */
  readonly start: number
  readonly end: number
  encode(url: string): string
}

/** A URL with these cannot stand in `url(...)` without quotes. `<` could end a style element. */
const NEEDS_QUOTES = /[\s"'()\\<\p{Cc}]/u

/** `url( a.png )`: the text between the parentheses, white space aside. */
export function unquotedSpan(token: string): UrlSpan {
  let start = token.indexOf('(') + 1
  while (isSpace(token[start])) start += 1
  let end = start
  while (end < token.length && token[end] !== ')' && !isSpace(token[end])) {
    end = token[end] === '\\' ? escapeEnd(token, end) : end + 1
  }
  return {
    start,
    end: Math.min(end, token.length),
    encode: (url) => (NEEDS_QUOTES.test(url) ? `"${escapeString(url, '"')}"` : url),
  }
}

/** `"a.png"`: the text between the quotes. The closing one may be missing at the end of a sheet. */
export function quotedSpan(token: string): UrlSpan {
  const quote = token[0] === "'" ? "'" : '"'
  let end = 1
  while (end < token.length && token[end] !== quote) end += token[end] === '\\' ? 2 : 1
  return { start: 1, end: Math.min(end, token.length), encode: (url) => escapeString(url, quote) }
}

/** An escape is a backslash with one character, or with up to six hexadecimal digits and one white space. */
function escapeEnd(text: string, start: number): number {
  const pattern = /\\(?:[0-9a-f]{1,6}(?:\r\n|[\t\n\f\r ])?|[\s\S])/iuy
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : start + 1
}

/** https://www.w3.org/TR/cssom-1/#serialize-a-string, with `<` escaped too. */
function escapeString(text: string, quote: '"' | "'"): string {
  return text.replace(/[\p{Cc}"'\\<]/gu, (char) => {
    if (char === '\\' || char === quote) return `\\${char}`
    if (char === '"' || char === "'") return char
    return `\\${(char.codePointAt(0) ?? 0).toString(16)} `
  })
}
