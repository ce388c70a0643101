/** Where the content of a string literal stands, without its quotes. */
export interface StringSpan {
  readonly start: number
  readonly end: number
}

/**
 * The code of a script without what is not code: comments become a space, strings `''`, regular expressions `0`. A
 * string that is nothing but a name stays readable, because `window['Worker']` is code. Whether a slash divides or
 * begins a regular expression is told by what stands before it; undefined for a text with unbalanced literals or
 * templates. `onString` is called for every string, and for templates without `${}`, in order.
 */
export function scriptCode(text: string, onString?: (span: StringSpan) => void): string | undefined {
  const scan: Scan = { text, at: 0, out: [], previous: '', parens: [], braces: [], endless: new Set(), onString }
  while (scan.at < text.length) {
    if (!readToken(scan)) return undefined
  }
  return scan.braces.includes('template') ? undefined : scan.out.join('')
}

interface Scan {
  readonly text: string
  at: number
  readonly out: string[]
  /** The last token that is not white space or a comment: a word, `)`, `0` for a literal, or one punctuator. */
  previous: string
  /** For each open parenthesis: a regular expression may follow its closing one (`if (x) /y/`). */
  readonly parens: boolean[]
  readonly braces: Array<'block' | 'template'>
  /** Where no regular expression was found to end: outside a class of characters, and (the complement) inside of one. */
  readonly endless: Set<number>
  readonly onString: ((span: StringSpan) => void) | undefined
}

/** One word, number or run of white space at a time. Sticky, so that a large script costs one pass. */
const WORD = /[\p{ID_Continue}$\u200c\u200d]+/uy
const SPACE = /\s+/y
const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

/** After these words a slash begins a regular expression. */
const BEFORE_EXPRESSION: ReadonlySet<string> = new Set(
  'await case delete do else in instanceof new of return throw typeof void yield'.split(' '),
)

function readToken(scan: Scan): boolean {
  const char = scan.text[scan.at] ?? ''
  if (char === '"' || char === "'") return readString(scan, char)
  if (char === '`') return readTemplate(scan, scan.at + 1)
  if (char === '/') return readSlash(scan)
  const space = match(scan, SPACE)
  if (space !== undefined) return emit(scan, space.includes('\n') ? '\n' : ' ', scan.previous)
  const word = match(scan, WORD)
  if (word !== undefined) return emit(scan, word, word)
  scan.at += 1
  return readPunctuator(scan, char)
}

function match(scan: Scan, pattern: RegExp): string | undefined {
  pattern.lastIndex = scan.at
  const found = pattern.exec(scan.text)?.[0]
  if (found !== undefined) scan.at += found.length
  return found
}

function emit(scan: Scan, code: string, previous: string): true {
  scan.out.push(code)
  scan.previous = previous
  return true
}

function readPunctuator(scan: Scan, char: string): boolean {
  if (char === '(') scan.parens.push(/^(?:if|while|for|with)$/.test(scan.previous))
  if (char === '{') scan.braces.push('block')
  if (char === '}' && scan.braces.pop() === 'template') return readTemplate(scan, scan.at)
  // After a condition a statement begins, so what follows is as after `;`.
  if (char === ')') return emit(scan, char, scan.parens.pop() ? ';' : ')')
  const doubled = (char === '+' || char === '-') && scan.previous === char && scan.text[scan.at - 2] === char
  return emit(scan, char, doubled ? ')' : char)
}

function readString(scan: Scan, quote: string): boolean {
  const start = scan.at + 1
  let at = start
  while (at < scan.text.length && scan.text[at] !== quote) {
    if (scan.text[at] === '\n') return false
    at += scan.text[at] === '\\' ? 2 : 1
  }
  if (at >= scan.text.length) return false
  const content = scan.text.slice(start, at)
  scan.at = at + 1
  scan.onString?.({ start, end: at })
  return emit(scan, NAME.test(content) ? `'${content}'` : "''", '0')
}

/** Text up to the closing backtick, or up to `${`, whose code is then read like any other. */
function readTemplate(scan: Scan, start: number): boolean {
  for (let at = start; at < scan.text.length; at += 1) {
    const char = scan.text[at]
    if (char === '\\') at += 1
    else if (char === '`') {
      scan.at = at + 1
      if (scan.text[start - 1] === '`') scan.onString?.({ start, end: at })
      return emit(scan, "''", '0')
    } else if (char === '$' && scan.text[at + 1] === '{') {
      scan.at = at + 2
      scan.braces.push('template')
      return emit(scan, "''+", '+')
    }
  }
  return false
}

function readSlash(scan: Scan): boolean {
  const { text, at } = scan
  if (text[at + 1] === '/') {
    const end = text.indexOf('\n', at)
    scan.at = end === -1 ? text.length : end
    return emit(scan, ' ', scan.previous)
  }
  if (text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2)
    if (end === -1) return false
    scan.at = end + 2
    return emit(scan, ' ', scan.previous)
  }
  if (divides(scan.previous)) {
    scan.at += 1
    return emit(scan, '/', '/')
  }
  const end = regexEnd(scan)
  // No regular expression on this line after all (`}` ended an object, not a block).
  scan.at = end ?? at + 1
  return end === undefined ? emit(scan, '/', '/') : emit(scan, ' 0 ', '0')
}

function divides(previous: string): boolean {
  if (previous === ')' || previous === ']' || previous === '0') return true
  return /[\p{ID_Continue}$]$/u.test(previous) && !BEFORE_EXPRESSION.has(previous)
}

/** What matters between the slashes of a regular expression: escapes, classes of characters, and their ends. */
const IN_EXPRESSION = /\\[\s\S]|[[\]/\n]/g

/** A search that comes to where an earlier one found nothing ends there, so that a line of slashes costs one pass. */
function regexEnd({ text, at, endless }: Scan): number | undefined {
  const passed: number[] = []
  let inClass = false
  IN_EXPRESSION.lastIndex = at + 1
  for (let found = IN_EXPRESSION.exec(text); found?.[0] !== '\n'; found = IN_EXPRESSION.exec(text)) {
    if (found === null) break
    const { 0: char, index } = found
    if (char === '/' && !inClass) return index + 1
    const place = inClass ? ~index : index
    if (endless.has(place)) break
    passed.push(place)
    inClass = char === '[' || (inClass && char !== ']')
  }
  for (const place of passed) endless.add(place)
  return undefined
}
