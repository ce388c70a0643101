import { type DynamicImport, type Import, type ImportMetaRef, parse, type StaticImport } from 'es-module-lexer/js'
import type { Draft } from '../lines.ts'
import type { ReferenceUse } from '../reference.ts'

/** What a script asks for while it loads or runs, as far as its text tells. */
export interface ModuleScan {
  /** Literal `import`s of addresses (not of bare names), `new URL('x', import.meta.url)`, `import.meta.resolve('x')`. */
  readonly references: readonly Draft[]
  /** Bare specifiers, which only an import map can resolve. */
  readonly bareNames: readonly string[]
  readonly isModule: boolean
  /**
   * Why it may load more than `references`, relative to itself: it works elsewhere if its neighbours move along.
   * Undefined if it does not.
   */
  readonly lookups: string | undefined
  /** Why it may load what its text does not show: it works only at its own path. Undefined if it does not. */
  readonly unknown: string | undefined
  /** Where an `import()` of a computed specifier may lead: below {@link climbs}, or anywhere. Undefined without one. */
  readonly computes: 'beside' | 'anywhere' | undefined
  /** How many folders above its own its look-ups may start, as far as its text shows. */
  readonly climbs: number
}

const NOTHING: ModuleScan = {
  ...{ references: [], bareNames: [], isModule: false, lookups: undefined, unknown: undefined },
  ...{ computes: undefined, climbs: 0 },
}

/** A text without any of these words is a classic script that loads no module. */
const TELLING = /\bimport\b|\bexport\b/

/** Finds by the grammar of https://tc39.es/ecma262/#sec-imports what a script imports; nothing else in it is looked at. */
export function moduleReferences(text: string): ModuleScan {
  if (!TELLING.test(text)) return NOTHING
  let found: ReturnType<typeof parse>
  try {
    // the lexer takes a byte order mark, which is white space, for a letter, and misses the word behind it
    found = parse(text.replaceAll('\ufeff', ' '))
  } catch {
    return { ...NOTHING, isModule: true, unknown: 'its code cannot be read' }
  }
  const [imports, , , isModule] = found
  const scan: Found = { ...NOTHING, text, references: [], bareNames: [] }
  for (const each of imports) read(scan, each)
  const { references, bareNames, lookups, unknown, computes } = scan
  return { references, bareNames, isModule, lookups, unknown, computes, climbs: climbsOf(text) }
}

/**
 * Any run of `..` in the text, since it is unknown which of them start look-ups. A bare `..` means a folder only in
 * `new URL()`; elsewhere routers and resolvers compare with it.
 */
