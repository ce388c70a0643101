import { NAMED, WITHOUT_SEMICOLON } from './character-names.ts'

/** What a character reference stands for, and how much of the text it takes; `length` is 0 when it is none. */
export interface CharacterReference {
  readonly text: string
  readonly length: number
}

const NONE: CharacterReference = { text: '', length: 0 }

/**
 * Reads the reference that `source` begins with, as
 * https://html.spec.whatwg.org/multipage/parsing.html#character-reference-state has it. `source` holds the `&`, all
 * letters and digits behind it, and one more character where there is one.
 * @param inAttribute where `&copy=1` and `&copyright` are no references
 */
export function readCharacterReference(source: string, inAttribute: boolean): CharacterReference {
  return source[1] === '#' ? numeric(source) : (whole(source) ?? beginning(source, inAttribute))
}

function numeric(source: string): CharacterReference {
  const [all, hexadecimal, decimal = ''] = /^&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?/.exec(source) ?? []
  if (all === undefined) return NONE
  const code = hexadecimal === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hexadecimal, 16)
  return { text: characterOf(code), length: all.length }
}

/** https://html.spec.whatwg.org/multipage/parsing.html#numeric-character-reference-end-state */
function characterOf(code: number): string {
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd'
  if (code < 0x80 || code > 0x9f) return String.fromCodePoint(code)
  const meant = WINDOWS_1252[code - 0x80]
  return meant === undefined || meant === ' ' ? String.fromCodePoint(code) : meant
}

/** The characters that 0x80 to 0x9f stand for; a space where the code point itself is kept. */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'

/** By far the most frequent ones: the full table is built only for others. */
const COMMON: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

function whole(source: string): CharacterReference | undefined {
  const name = /^&([A-Za-z0-9]+);/.exec(source)?.[1]
  const text = name === undefined ? undefined : (COMMON.get(name) ?? table().named.get(name))
  return name === undefined || text === undefined ? undefined : { text, length: name.length + 2 }
}

/** The length of the longest name that is valid without `;`. */
const MOST_LETTERS = 6

function beginning(source: string, inAttribute: boolean): CharacterReference {
  const run = /^&([A-Za-z0-9]+)/.exec(source)?.[1] ?? ''
  const next = source[run.length + 1]
  // Whatever name it begins with, a letter, a digit or `=` follows that.
  if (inAttribute && (next === '=' || run.length > MOST_LETTERS)) return NONE
  const { named, open } = table()
  for (let length = Math.min(run.length, MOST_LETTERS); length > 1; length--) {
    const name = run.slice(0, length)
    if (!open.has(name)) continue
    return inAttribute && length < run.length ? NONE : { text: named.get(name) ?? '', length: length + 1 }
  }
  return NONE
}

interface Table {
  readonly named: ReadonlyMap<string, string>
  readonly open: ReadonlySet<string>
}

let made: Table | undefined

function table(): Table {
  made ??= { named: readNames(), open: new Set(WITHOUT_SEMICOLON.trim().split(/\s+/)) }
  return made
}

function readNames(): Map<string, string> {
  const named = new Map<string, string>()
  let text = ''
  for (const word of NAMED.trim().split(/\s+/)) {
    if (word.startsWith('#'))
      text = String.fromCodePoint(
        ...word
          .slice(1)
          .split('+')
          .map((code) => Number.parseInt(code, 16)),
      )
    else named.set(word, text)
  }
  return named
}
