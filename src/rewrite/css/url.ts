/** A URL with these cannot stand in `url(...)` without quotes. `<` could end a style element. */
const NEEDS_QUOTES = /[\s"'()\\<\p{Cc}]/u

/** How a URL is written where one stands without quotes: `url( a.png )`. */
export function encodeUnquoted(url: string): string {
  return NEEDS_QUOTES.test(url) ? `"${escapeString(url, '"')}"` : url
}

/** Within `"a.png"`. */
export function encodeInQuotes(url: string): string {
  return escapeString(url, '"')
}

/** Within `'a.png'`. */
export function encodeInApostrophes(url: string): string {
  return escapeString(url, "'")
}

/** https://www.w3.org/TR/cssom-1/#serialize-a-string, with `<` escaped too. */
function escapeString(text: string, quote: '"' | "'"): string {
  return text.replace(/[\p{Cc}"'\\<]/gu, (char) => {
    if (char === '\\' || char === quote) return `\\${char}`
    if (char === '"' || char === "'") return char
    return `\\${(char.codePointAt(0) ?? 0).toString(16)} `
  })
}
