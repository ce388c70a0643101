import { cp, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'

/** Sites as their users would have them: whole packages with their tool files, straight from `node_modules`. */
export interface SiteSource {
  readonly name: string
  /** Absolute. */
  readonly folder: string
}

const require = createRequire(import.meta.url)

export const SITES: readonly SiteSource[] = [
  // Root-relative icons, a web app manifest, a 404 page.
  { name: 'html5-boilerplate', folder: join(dirname(require.resolve('html5-boilerplate/package.json')), 'dist') },
  // Images in a page and in a style sheet; other hosts' scripts.
  {
    name: 'startbootstrap-agency',
    folder: join(dirname(require.resolve('startbootstrap-agency/package.json')), 'dist'),
  },
  // Many pages, local fonts, a thousand files that no page names, tool files.
  { name: 'startbootstrap-sb-admin-2', folder: dirname(require.resolve('startbootstrap-sb-admin-2/package.json')) },
  // A package root: classic scripts and modules in dist/ beside package.json and sources.
  { name: 'reveal.js', folder: dirname(dirname(require.resolve('reveal.js'))) },
  // Pages in folders, `srcset`, an imported style sheet, a local font.
  { name: 'examples/plain-html', folder: join(import.meta.dirname, '../../examples/plain-html/site') },
]

/** A folder that is removed by {@link TemporaryFolder.remove}. Its path has no links in it. */
export interface TemporaryFolder {
  readonly path: string
  remove(): Promise<void>
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'lading-')))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Copies a site to `target`, without the `node_modules` that a package manager may have nested in it. Returns `target`. */
export async function copySite(source: SiteSource, target: string): Promise<string> {
  const nested = join(source.folder, 'node_modules')
  await cp(source.folder, target, {
    recursive: true,
    filter: (path) => path !== nested && !path.startsWith(nested + sep),
  })
  return target
}

/** Every page of a site, as a path below it, in order. */
export async function pagesOf(dir: string): Promise<readonly string[]> {
  return (await readdir(dir, { recursive: true })).filter((path) => path.endsWith('.html')).sort()
}
