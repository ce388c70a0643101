import { LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import { type Addresses, movesAll } from './placement.ts'
import { type Asked, systemReferences } from './system-format.ts'

export interface Scripts {
  /** Those that move. */
  readonly scripts: Iterable<{ readonly path: SitePath; readonly text: string }>
  readonly addresses: Addresses
  /** The comment by which the bundler leaves a computed import as it is; undefined where it does so by itself. */
  readonly ignore?: string | undefined
}

/**
 * An import of `/config.js` leads to the root of the host that the script comes from. Bundlers leave it as it is, or write
 * it with so many `../` that it ends there, and scripts are never edited.
 * @throws E_BUILD
 */
export async function refuseRootedImports({ scripts, addresses, ignore }: Scripts): Promise<void> {
  if (addresses.sameOrigin || !movesAll(addresses)) return
  const found: Rooted[] = []
  for (const { path, text } of scripts) {
    const asks = text.includes('System.register(') || mayAsk(path, text)
    if (asks) found.push(...(await rootedIn(path, text, addresses)))
  }
  const example = found.find(({ place }) => place !== 'address') ?? found[0]
  if (example === undefined) return
  throw new LadingError('E_BUILD', 'scripts that move import or name files from the root of the site', {
    details: found.map(({ path, url }) => `${path}: ${url}`),
    why: `From ${addresses.url.href} that is the root of its host, and not of the site.`,
    hint: howElse(example, addresses, ignore),
  })
}

/** What an address is asked for by. */
const ASKS = String.raw`\b(?:import(?:\s*\.\s*meta\s*\.\s*resolve)?|from|URL\s*\()[\s(]*`
/** A comment may stand before the address (`@vite-ignore`). Where it ends is not looked for: that costs the square of many. */
const ASKS_BY_COMMENT = new RegExp(`${ASKS}/[/*]`)

/**
 * Whether the script at `path` may ask for the root of its host. Almost none does, and parsers are loaded on demand: this
 * also takes what only looks so.
 */
function mayAsk(path: SitePath, text: string): boolean {
  const root = `["'${'`'}](?:/(?!/)|(?:\\.\\./){${path.split('/').length}})`
  return new RegExp(ASKS + root).test(text) || (ASKS_BY_COMMENT.test(text) && new RegExp(root).test(text))
}

interface Rooted {
  readonly path: SitePath
  /** As written. */
  readonly url: string
  /** Where it leads on the site's own host. */
  readonly own: string
  readonly place: Asked['place']
}

async function rootedIn(path: SitePath, script: string, { base }: Addresses): Promise<Rooted[]> {
  const { encodePath, isFromRoot } = await import('../src/build/documents.ts')
  const { moduleReferences } = await import('../src/rewrite/index.ts')
  const depth = path.split('/').length - 1
  const climbs = (url: string): number => (/^(?:\.\.\/)*/.exec(url)?.[0].length ?? 0) / '../'.length
  const asked = moduleReferences(script).references.map(
    ({ url, use, place }): Asked => ({
      url,
      place: use !== 'import' ? 'address' : place === 'import' ? place : 'import()',
    }),
  )
  return [...asked, ...systemReferences(script)].flatMap(({ url, place }) => {
    // Bundlers write imports anew. What else climbs so far is a library's last resort, and often nowhere.
    if (!isFromRoot(url) && (place === 'address' || climbs(url) <= depth)) return []
    const { pathname, search, hash } = new URL(url, `https://www.example.com${base}${encodePath(path)}`)
    return [{ path, url, own: pathname + search + hash, place }]
  })
}

function howElse({ own, place }: Rooted, { site }: Addresses, ignore: string | undefined): string {
  // An `import()` in its place would have to be waited for, and would export nothing.
  if (place === 'import') {
    const full = new URL(own, site ?? 'https://your-site.example').href
    const name = /([^/.?#]+)[^/]*$/.exec(own)?.[1] ?? 'config'
    return `Name it in full, as ${full}, or by a bare name ('${name}') that an import map in the page leads to ${own}.`
  }
  const address = `new URL('${own}', location.origin)`
  const comment = ignore === undefined ? '' : `/* ${ignore} */ `
  const instead = place === 'import()' ? `import(${comment}${address}.href)` : address
  return `Write ${instead} instead, or name the site in full.`
}
