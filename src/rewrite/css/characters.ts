/** The characters that matter in CSS, by code. */
export const CODE = {
  quote: 0x22,
  hash: 0x23,
  apostrophe: 0x27,
  openParen: 0x28,
  closeParen: 0x29,
  asterisk: 0x2a,
  plus: 0x2b,
  comma: 0x2c,
  hyphen: 0x2d,
  dot: 0x2e,
  slash: 0x2f,
  colon: 0x3a,
  semicolon: 0x3b,
  less: 0x3c,
  greater: 0x3e,
  at: 0x40,
  openSquare: 0x5b,
  backslash: 0x5c,
  closeSquare: 0x5d,
  letterE: 0x65,
  letterU: 0x75,
  openCurly: 0x7b,
  closeCurly: 0x7d,
} as const

/** A lookup table of the ASCII characters that match: the lexer spends most of its time on such tests. */
const table = (pattern: RegExp): Uint8Array =>
  Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0))

// https://www.w3.org/TR/css-syntax-3/#tokenizer-definitions; NUL reads as U+FFFD, which may stand in names.
const SPACE = table(/[ \t\n\f\r]/)
const DIGIT = table(/[0-9]/)
const HEX = table(/[0-9a-f]/i)
const NAME_START = table(/[a-z_\0]/i)
const NAME = table(/[a-z_0-9\0-]/i)
const VALUE_STOP = table(/[()[\]{};@"'\\/]/)
const RULE_STOP = table(/[()[\]{};@"'\\/:]/)

/** These take results of `charCodeAt`: NaN, its result beyond the end, matches none. */
export const isSpaceCode = (code: number): boolean => code < 128 && SPACE[code] === 1
export const isDigit = (code: number): boolean => code < 128 && DIGIT[code] === 1
export const isNameStart = (code: number): boolean => (code < 128 ? NAME_START[code] === 1 : isNonAsciiName(code))
export const isName = (code: number): boolean => (code < 128 ? NAME[code] === 1 : isNonAsciiName(code))
const isHex = (code: number): boolean => code < 128 && HEX[code] === 1

/** Characters that matter even where names, numbers and colons do not. */
export const isValueStop = (code: number): boolean => code < 128 && VALUE_STOP[code] === 1
/** The next character that matters between rules and declarations: this one loop passes over most of a sheet. */
export function nextRuleStop(text: string, from: number): number {
  const { length } = text
  let at = from
  for (let code = 0; at < length; at += 1) {
    code = text.charCodeAt(at)
    if (code < 128 && RULE_STOP[code] === 1) break
  }
  return at
}
/** A token never reaches beyond one of these, strings, comments and escapes aside. */
export const isSeparator = (code: number): boolean => isSpaceCode(code) || code === CODE.comma

export const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff

const isNewLine = (code: number): boolean => code === 0x0a || code === 0x0d || code === 0x0c

/** https://www.w3.org/TR/css-syntax-3/#non-ascii-ident-code-point, half pairs included: those read as U+FFFD or more. */
function isNonAsciiName(code: number): boolean {
  if (code < 0xc0) return code === 0xb7
  if (code < 0x2000) return code !== 0xd7 && code !== 0xf7 && code !== 0x37e
  if (code < 0x2070) return code === 0x200c || code === 0x200d || code === 0x203f || code === 0x2040
  return (
    (code >= 0x2070 && code <= 0x218f) ||
    (code >= 0x2c00 && code <= 0x2fef) ||
    (code >= 0x3001 && code <= 0xdfff) ||
    (code >= 0xf900 && code <= 0xfdcf) ||
    (code >= 0xfdf0 && code <= 0xfffd)
  )
}

/** A backslash before the end of a line is no escape (in a string it joins the lines). */
export function isEscape(text: string, at: number): boolean {
  return text.charCodeAt(at) === CODE.backslash && !isNewLine(text.charCodeAt(at + 1))
}

/** Where the escape ends whose backslash stands at `at`: after one character, or up to six digits and a white space. */
export function escapeEnd(text: string, at: number): number {
  let end = at + 1
  if (!isHex(text.charCodeAt(end))) return end + charLength(text, end)
  while (end < at + 7 && isHex(text.charCodeAt(end))) end += 1
  return isSpaceCode(text.charCodeAt(end)) ? end + charLength(text, end) : end
}

/** In code units, of the character at `at`; CR LF counts as one. Nothing beyond the end. */
function charLength(text: string, at: number): number {
  if (at >= text.length) return 0
  if (text.charCodeAt(at) === 0x0d && text.charCodeAt(at + 1) === 0x0a) return 2
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}

/** What unescaping may change: escapes, NUL, and surrogates, since they may be unpaired. */
const SPECIAL = /[\\\0\ud800-\udfff]/
const ESCAPES = /\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\f\r])?|(\r\n|[\n\f\r])|([\s\S])|$)|[\0\p{Surrogate}]/gu
const REPLACEMENT = '\ufffd'

/** The value of a name, an unquoted URL or a string's content. A backslash at the end of a string is dropped. */
export function unescapeCss(raw: string, context: 'name' | 'string'): string {
  if (!isSpecial(raw)) return raw
  return raw.replace(ESCAPES, (match: string, hex?: string, lineEnd?: string, char?: string) => {
    if (hex !== undefined) return fromCode(Number.parseInt(hex, 16))
    if (lineEnd !== undefined || (match === '\\' && context === 'string')) return ''
    return char === undefined ? REPLACEMENT : fromCode(char.codePointAt(0) ?? 0)
  })
}

/** A regular expression beats a loop only on longer texts, since starting one is costly. */
function isSpecial(raw: string): boolean {
  if (raw.length > 40) return SPECIAL.test(raw)
  for (let at = 0; at < raw.length; at += 1) {
    const code = raw.charCodeAt(at)
    if (code === CODE.backslash || code === 0 || isSurrogate(code)) return true
  }
  return false
}

function fromCode(code: number): string {
  const isValid = code > 0 && code <= 0x10ffff && !isSurrogate(code)
  return isValid ? String.fromCodePoint(code) : REPLACEMENT
}
