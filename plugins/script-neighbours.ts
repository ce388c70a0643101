import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LadingError } from '../src/build/index.ts'
import type { Key, SitePath } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER } from './placement.ts'
import { refuseRootedImports } from './rooted-imports.ts'

/** A build that is written. */
interface WrittenBuild {
  /** The site's folder, absolute. */
  readonly root: string
  readonly files: ReadonlyMap<SitePath, { readonly key: Key }>
  readonly addresses: Addresses
}

/**
 * `new URL('./data.json', import.meta.url)` resolves against the script's own URL. These bundlers leave it unchanged,
 * and scripts are never edited: if the script moves and the file does not, the build has to fail.
 * @throws E_BUILD
 */
export async function refuseNeighbours(build: WrittenBuild): Promise<void> {
  const lost: string[] = []
  const { addresses } = build
  for (const { path, text } of scriptsOf(build)) {
    if (text.includes('import.meta')) lost.push(...(await lostBeside(path, text, build)))
  }
  if (lost.length === 0) return await refuseRootedImports({ scripts: scriptsOf(build), addresses })
  const { href } = addresses.url
  throw new LadingError('E_BUILD', 'scripts that move name files that stay at the site', {
    details: lost,
    why: `They are named from where the script lies, so they would be looked for at ${href}.`,
    hint: "Name such a file from the page, new URL('/data.json', location.origin), or let the bundler emit it; a script that has to stay with it gets a name without a hash.",
  })
}

/** One by one: all of them together may be large. */
function* scriptsOf({ root, files }: WrittenBuild): Iterable<{ path: SitePath; text: string }> {
  for (const path of files.keys()) {
    const file = join(root, path)
    if (/\.[cm]?js$/.test(path) && existsSync(file)) yield { path, text: readFileSync(file, 'utf8') }
  }
}

/** What `path` names by `import.meta.url`, is there at the site, and not where the script will look for it. */
async function lostBeside(path: SitePath, text: string, { root, files, addresses }: WrittenBuild): Promise<string[]> {
  // Loads all parsers, so only when needed.
  const { createResolver, moduleReferences } = await import('../src/rewrite/index.ts')
  const has = (file: SitePath): boolean => existsSync(join(root, file))
  const resolver = createResolver({ ...addresses, has, pathOfKey: () => undefined })
  const isLost = (url: string): boolean => {
    const named = resolver.resolve(url, path)
    if (named.kind !== 'file' || /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(url)) return false
    if (url.startsWith('/')) return !addresses.sameOrigin
    // A script referenced by URL instead of imported starts a worker, which browsers refuse from another origin.
    if (/\.[cm]?js$/i.test(named.path) && !addresses.sameOrigin) return true
    return files.get(named.path)?.key !== BUNDLE_FOLDER + named.path
  }
  const { references } = moduleReferences(text)
  const named = references.filter(({ use, url }) => use === 'import-url' && isLost(url))
  return named.map(({ url }) => `${path}: ${url}`)
}
