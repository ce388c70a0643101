import type { SitePath } from '../model.ts'

/** An attribute selector that finds elements by the address of a file: `[href$='theme.css']`. */
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

/** Every selector in a text that may find an element by the file that it names. */
export function addressSelectors(text: string): AddressSelector[] {
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
