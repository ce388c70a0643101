import { LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import { type Addresses, movesAll } from './placement.ts'

/**
 * Whether a script may import from the root of a host. Almost none does, and parsers are loaded on demand: this also takes
 * what only looks so, and comments may stand before the address (`@vite-ignore`, `webpackIgnore`).
 */
const MAY_IMPORT = /\b(?:import|from|URL\s*\()[\s(]*(?:\/\*[^*]*\*\/\s*)*["'`]\/(?!\/)/

/**
 * An import of `/config.js` leads to the root of the host that the script comes from. Bundlers leave it as it is, and scripts
 * are never edited.
 * @param scripts those that move
 * @throws E_BUILD
 */
export async function refuseRootedImports(
  scripts: Iterable<{ readonly path: SitePath; readonly text: string }>,
  addresses: Addresses,
): Promise<void> {
  if (addresses.sameOrigin || !movesAll(addresses)) return
  const found: string[] = []
  for (const { path, text } of scripts) {
    if (MAY_IMPORT.test(text)) found.push(...(await rootedIn(text)).map((url) => `${path}: ${url}`))
  }
  if (found.length === 0) return
  throw new LadingError('E_BUILD', 'scripts that move import from the root of the site', {
    details: found,
    why: `From ${addresses.url.href} that is the root of its host, and not of the site.`,
    hint: "Import it as new URL('/config.js', location.origin).href, or name the site in full.",
  })
}

async function rootedIn(script: string): Promise<string[]> {
  const { moduleReferences } = await import('../src/rewrite/index.ts')
  return moduleReferences(script).references.flatMap(({ url }) => (/^\/(?!\/)/.test(url) ? [url] : []))
}
