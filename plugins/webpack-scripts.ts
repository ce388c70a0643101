import type { Compilation } from 'webpack'
import { LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER, movesAll } from './placement.ts'
import type { PublicFiles } from './public-files.ts'
import { type MadeAssets, pathOf, textOf } from './webpack-assets.ts'

interface Room {
  readonly compilation: Compilation
  readonly made: MadeAssets
  readonly addresses: Addresses
}

/**
 * A script that builds the address of a copied file from the public path would look for it in the store, where it has
 * another name. Scripts are never edited, so this has to be said.
 * @throws E_BUILD
 */
export function refuseCopiesInScripts({ compilation, made, addresses }: Room, { paths }: PublicFiles): void {
  if (!movesAll(addresses) || paths.size === 0) return
  // A name completed at run time is matched by its prefix, unless the bundler's own files share that.
  const begins = (part: string) => (path: SitePath) => path.startsWith(part)
  const isCopied = (path: string): boolean =>
    paths.has(path) || (path.includes('/') && [...paths].some(begins(path)) && ![...made.emitted].some(begins(path)))
  const found: string[] = []
  for (const { name } of compilation.getAssets()) {
    if (!/\.m?js$/i.test(pathOf(name)) || paths.has(pathOf(name))) continue
    for (const path of underPublicPath(textOf(compilation, name), addresses)) {
      if (isCopied(path)) found.push(`${name}: ${path}`)
    }
  }
  if (found.length === 0) return
  throw new LadingError('E_BUILD', 'scripts look for copied files under the public path', {
    details: found,
    why: `There they would be looked for at ${addresses.url.href}, where copied files have names of their own.`,
    hint: 'Import the file, name it by its path on the site ("/img/logo.png"), or ask virtual:lading for its address.',
  })
}

/** `n.p + "…"`, `${n.p}…` in a template, `n.p.concat("…")`, and `"".concat(n.p, "…")`, which templates are compiled to. */
const SUMS =
  /(?:\.p\s*(?:\+\s*["'`]|\.concat\(\s*["'`])|\$\{\s*[\w$]+\.p\s*\}|\.concat\([^()]*\.p\s*,\s*["'`])([^"'`\\$?#]+)/g

/** Paths that a script appends to the public path, at run time or already folded into one string by webpack. */
function underPublicPath(script: string, { url }: Addresses): string[] {
  const store = url.href + BUNDLE_FOLDER
  // Minimizers inline the public path.
  const named = ['"', "'", '`'].reduce((text, quote) => text.replaceAll(quote + store + quote, '_.p'), script)
  const added = [...named.matchAll(SUMS)].map(([, path = '']) => path)
  const written = script.split(store).slice(1)
  return [...added, ...written.map((rest) => rest.split(/["'`\\$?#]/, 1)[0] ?? '')]
}
