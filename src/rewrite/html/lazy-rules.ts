/** How the value of an attribute is read. */
export type LazySyntax = 'url' | 'srcset' | 'background'

/** Attributes that scripts copy to `src`, `srcset`, `poster` or a background once an element comes into view. */
const BUILT_IN: readonly string[] = [
  'data-src',
  'data-srcset',
  'data-lazy',
  'data-lazy-src',
  'data-lazy-srcset',
  'data-original',
  'data-original-src',
  'data-bg',
  'data-bg-hidpi',
  'data-bgset',
  'data-background',
  'data-background-image',
  'data-lazy-background',
  'data-poster',
]

/** Attributes in lower case, each with the way its value is read. */
export type LazyRules = ReadonlyMap<string, LazySyntax>

/**
 * The built-in attributes with `more`; `!data-lazy` takes one away. The name tells the syntax: `srcset` or `bgset` at
 * its end, `bg` or `background` in it, else one URL.
 */
export function lazyRules(more: readonly string[]): LazyRules {
  if (more.length === 0 && builtIn !== undefined) return builtIn
  const names = new Set(BUILT_IN)
  for (const name of more.map((each) => each.trim().toLowerCase())) {
    if (name.startsWith('!')) names.delete(name.slice(1))
    else names.add(name)
  }
  const rules = new Map([...names].map((name) => [name, syntaxOf(name)]))
  if (more.length === 0) builtIn = rules
  return rules
}

let builtIn: LazyRules | undefined

function syntaxOf(name: string): LazySyntax {
  if (/(?:srcset|bgset)$/.test(name)) return 'srcset'
  return /(?:^|-)(?:bg|background)(?:-|$)/.test(name) ? 'background' : 'url'
}
