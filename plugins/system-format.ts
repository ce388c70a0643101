/** What a script asks for: `import` at its top, `import()`, or the address of a file. */
export interface Asked {
  readonly url: string
  readonly place: 'import' | 'import()' | 'address'
}

/** `System.register(["./a.js"], function (exports, module) {`, as bundlers write it: the imports, and the name of `module`. */
const REGISTER = /\bSystem\.register\(\s*\[([^[\]]*)\]\s*,\s*\(?\s*function\s*\(\s*[\w$]*\s*(?:,\s*([\w$]+))?/

const STRING = String.raw`["'${'`'}]([^"'${'`'}\\\n]*)["'${'`'}]`
/** Blanks and short comments (`@vite-ignore`): what is looked for to the end of the script costs the square of many. */
const GAP = String.raw`\s*(?:/\*(?:(?!\*/)[\s\S]){0,200}\*/\s*){0,4}`

/**
 * The same in the format of SystemJS, which `@vitejs/plugin-legacy` writes; no parser of modules finds it there.
 * None in any other format.
 */
export function systemReferences(script: string): Asked[] {
  const [, imports = '', module] = REGISTER.exec(script) ?? []
  const atTop = urlsIn(imports, STRING).map((url): Asked => ({ url, place: 'import' }))
  if (module === undefined) return atTop
  const name = String.raw`(?<![\w$.])${module.replaceAll('$', String.raw`\$`)}\.`
  const dynamic = urlsIn(script, `${name}import\\(${GAP}${STRING}`)
  const addresses = urlsIn(script, `\\bURL\\(${GAP}${STRING}\\s*,[^),]*${name}meta\\.url`)
  return [
    ...atTop,
    ...dynamic.map((url): Asked => ({ url, place: 'import()' })),
    ...addresses.map((url): Asked => ({ url, place: 'address' })),
  ]
}

const urlsIn = (text: string, pattern: string): string[] =>
  [...text.matchAll(new RegExp(pattern, 'g'))].map(([, url = '']) => url)
