import type { SitePath } from '../words/model.ts'

/**
 * What finds a file by the address that a page names it by: an attribute selector, `[href$='theme.css']`, an ending, a
 * part that a script replaces by another one, or an address in a list of what to load.
 */
export interface AddressSelector {
  /** As written, without the element's name. */
  readonly text: string
  readonly operator: '=' | '$=' | '*=' | '^='
  readonly value: string
  /** For a part that is replaced: by what. */
  readonly instead?: string | undefined
}

/** In a script or a style sheet, wherever it stands: a file is better kept for a comment than lost for code. */
const SELECTOR = /\[\s*(?:data-)?(?:src|href)\s*([$*^]?=)\s*\\?(["'])([^"'`\\$\]{}]{1,200})\\?\2\s*\]/g
/** What the element's name, with classes and the like, ends with before the bracket. */
const ELEMENT = /([\w-]*)(?:[.#:][\w-]+)*$/
/** How far before the bracket it is looked for, in characters; a pattern of both would take a square of the time. */
const BACK = 80
/** Links are never edited. */
const LINK = /^(?:a|area|base|form)$/i
/** A scheme alone, or a fragment. */
const NO_FILE = /^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/i

/** A script that cuts the address of an image: `img.src.slice(0, -9)`, `$(img).attr('src').replace(…)`. */
const CUT = /\bsrc\b["')\s]*\.\s*(?:substr|substring|slice|replace)\b/
/** A string, or the end of a template, that such a script compares with, or appends to, what is left. */
const ENDING = /(?<=["'`}])[\w-][\w./-]{0,60}\.(?:png|gif|jpe?g|svg|webp|avif)(?=["'`])/g

/** `img.src.replace('_off', '_on')`, the first of them a string or a pattern of plain characters. */
const SWAP =
  /\b(?:src|href)\b["')\s]*\.\s*(replace\(\s*(?:(["'])([\w./-]{2,40})\2|\/((?:[\w-]|\\[./-]){2,40})\/[gimu]*)\s*,\s*(["'])([\w./-]{1,40})\5\s*\))/g

/**
 * Vite's list of what scripts that are imported later need. A style sheet of it that the page has not is put behind all
 * others, and so one that the page names by another address would be there twice, and win over what was to win over it.
 * https://github.com/vitejs/vite/blob/v7.0.0/packages/vite/src/node/plugins/importAnalysisBuild.ts
 */
const LATER = /\b(?:m\.f|viteFileDeps)\s*=\s*\[([^\]]*)\]/g
const SHEET = /"([\w@.][^"\\]*\.css)"/g

/** Whatever in a script or a style sheet may find a file by its address. */
export function addressSelectors(text: string): AddressSelector[] {
  const endings = CUT.test(text) ? [...new Set(text.match(ENDING))] : []
  return [
    ...attributeSelectors(text),
    ...endings.map((value) => ({ text: value, operator: '$=', value }) as const),
    ...[...text.matchAll(SWAP)].map(swap),
    ...laterSheets(text).root.map((value) => ({ text: value, operator: '=', value }) as const),
  ]
}

/** Style sheets that a script of Vite loads later: by addresses from the site's root, or from the script. */
export function laterSheets(text: string): { readonly root: readonly string[]; readonly beside: readonly string[] } {
  const lists = [...text.matchAll(LATER)].map(([, list = '']) => list).join()
  const all = [...lists.matchAll(SHEET)].flatMap(([, url = '']) => (NO_FILE.test(url) ? [] : [url]))
  return { root: all.filter((url) => !url.startsWith('.')), beside: all.filter((url) => url.startsWith('.')) }
}

function swap([, call = '', , part, pattern = '', , instead]: RegExpMatchArray): AddressSelector {
  return { text: call, operator: '*=', value: part ?? pattern.replaceAll('\\', ''), instead }
}

function attributeSelectors(text: string): AddressSelector[] {
  return [...text.matchAll(SELECTOR)].flatMap(({ index, 0: selector, 1: operator, 3: value = '' }) => {
    const element = ELEMENT.exec(text.slice(Math.max(0, index - BACK), index))?.[1] ?? ''
    return LINK.test(element) || NO_FILE.test(value) ? [] : [{ text: selector, operator: operator as Operator, value }]
  })
}

/** The pattern allows no other. */
type Operator = AddressSelector['operator']

/** The site around a file: the key that it would get, and whether there is a file at a path. */
export interface Surroundings {
  key(): string
  has(path: SitePath): boolean
}

/** Whether a selector finds what names this file, and no longer does when the file gets this key. */
export function losesFile(selector: AddressSelector, path: SitePath, { key, has }: Surroundings): boolean {
  const { operator, value, instead } = selector
  const before = `/${path}`
  if (instead !== undefined) return isPair(path, [value, instead], has) || isPair(path, [instead, value], has)
  if (operator === '*=') return before.includes(value) && !`/${key()}`.includes(value)
  if (operator === '$=') return before.endsWith(value) && !key().endsWith(value)
  // the beginning of an address as written, which is another host's afterwards
  const named = value.replace(/^(?:\.{0,2}\/)+/, '')
  if (named === '') return false
  return operator === '=' ? before.endsWith(`/${named}`) : before.includes(`/${named}`)
}

function isPair(path: SitePath, [part, other]: [string, string], has: Surroundings['has']): boolean {
  return path.includes(part) && has(path.replace(part, other))
}
