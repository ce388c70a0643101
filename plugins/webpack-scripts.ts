import type { Compilation } from 'webpack'
import { isPage, LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER, movesAll } from './placement.ts'
import type { PublicFiles } from './public-files.ts'
import { type MadeAssets, pathOf, textOf, whyStays } from './webpack-assets.ts'

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
function underPublicPath(script: string, addresses: Addresses): string[] {
  const store = addresses.url.href + BUNDLE_FOLDER
  // Minimizers inline the public path.
  const named = ['"', "'", '`'].reduce((text, quote) => text.replaceAll(quote + store + quote, '_.p'), script)
  const added = [...named.matchAll(SUMS)].map(([, path = '']) => path)
  return [...added, ...writtenBelow(script, addresses)]
}

function writtenBelow(script: string, { url }: Addresses): string[] {
  const written = script.split(url.href + BUNDLE_FOLDER).slice(1)
  return written.map((rest) => rest.split(/["'`\\$?#]/, 1)[0] ?? '')
}

/**
 * What other plugins make, a service worker that lists files to keep above all, names every file below the public path.
 * Pages, copied files and what stays are not there; a worker that asks for one of them is never installed.
 * @throws E_BUILD
 */
export function refuseListed(room: Room, { paths }: PublicFiles): void {
  const { compilation, made, addresses } = room
  if (!movesAll(addresses)) return
  const isElsewhere = (path: string): boolean =>
    paths.has(path) ||
    (made.names.has(path) && (isPage(path) || (made.emitted.has(path) && whyStays(path, room) !== undefined)))
  const found: string[] = []
  for (const path of made.copied) {
    if (!/\.m?js$/i.test(path)) continue
    const listed = writtenBelow(textOf(compilation, made.names.get(path) ?? path), addresses).filter(isElsewhere)
    found.push(...listed.map((each) => `${path}: ${each}`))
  }
  if (found.length === 0) return
  const store = addresses.url.href + BUNDLE_FOLDER
  throw new LadingError(
    'E_BUILD',
    'a script that another plugin made looks in the store for files that are not there',
    {
      details: found,
      why: `Under ${store} lies what the bundler has named; pages and copied files are at the site by these names.`,
      hint: `Name them by their paths on the site. With Workbox: modifyURLPrefix: { '${store}': '${addresses.base}' }.`,
    },
  )
}
