import type { SitePath } from '../model.ts'

/** What finds a file by the address that a page names it by: an attribute selector, `[href$='theme.css']`, or an ending. */
export interface AddressSelector {
  /** As written, without the element's name. */
  readonly text: string
  readonly operator: '=' | '$=' | '*=' | '^='
  readonly value: string
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

/** Whatever in a script or a style sheet may find a file by its address. */
export function addressSelectors(text: string): AddressSelector[] {
  const endings = CUT.test(text) ? new Set(text.match(ENDING)) : []
  return [
    ...attributeSelectors(text),
    ...[...endings].map((value) => ({ text: value, operator: '$=', value }) as const),
  ]
}

function attributeSelectors(text: string): AddressSelector[] {
  return [...text.matchAll(SELECTOR)].flatMap(({ index, 0: selector, 1: operator, 3: value = '' }) => {
    const element = ELEMENT.exec(text.slice(Math.max(0, index - BACK), index))?.[1] ?? ''
    return LINK.test(element) || NO_FILE.test(value) ? [] : [{ text: selector, operator: operator as Operator, value }]
  })
}

/** The pattern allows no other. */
type Operator = AddressSelector['operator']

/** Whether a selector finds what names this file, and no longer does when the file gets this key. */
export function losesFile({ operator, value }: AddressSelector, path: SitePath, key: string): boolean {
  const [before, after] = [`/${path}`, `/${key}`]
  if (operator === '*=') return before.includes(value) && !after.includes(value)
  if (operator === '$=') return before.endsWith(value) && !after.endsWith(value)
  // the beginning of an address as written, which is another host's afterwards
  const named = value.replace(/^(?:\.{0,2}\/)+/, '')
  if (named === '') return false
  return operator === '=' ? before.endsWith(`/${named}`) : before.includes(`/${named}`)
}
