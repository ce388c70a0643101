import { CODE, escapeEnd, isDigit, isEscape, isName, isNameStart, isSpaceCode } from './characters.ts'

/** Where the parts of CSS that begin at a place end (exclusive). */

export function commentEnd(text: string, start: number): number {
  const end = text.indexOf('*/', start + 2)
  return end === -1 ? text.length : end + 2
}

export function spaceEnd(text: string, start: number): number {
  let end = start
  while (isSpaceCode(text.charCodeAt(end))) end += 1
  return end
}

export function nameEnd(text: string, start: number): number {
  let end = start
  for (;;) {
    while (isName(text.charCodeAt(end))) end += 1
    if (!isEscape(text, end)) return end
    end = escapeEnd(text, end)
  }
}

/** https://www.w3.org/TR/css-syntax-3/#would-start-an-identifier */
export function startsName(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== CODE.hyphen) return isNameStart(text.charCodeAt(at)) || isEscape(text, at)
  const next = text.charCodeAt(at + 1)
  return next === CODE.hyphen || isNameStart(next) || isEscape(text, at + 1)
}

/** A digit, or a sign or dot with digits after it. */
export function startsNumber(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  const start = code === CODE.plus || code === CODE.hyphen ? at + 1 : at
  return isDigit(text.charCodeAt(text.charCodeAt(start) === CODE.dot ? start + 1 : start))
}

export function numberEnd(text: string, start: number): number {
  const code = text.charCodeAt(start)
  let end = digitsEnd(text, code === CODE.plus || code === CODE.hyphen ? start + 1 : start)
  if (text.charCodeAt(end) === CODE.dot) end = digitsEnd(text, end + 1, end)
  if ((text.charCodeAt(end) | 0x20) !== CODE.letterE) return end
  const sign = text.charCodeAt(end + 1)
  return digitsEnd(text, sign === CODE.plus || sign === CODE.hyphen ? end + 2 : end + 1, end)
}

/** Where the digits from `start` end; `otherwise` when there are none. */
function digitsEnd(text: string, start: number, otherwise: number = start): number {
  let end = start
  while (isDigit(text.charCodeAt(end))) end += 1
  return end === start ? otherwise : end
}

/** After the parenthesis that closes a broken URL. */
export function badUrlEnd(text: string, start: number): number {
  let end = start
  while (end < text.length && text.charCodeAt(end) !== CODE.closeParen) {
    end = isEscape(text, end) ? escapeEnd(text, end) : end + 1
  }
  return Math.min(end + 1, text.length)
}
