import type { Rolldown } from 'vite'
import type { Edit } from '../src/build/documents.ts'
import { isPage } from '../src/build/index.ts'
import type { Key, SitePath } from '../src/index.ts'
import { importedIn } from './chunk-graph.ts'
import { type LateRelinker, lateRelinker } from './late-relinker.ts'
import type { BuildSettings } from './options.ts'
import { type Addresses, BUNDLE_FOLDER, movesAll, refuseChosen, whyEmittedStays } from './placement.ts'
import type { PublicFiles } from './public-files.ts'
import type { Names } from './relink.ts'
import { refuseRootedImports } from './rooted-imports.ts'
import { isSettled } from './settled-sheet.ts'
import { isNamedByContent, type NamePatterns, refuseUnhashed } from './vite-names.ts'
import { unnameable } from './vite-unnameable.ts'
import type { ViteFindings } from './vite-url.ts'

/** Where the files of a bundle go: the lists of the build's record. */
export interface SortedFiles {
  readonly files: Map<SitePath, { readonly key: Key; readonly immutable: boolean }>
  readonly origin: Set<SitePath>
}

export interface BundleRoom {
  readonly settings: BuildSettings
  readonly found: ViteFindings
  readonly publicFiles: PublicFiles
}

type Output = Rolldown.OutputAsset | Rolldown.OutputChunk
type Bundle = Readonly<Record<string, Output>>

/**
 * Tells for every emitted file whether it goes to the store under its own name, or stays.
 * @throws E_BUILD when the build names the store's copy of a file that is not named by content
 */
export function sortBundle(bundle: Bundle, patterns: NamePatterns, room: BundleRoom): SortedFiles {
  const { settings, found } = room
  const sorted: SortedFiles = { files: new Map(), origin: new Set() }
  const unhashed: SitePath[] = []
  const imported = importedIn(bundle)
  for (const output of Object.values(bundle)) {
    const path = output.fileName
    if (/\.map$/.test(path) || isPage(path)) continue
    const isHashed = found.workers.get(path) ?? isNamedByContent(output, patterns)
    if (stays(output, room, imported)) sorted.origin.add(path)
    else if (isHashed) sorted.files.set(path, { key: BUNDLE_FOLDER + path, immutable: true })
    else if (settings.rewrite && isNamedInStore(output, found)) unhashed.push(path)
  }
  const { addresses } = settings
  if (settings.rewrite && addresses !== undefined && movesAll(addresses)) {
    refuseChosen(chunksOf(bundle, found), addresses)
  }
  refuseUnhashed(unhashed, UNHASHED_FIX)
  return sorted
}

const UNHASHED_FIX =
  "Put [hash] into output.entryFileNames, chunkFileNames and assetFileNames (Vite's default), or into the name that a " +
  "plugin gives: filename: 'remoteEntry-[hash].js' of @module-federation/vite."

function chunksOf(bundle: Bundle, { workers }: ViteFindings): SitePath[] {
  const chunks = Object.values(bundle).filter(({ type, fileName }) => type === 'chunk' && !workers.has(fileName))
  return chunks.map(({ fileName }) => fileName)
}

function isNamedInStore(output: Output, found: ViteFindings): boolean {
  return output.type === 'chunk' || found.moved.has(output.fileName)
}

function stays(
  { fileName }: Output,
  { settings: { rewrite, addresses }, found }: BundleRoom,
  imported: ReadonlySet<string>,
): boolean {
  if (found.moved.has(fileName)) return false
  if (found.stayed.has(fileName)) return true
  if (found.workers.has(fileName) && !addresses?.sameOrigin) return true
  return (
    rewrite && addresses !== undefined && whyEmittedStays(fileName, addresses, imported.has(fileName)) !== undefined
  )
}

/**
 * A second pass over pages and style sheets, for what Vite leaves alone: references that it does not know in pages,
 * images used as CSS masks, files that need an absolute URL.
 * @throws E_BUILD
 */
export async function relinkBundle(
  bundle: Bundle,
  sorted: SortedFiles,
  room: BundleRoom & { addresses: Addresses },
): Promise<void> {
  const { addresses, publicFiles } = room
  await refuseRootedImports({ scripts: movingScripts(bundle, sorted), addresses, ignore: '@vite-ignore' })
  const names = namesOf(bundle, sorted, publicFiles)
  const documents = lateRelinker(addresses, names)
  for (const output of Object.values(bundle)) {
    if (output.type !== 'asset') continue
    const path = output.fileName
    if (isPage(path)) await relinkPage(output, documents)
    else if (/\.css$/i.test(path)) {
      const moves = sorted.files.has(path)
      if (!moves || !addresses.sameOrigin) await relinkSheet(output, moves, { ...documents, addresses })
    }
  }
}

function* movingScripts(bundle: Bundle, { files }: SortedFiles): Iterable<{ path: SitePath; text: string }> {
  for (const output of Object.values(bundle)) {
    if (output.type === 'chunk' && files.has(output.fileName)) yield { path: output.fileName, text: output.code }
  }
}

async function relinkPage(page: Rolldown.OutputAsset, documents: LateRelinker): Promise<void> {
  const html = textOf(page)
  const relinked = await documents.page(page.fileName, html)
  // An assigned source is passed back to Rolldown, even if unchanged.
  if (relinked !== html) page.source = relinked
}

async function relinkSheet(
  sheet: Rolldown.OutputAsset,
  moves: boolean,
  { addresses, ...documents }: LateRelinker & { readonly addresses: Addresses },
): Promise<void> {
  const text = textOf(sheet)
  if (isSettled(text, documents.store)) return
  const edits = (await documents.relinker()).styleEdits(sheet.fileName, text, { moves })
  const written = ({ start, end }: Edit): string => text.slice(start, end)
  const others = edits.filter(
    (edit) => !isRespelt(written(edit), edit.replacement) && !(moves && isAtSite(written(edit), addresses)),
  )
  if (others.length === 0) return
  if (moves) throw unnameable(sheet.fileName, others.map(written), addresses)
  const { applyEdits } = await import('../src/build/documents.ts')
  sheet.source = applyEdits(text, others)
}

/** Vite leaves `(`, `'` and their like in addresses as they are, which Lading encodes: they lead to the same file. */
function isRespelt(written: string, wanted: string): boolean {
  try {
    return decodeURI(written.replaceAll('\\', '')) === decodeURIComponent(wanted)
  } catch {
    return false
  }
}

/** Named in full, it leads to the site's own copy, which the site's pages may load whatever it is. */
function isAtSite(written: string, { site }: Addresses): boolean {
  return site !== undefined && written.startsWith(site)
}

function textOf({ source }: Rolldown.OutputAsset): string {
  return typeof source === 'string' ? source : Buffer.from(source).toString('utf8')
}

function namesOf(bundle: Bundle, { files }: SortedFiles, { paths, keys }: PublicFiles): Names {
  const pathOfKey = new Map<Key, SitePath>()
  for (const path of Object.keys(bundle)) pathOfKey.set(BUNDLE_FOLDER + path, path)
  for (const [path, key] of keys) pathOfKey.set(key, path)
  return {
    has: (path) => Object.hasOwn(bundle, path) || paths.has(path),
    keyOf: (path) => files.get(path)?.key ?? keys.get(path),
    pathOf: (key) => pathOfKey.get(key),
  }
}
