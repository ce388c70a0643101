import { basename } from 'node:path/posix'
import type { AssetInfo, Chunk, Compilation, Module } from 'webpack'
import { isPage, LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import { type Addresses, isSprite, whyEmittedStays } from './placement.ts'
import type { Kind } from './webpack-kinds.ts'

/** What a compilation made, by where it came from. Pages, maps and what only tools read are in none of the lists. */
export interface MadeAssets {
  /** The bundler's name of every file, including those in no other list: its path, and perhaps a query (`[query]`). */
  readonly names: ReadonlyMap<SitePath, string>
  /** Files of chunks and of asset modules. */
  readonly emitted: ReadonlySet<SitePath>
  /** Those among them whose names carry a hash, so that their bytes never change. */
  readonly immutable: ReadonlySet<SitePath>
  /** Those among them that must stay with the pages wherever the rest goes, and why. */
  readonly pinned: ReadonlyMap<SitePath, string>
  /** Scripts of chunks that only other chunks load, unlike the entries of pages and workers. */
  readonly parts: ReadonlySet<SitePath>
  /** Copied as they were, or made by other plugins. */
  readonly copied: ReadonlySet<SitePath>
}

export function madeAssets(compilation: Compilation, kind: Kind): MadeAssets {
  const { inChunks, containers, workers, parts } = chunkFiles(compilation, kind)
  const names = new Map<SitePath, string>()
  const made = { emitted: new Set<SitePath>(), immutable: new Set<SitePath>(), copied: new Set<SitePath>() }
  for (const { name, info } of compilation.getAssets()) {
    const path = pathOf(name)
    names.set(path, name)
    if (/\.map$|\.LICENSE\.txt$/.test(path) || info.development || info.hotModuleReplacement || isPage(path)) continue
    // Assets that an HTML loader adds belong to no chunk, but are marked as hashed.
    const isMarked = info.immutable || contentHashes(info).length > 0
    if (isMarked || inChunks.has(path)) made.emitted.add(path)
    else made.copied.add(path)
    const isHashed = isMarked ? isHashInPath(name, info) : inChunks.has(path) && isNamedByBytes(compilation, name)
    if (isHashed) made.immutable.add(path)
  }
  const fixed = [...containers].filter((path) => !made.immutable.has(path))
  const pinned = new Map([
    ...fixed.map((path) => [path, 'other sites know it by this address'] as const),
    ...[...workers].map((path) => [path, 'workers are looked for at the site'] as const),
  ])
  return { ...made, names, parts, pinned }
}

/** A query is no part of the name under which a file is written: `font.woff?v=4.7.0`. */
export function pathOf(name: string): SitePath {
  return name.replace(/\?.*$/s, '')
}

/** webpack says `contenthash`, Rspack 1 `contentHash`; a name without a hash has none, or an empty list. */
function contentHashes({ contenthash, contentHash }: AssetInfo): string[] {
  return [contenthash, contentHash].flat().filter((hash) => typeof hash === 'string')
}

/**
 * An edited sheet needs a new name, which bundlers give at the end, and only to files named by content hash.
 * `[chunkhash]` and `[fullhash]` hash the sources: the bytes would change under the same name.
 * @throws E_CONFIG
 */
export function refuseFixedName(compilation: Compilation, name: string): void {
  const { realContentHash } = compilation.compiler.options.optimization
  const info = compilation.getAsset(name)?.info ?? {}
  if (realContentHash && contentHashes(info).length > 0) return
  throw new LadingError('E_CONFIG', 'a style sheet would be changed under a name that does not follow its content', {
    subject: pathOf(name),
    why: 'It names copied files, whose addresses in the store are written into it, and is cached for a year.',
    hint: realContentHash
      ? 'Put [contenthash] into the filename of the style sheets, in place of [chunkhash], [fullhash] or [hash].'
      : 'Set optimization.realContentHash: true, and put [contenthash] into the filename of the style sheets.',
  })
}

/** Asset info covers the whole name, but a hash behind a `?` does not make the file name unique. */
function isHashInPath(name: string, info: AssetInfo): boolean {
  const path = pathOf(name)
  if (path === name) return true
  const hashes = [...contentHashes(info), info.chunkhash, info.fullhash, info.modulehash].flat()
  return hashes.some((hash) => typeof hash === 'string' && path.includes(hash))
}

/** By which loaders name what they emit: MD4 is file-loader 6's, MD5 that of those before. */
const DIGESTS = ['xxhash64', 'md4', 'md5'] as const

/** What a loader says of its files may get lost: webpack-manifest-plugin hands on their names and bytes alone. */
function isNamedByBytes(compilation: Compilation, name: string): boolean {
  const hashes = basename(pathOf(name)).match(/[0-9a-f]{8,}/g) ?? []
  const bytes = hashes.length > 0 ? compilation.getAsset(name)?.source.buffer() : undefined
  if (bytes === undefined) return false
  const { createHash } = compilation.compiler.webpack.util
  return DIGESTS.some((algorithm) => {
    const digest = String(createHash(algorithm).update(bytes).digest('hex'))
    return hashes.some((hash) => digest.startsWith(hash))
  })
}

interface ChunkFiles extends Pick<MadeAssets, 'parts'> {
  readonly inChunks: ReadonlySet<SitePath>
  readonly workers: ReadonlySet<SitePath>
  readonly containers: ReadonlySet<SitePath>
}

function chunkFiles(compilation: Compilation, kind: Kind): ChunkFiles {
  const chunks = [...compilation.chunks]
  const parts = new Set(chunks.filter((chunk) => entriesOf(compilation, chunk).length === 0).flatMap(filesOf))
  const workers = new Set(chunks.filter((chunk) => kind.isWorker(chunk, compilation)).flatMap(filesOf))
  const containers = new Set(chunks.filter((chunk) => isContainer(compilation, chunk)).flatMap(filesOf))
  const auxiliary = chunks.flatMap((chunk) => [...chunk.auxiliaryFiles].map(pathOf))
  return { inChunks: new Set([...chunks.flatMap(filesOf), ...auxiliary]), parts, workers, containers }
}

const filesOf = (chunk: Chunk): SitePath[] => [...chunk.files].map(pathOf)

/**
 * The entry of a module federation. With a fixed name (`remoteEntry.js`) its bytes change under it, and other sites rely on
 * the name; with a hash in it they learn the name from a manifest.
 */
function isContainer(compilation: Compilation, chunk: Chunk): boolean {
  return entriesOf(compilation, chunk).some((module) => module.identifier().startsWith('container entry'))
}

function entriesOf({ chunkGraph }: Compilation, chunk: Chunk): Module[] {
  return [...chunkGraph.getChunkEntryModulesIterable(chunk)]
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
  const isSvg = !addresses.sameOrigin && /\.svg$/i.test(path)
  const isPieces = isSvg && isSprite(textOf(compilation, made.names.get(path) ?? path))
  if (isPieces) return 'no page takes pieces of an SVG from another host'
  return whyEmittedStays(path, addresses, made.parts.has(path))
}

/** @throws E_BUILD for names in the store that would be cached for a year although their bytes change */
export function refuseUnhashed(moving: readonly SitePath[], { immutable }: MadeAssets): void {
  const unhashed = moving.filter((path) => !immutable.has(path))
  if (unhashed.length === 0) return
  throw new LadingError('E_BUILD', 'the build names files without a hash of their content', {
    details: unhashed,
    why: 'They are cached for a year under that name; the next build would change their bytes.',
    hint: "Put [contenthash] into output.filename, assetModuleFilename and the style sheets' filename, before any `?`.",
  })
}
