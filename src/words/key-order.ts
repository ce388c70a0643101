import type { Key } from './model.ts'

/** Orders keys as object stores list them: by their UTF-8 bytes, not by UTF-16 code units as `<` does. */
export function compareKeys(a: Key, b: Key): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Whether a key lies behind `after` and not behind `until`. */
export function isWithin(
  key: Key,
  { after, until }: { readonly after?: string | undefined; readonly until?: string | undefined },
): boolean {
  return (after === undefined || compareKeys(key, after) > 0) && (until === undefined || compareKeys(key, until) <= 0)
}

/** Surrogates stand for code points above every other unit, so they have to sort after U+E000-U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
