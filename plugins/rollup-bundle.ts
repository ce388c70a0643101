import { isPage, LadingError } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import { importedIn } from './chunk-graph.ts'
import type { BuildSettings } from './options.ts'
import { type Addresses, BUNDLE_FOLDER, isSprite, movesAll, refuseChosen, whyEmittedStays } from './placement.ts'
import type { FileUrl, SortedFiles } from './rollup-state.ts'
import { keepTogether } from './rollup-together.ts'
import { isNamedByContent, type NamePatterns, refuseUnhashed } from './vite-names.ts'

/** A file of a bundle, as Rollup and Rolldown both have it. */
export type Output = OutputAsset | OutputChunk

interface OutputAsset {
  readonly type: 'asset'
  readonly fileName: string
  source: string | Uint8Array
}

interface OutputChunk {
  readonly type: 'chunk'
  readonly fileName: string
  readonly isEntry: boolean
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
}

export interface BundleRoom {
  readonly settings: BuildSettings
  readonly patterns: NamePatterns
  /** Emitted files whose URLs scripts asked for, by their names in the bundle. */
  readonly fileUrls: ReadonlyMap<string, FileUrl>
  sitePath(fileName: string): SitePath
}

type Bundle = Readonly<Record<string, Output>>

/**
 * Tells for every file whether it goes to the store under its own name, or stays. A chunk without a hash in its name
 * stays, which is right for an entry that only pages name, and for what only it imports.
 * @throws E_BUILD when a script looks in the store for what is not there
 */
export function sortRollup(bundle: Bundle, room: BundleRoom): SortedFiles {
  const { settings, patterns, sitePath } = room
  const sorted: SortedFiles = { files: new Map(), origin: new Set() }
  const imported = importedIn(bundle)
  const staying: string[] = []
  for (const output of Object.values(bundle)) {
    const path = sitePath(output.fileName)
    if (/\.map$/.test(path) || isPage(path)) continue
    const isHashed = isNamedByContent(output, patterns)
    if (stays(output, room, imported)) sorted.origin.add(path)
    else if (isHashed) sorted.files.set(path, { key: BUNDLE_FOLDER + path, immutable: true })
    else if (output.type === 'chunk') {
      sorted.origin.add(path)
      if (output.isEntry) staying.push(output.fileName)
    }
  }
  const { addresses, rewrite } = settings
  if (addresses === undefined) return sorted
  keepTogether(bundle, sorted, { staying, sitePath })
  if (rewrite) check(bundle, sorted, { ...room, addresses })
  return sorted
}

function stays(
  { fileName }: Output,
  { settings: { rewrite, addresses }, fileUrls, sitePath }: BundleRoom,
  imported: ReadonlySet<string>,
): boolean {
  if (!rewrite || addresses === undefined) return false
  if (fileUrls.get(fileName)?.moves === false) return true
  return whyEmittedStays(sitePath(fileName), addresses, imported.has(fileName)) !== undefined
}

/** @throws E_BUILD */
function check(bundle: Bundle, sorted: SortedFiles, room: BundleRoom & { readonly addresses: Addresses }): void {
  const { addresses, fileUrls, sitePath } = room
  const outputs = Object.values(bundle)
  const chunks = outputs.flatMap((output) => (output.type === 'chunk' ? [output] : []))
  const asked = outputs.filter(({ fileName }) => fileUrls.get(fileName)?.moves)
  if (movesAll(addresses))
    refuseChosen(
      chunks
        .filter(({ fileName }) => fileUrls.get(fileName)?.moves !== false)
        .map(({ fileName }) => sitePath(fileName)),
      addresses,
    )
  const moved = chunks.filter(({ fileName }) => sorted.files.has(sitePath(fileName)))
  const looked = [
    ...moved.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]),
    ...asked.map(({ fileName }) => fileName),
  ]
  const lost = [...new Set(looked)].filter((name) => Object.hasOwn(bundle, name) && !sorted.files.has(sitePath(name)))
  refuseUnhashed(lost.map(sitePath), 'Put [hash] into output.entryFileNames, chunkFileNames and assetFileNames.')
  if (!addresses.sameOrigin) refuseSprites(asked, sitePath)
}

function refuseSprites(asked: readonly Output[], sitePath: BundleRoom['sitePath']): void {
  const sprites = asked.filter(
    (output) => output.type === 'asset' && /\.svg$/i.test(output.fileName) && isSprite(textOf(output)),
  )
  if (sprites.length === 0) return
  throw new LadingError('E_BUILD', 'scripts name collections of SVG pieces', {
    details: sprites.map(({ fileName }) => sitePath(fileName)),
    why: 'No page takes pieces of an SVG from another host.',
    hint: "Let them stay at the site: keep: ['**/sprite-*.svg'].",
  })
}

/**
 * Points pages that other plugins emit at the store. Style sheets are never edited, since their names are final: one
 * whose references would be dead in the store is left to `lading sync`, which gives it a name of its own.
 * @throws E_BUILD when a script names such a sheet by the name it has
 */
export async function relinkRollup(
  bundle: Bundle,
  sorted: SortedFiles,
  { fileUrls, sitePath, addresses }: BundleRoom & { readonly addresses: Addresses },
): Promise<void> {
  // Loads the parsers, so only when needed.
  const [{ createRelinker }, { leadsAstray }] = await Promise.all([import('./relink.ts'), import('./sheets.ts')])
  const outputs = new Map(Object.values(bundle).map((output) => [sitePath(output.fileName), output]))
  const names = {
    has: (path: SitePath) => outputs.has(path),
    keyOf: (path: SitePath) => sorted.files.get(path)?.key,
    pathOf: (key: string) =>
      key.startsWith(BUNDLE_FOLDER) && outputs.has(key.slice(BUNDLE_FOLDER.length))
        ? key.slice(BUNDLE_FOLDER.length)
        : undefined,
  }
  for (const [path, output] of outputs) {
    if (output.type !== 'asset' || !/\.css$/i.test(path) || !sorted.files.has(path)) continue
    const astray = leadsAstray(path, textOf(output), { addresses, names })
    if (astray === undefined) continue
    if (fileUrls.get(output.fileName)?.moves) throw unmovable(path, astray)
    sorted.files.delete(path)
  }
  const relinker = createRelinker(addresses, names)
  for (const [path, output] of outputs) {
    if (output.type === 'asset' && isPage(path)) output.source = await relinker.page(path, textOf(output))
  }
}

function unmovable(path: SitePath, reference: string): LadingError {
  return new LadingError('E_BUILD', 'a style sheet that scripts name would lead astray from the store', {
    subject: path,
    why: `It names ${reference}, which is not beside it there, and its own name is settled.`,
    hint: 'Link the sheet from a page, or import what it names so that the bundler moves it along.',
  })
}

function textOf({ source }: OutputAsset): string {
  return typeof source === 'string' ? source : Buffer.from(source).toString('utf8')
}