const UPWARDS = /(?<![.\w])\.\.(?:(?:\/\.\.)+(?=["'`])|(?:\/\.\.)*(?=\/))|(?<=\bURL\s*\(\s*["'`])\.\.(?=["'`])/g

function climbsOf(text: string): number {
  return Math.max(0, ...[...text.matchAll(UPWARDS)].map(([up]) => up.split('/').length))
}

interface Found {
  readonly text: string
  readonly references: Draft[]
  readonly bareNames: string[]
  lookups: string | undefined
  unknown: string | undefined
  computes: ModuleScan['computes']
}

function read(scan: Found, found: Import): void {
  if (found.type === 'import-meta') readMeta(scan, found)
  else if (found.type === 'dynamic') readDynamic(scan, found)
  else readStatic(scan, found)
}

function readStatic(scan: Found, { start, end, specifier }: StaticImport): void {
  addImport(scan, { url: specifier, start, end, quote: scan.text[start - 1] ?? '"', place: 'import' })
}

function readDynamic(scan: Found, { start, end, specifier, glob }: DynamicImport): void {
  const quote = scan.text[start] ?? ''
  const isLiteral = specifier !== undefined && !glob && QUOTES.includes(quote) && scan.text[end - 1] === quote
  if (isLiteral) addImport(scan, { url: specifier, start: start + 1, end: end - 1, quote, place: 'import()' })
  else if (BESIDE.test(scan.text.slice(start, end))) {
    scan.computes ??= 'beside'
    scan.lookups ??= 'it imports what it computes, relative to itself'
  } else {
    scan.computes = 'anywhere'
    scan.unknown ??= 'it imports what it computes'
  }
}

const QUOTES = '"\'`'

/** A computed address that begins with `./` or `../` in a string or a template. */
const BESIDE = /^["'`]\.{1,2}\//

interface Literal {
  readonly url: string
  readonly start: number
  readonly end: number
  readonly quote: string
  readonly place: string
}

function addImport(scan: Found, literal: Literal): void {
  if (isAddress(literal.url)) scan.references.push(draft(literal, 'import'))
  else scan.bareNames.push(literal.url)
}

/** Anything else is a bare name. https://html.spec.whatwg.org/multipage/webappapis.html#resolving-a-url-like-module-specifier */
export function isAddress(specifier: string): boolean {
  return /^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(specifier)
}

/** What may stand before an argument: comments, too (`@vite-ignore`). */
const SPACE = String.raw`(?:\s|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|//[^\n]*\n)*`
/** A string on one line with nothing computed in it, as groups 2 and 3: its quote, and what it holds. */
const STRING = String.raw`(["'\x60])((?:(?!\2)[^\\\n$]|\\.)*)\2`
/** `new URL(` and one string before `import.meta`, to which bundlers add an empty one (`""+import.meta.url`). */
const NEW_URL = new RegExp(String.raw`(\bnew\s+URL\s*\(${SPACE})${STRING}\s*,\s*(?:(["'\x60])\4\s*\+\s*)?$`)
/** What may follow it. */
const URL_CLOSED = /^\s*\.\s*url\s*,?\s*\)/
const RESOLVE = new RegExp(String.raw`^(\s*\.\s*resolve\s*\(${SPACE})${STRING}\s*\)`)
/** Properties whose value says where the module lies. */
const PLACE = /^\s*(?:\.\s*(?:url|resolve|dirname|filename)\b|(?![.\s\w$])|\[)/

/** How far before `import.meta` the call around it is looked for, in characters. */
const BACK = 1000

function readMeta(scan: Found, { start, end }: ImportMetaRef): void {
  const before = scan.text.slice(Math.max(0, start - BACK), start)
  const after = scan.text.slice(end, end + BACK)
  const call = URL_CLOSED.test(after) ? NEW_URL.exec(before) : null
  const resolved = RESOLVE.exec(after)
  if (call !== null) {
    const [whole, head = '', quote = '', raw = ''] = call
    const from = start - whole.length + head.length + 1
    addUrl(scan, { url: raw, start: from, end: from + raw.length, quote, place: 'new URL()' })
  } else if (resolved !== null) {
    const [, head = '', quote = '', raw = ''] = resolved
    const from = end + head.length + 1
    addUrl(scan, { url: raw, start: from, end: from + raw.length, quote, place: 'import.meta.resolve()' })
  } else if (PLACE.test(after)) scan.lookups ??= 'it asks where it was loaded from (import.meta.url)'
}

/** Strings with escapes are not decoded here; a folder's URL is the base of look-ups that the text does not show. */
function addUrl(scan: Found, literal: Literal): void {
  const { url, place } = literal
  if (url.includes('\\')) scan.unknown ??= 'it writes an address with escapes'
  else if (/(?:^|\/)\.{0,2}$/.test(url)) scan.lookups ??= 'it looks for its neighbours (import.meta.url)'
  else if (place === 'import.meta.resolve()' && !isAddress(url)) scan.bareNames.push(url)
  else scan.references.push(draft(literal, 'import-url'))
}

function draft({ url, start, end, quote, place }: Literal, use: ReferenceUse): Draft {
  return {
    ...{ start, end, url, use, place },
    // fetched with CORS: modules always, and what `import.meta.url` leads to mostly
    loadClass: 'B',
    absolute: false,
    integrity: false,
    encode: (text) => encodeString(text, quote),
  }
}

/** `<` is escaped too: in a page `</script` would end the script. */
function encodeString(text: string, quote: string): string {
  return text.replace(/[\\\n\r\u2028\u2029<"'`$]/g, (char) => {
    if (char === '\\' || (char === quote && quote !== '')) return `\\${char}`
    if (char === '$') return quote === '`' ? '\\$' : char
    if (QUOTES.includes(char)) return char
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
