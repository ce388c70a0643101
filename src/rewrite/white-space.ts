/** White space of HTML, CSS and URLs; a no-break space is a character like any other. https://infra.spec.whatwg.org/#ascii-whitespace */
export function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\n' || char === '\t' || char === '\r' || char === '\f'
}

/** The text without outer white space. */
export function trimSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text[start])) start += 1
  while (end > start && isSpace(text[end - 1])) end -= 1
  return text.slice(start, end)
}
