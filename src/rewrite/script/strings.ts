import { type StringSpan, scriptCode } from './code.ts'

/** A string literal of a script, and where its content stands. */
export interface ScriptString extends StringSpan {
  /** What it says, escapes decoded. */
  readonly value: string
}

/**
 * The string literals of a script and its templates without `${}`; not those in comments and regular expressions. Of a
 * text that cannot be tokenized, those up to that point. Never used to edit.
 */
export function scriptStrings(text: string): ScriptString[] {
  const strings: ScriptString[] = []
  scriptCode(text, ({ start, end }) => strings.push({ start, end, value: decodeString(text.slice(start, end)) }))
  return strings
}

/** https://tc39.es/ecma262/#sec-literals-string-literals; a backslash before the end of a line joins the two. */
const ESCAPE = /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|(\r\n|[\s\S]))/gi
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0' }

function decodeString(raw: string): string {
  if (!raw.includes('\\')) return raw
  return raw.replace(ESCAPE, (_, point?: string, unit?: string, byte?: string, char = '') => {
    const hex = point ?? unit ?? byte
    if (hex === undefined) return /^[\r\n\u2028\u2029]/.test(char) ? '' : (CONTROLS[char] ?? char)
    const code = Number.parseInt(hex, 16)
    return code > 0x10ffff ? '' : String.fromCodePoint(code)
  })
}
