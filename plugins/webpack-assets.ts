import type { AssetInfo, Chunk, Compilation } from 'webpack'
import { isPage, LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import { type Addresses, BUNDLE_FOLDER, isSprite, movesAll, whyEmittedStays } from './placement.ts'
import type { PublicFiles } from './public-files.ts'
import type { Kind } from './webpack-kinds.ts'

/** What a compilation made, by where it came from. Pages, maps and what only tools read are in none of the lists. */
export interface MadeAssets {
  /** Files of chunks and of asset modules. */
  readonly emitted: ReadonlySet<SitePath>
  /** Those among them whose names carry a hash, so that their bytes never change. */
  readonly immutable: ReadonlySet<SitePath>
  /** Those among them that must stay with the pages wherever the rest goes, and why. */
  readonly pinned: ReadonlyMap<SitePath, string>
  /** Copied as they were, or made by other plugins. */
  readonly copied: ReadonlySet<SitePath>
}

export function madeAssets(compilation: Compilation, kind: Kind): MadeAssets {
  const { inChunks, pinned } = chunkFiles(compilation, kind)
  const made = { emitted: new Set<SitePath>(), immutable: new Set<SitePath>(), copied: new Set<SitePath>(), pinned }
  for (const { name, info } of compilation.getAssets()) {
    if (/\.map$|\.LICENSE\.txt$/.test(name) || info.development || info.hotModuleReplacement || isPage(name)) continue
    // What a loader of pages brings in belongs to no chunk, but carries the mark of a name with a hash.
    const isImmutable = carriesHash(info)
    if (isImmutable || inChunks.has(name)) made.emitted.add(name)
    else made.copied.add(name)
    if (isImmutable) made.immutable.add(name)
  }
  return made
}

/** webpack says `contenthash`, Rspack 1 `contentHash`; a name without a hash has none, or an empty list. */
function carriesHash(info: AssetInfo): boolean {
  if (info.immutable) return true
  return [info.contenthash, info.contentHash].some((hash) => hash !== undefined && hash !== null && hash.length > 0)
}

function chunkFiles(compilation: Compilation, kind: Kind): { inChunks: Set<SitePath>; pinned: Map<SitePath, string> } {
  const inChunks = new Set<SitePath>()
  const pinned = new Map<SitePath, string>()
  for (const chunk of compilation.chunks) {
    for (const file of [...chunk.files, ...chunk.auxiliaryFiles]) inChunks.add(file)
    const why = whyPinned(compilation, chunk, kind)
    if (why !== undefined) for (const file of chunk.files) pinned.set(file, why)
  }
  return { inChunks, pinned }
}

function whyPinned(compilation: Compilation, chunk: Chunk, { isWorker }: Kind): string | undefined {
  if (isWorker(chunk, compilation)) return 'workers are looked for at the site'
  return isContainer(compilation, chunk) ? 'other sites know it by this address' : undefined
}

/** The entry of a module federation (`remoteEntry.js`): its name is agreed on, so its bytes change under it. */
function isContainer({ chunkGraph }: Compilation, chunk: Chunk): boolean {
  const entries = [...chunkGraph.getChunkEntryModulesIterable(chunk)]
  return entries.some((module) => module.identifier().startsWith('container entry'))
}

export function textOf(compilation: Compilation, name: string): string {
  return compilation.getAsset(name)?.source.source().toString() ?? ''
}

/** Why an emitted file stays with the pages; `undefined` when it moves. */
export function whyStays(
  path: SitePath,
  { compilation, made, addresses }: { compilation: Compilation; made: MadeAssets; addresses: Addresses },
): string | undefined {
  const pinned = made.pinned.get(path)
  if (pinned !== undefined) return pinned
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
