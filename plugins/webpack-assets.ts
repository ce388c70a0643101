import type { Chunk, Compilation } from 'webpack'
import { LadingError, type SitePath } from '../src/index.ts'
import { isPage } from '../src/rewrite/index.ts'
import { type Addresses, BUNDLE_FOLDER, isSprite, movesAll, whyEmittedStays } from './placement.ts'
import type { PublicFiles } from './public-files.ts'

/** What a compilation made, by where it came from. Pages, maps and what only tools read are in none of the lists. */
export interface MadeAssets {
  /** Files of chunks and of asset modules. */
  readonly emitted: ReadonlySet<SitePath>
  /** Those among them whose names carry a hash, so that their bytes never change. */
  readonly immutable: ReadonlySet<SitePath>
  /** Those among them that a worker starts from. */
  readonly workers: ReadonlySet<SitePath>
  /** Copied as they were, or made by other plugins. */
  readonly copied: ReadonlySet<SitePath>
}

export function madeAssets(compilation: Compilation): MadeAssets {
  const { inChunks, workers } = chunkFiles(compilation)
  const made = { emitted: new Set<SitePath>(), immutable: new Set<SitePath>(), copied: new Set<SitePath>(), workers }
  for (const { name, info } of compilation.getAssets()) {
    if (/\.map$|\.LICENSE\.txt$/.test(name) || info.development || info.hotModuleReplacement || isPage(name)) continue
    // What a loader of pages brings in belongs to no chunk, but carries the mark of a name with a hash.
    if (info.immutable || inChunks.has(name)) made.emitted.add(name)
    else made.copied.add(name)
    if (info.immutable) made.immutable.add(name)
  }
  return made
}

function chunkFiles({ chunks }: Compilation): { inChunks: Set<SitePath>; workers: Set<SitePath> } {
  const inChunks = new Set<SitePath>()
  const workers = new Set<SitePath>()
  for (const chunk of chunks) {
    for (const file of [...chunk.files, ...chunk.auxiliaryFiles]) inChunks.add(file)
    if (isWorker(chunk.getEntryOptions())) for (const file of chunk.files) workers.add(file)
  }
  return { inChunks, workers }
}

/** Older versions of webpack 5 do not mark workers, but only workers load their chunks by importScripts. */
function isWorker(entry: EntryOptions): boolean {
  return (
    entry !== undefined && (('worker' in entry && entry.worker === true) || entry.chunkLoading === 'import-scripts')
  )
}

type EntryOptions = ReturnType<Chunk['getEntryOptions']>

export function textOf(compilation: Compilation, name: string): string {
  return compilation.getAsset(name)?.source.source().toString() ?? ''
}

/** Why an emitted file stays with the pages; `undefined` when it moves. */
export function whyStays(
  path: SitePath,
  { compilation, made, addresses }: { compilation: Compilation; made: MadeAssets; addresses: Addresses },
): string | undefined {
  if (made.workers.has(path)) return 'workers are looked for at the site'
  const isPieces = !addresses.sameOrigin && /\.svg$/i.test(path) && isSprite(textOf(compilation, path))
  return isPieces ? 'no page takes pieces of an SVG from another host' : whyEmittedStays(path, addresses)
}

/** @throws E_BUILD for names in the store that would be cached for a year although their bytes change */
export function refuseUnhashed(moving: readonly SitePath[], { immutable }: MadeAssets): void {
  const unhashed = moving.filter((path) => !immutable.has(path))
  if (unhashed.length === 0) return
  throw new LadingError('E_BUILD', 'the build names files without a hash of their content', {
    details: unhashed,
    why: 'They are cached for a year under that name; the next build would change their bytes.',
    hint: "Put [contenthash] into output.filename, assetModuleFilename and the style sheets' filename.",
  })
}

/**
 * A script that builds the address of a copied file from the public path would look for it in the store, where it has
 * another name. Scripts are never edited, so this has to be said.
 * @throws E_BUILD
 */
export function refuseCopiesInScripts(compilation: Compilation, copied: PublicFiles, addresses: Addresses): void {
  if (!movesAll(addresses) || copied.paths.size === 0) return
  const found: string[] = []
  for (const { name } of compilation.getAssets()) {
    if (!/\.m?js$/i.test(name) || copied.paths.has(name)) continue
    for (const path of underPublicPath(textOf(compilation, name), addresses)) {
      if (copied.paths.has(path)) found.push(`${name}: ${path}`)
    }
  }
  if (found.length === 0) return
  throw new LadingError('E_BUILD', 'scripts look for copied files under the public path', {
    details: found,
    why: `There they would be looked for at ${addresses.url.href}, where copied files have names of their own.`,
    hint: 'Import the file, or name it by its path on the site: "/img/logo.png".',
  })
}

/** What a script adds to the public path, whether webpack left the sum to the browser or did it itself. */
function underPublicPath(script: string, { url }: Addresses): string[] {
  const added = [...script.matchAll(/\.p\s*\+\s*["']([^"'\\]+)["']/g)].map(([, path = '']) => path)
  const written = script.split(url.href + BUNDLE_FOLDER).slice(1)
  return [...added, ...written.map((rest) => rest.split(/["'`\\?#]/, 1)[0] ?? '')]
}
