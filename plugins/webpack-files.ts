import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Compilation, Compiler } from 'webpack'
import { isPage } from '../src/build/index.ts'
import type { Key, SitePath } from '../src/index.ts'
import type { Edit } from '../src/rewrite/index.ts'
import { lateRelinker } from './late-relinker.ts'
import { type BuildSettings, namingOf } from './options.ts'
import { type Addresses, BUNDLE_FOLDER, LOADS_ANYWHERE, movesAll, refuseChosen } from './placement.ts'
import { mergePublicFiles, NO_PUBLIC_FILES, type PublicFiles, readPublicFiles } from './public-files.ts'
import type { Names } from './relink.ts'
import { refuseRootedImports } from './rooted-imports.ts'
import { isSettled } from './settled-sheet.ts'
import {
  type MadeAssets,
  madeAssets,
  pathOf,
  refuseFixedName,
  refuseUnhashed,
  textOf,
  whyStays,
} from './webpack-assets.ts'
import { nameCopied } from './webpack-copies.ts'
import { lostEntryWarning } from './webpack-federation.ts'
import type { Host } from './webpack-kinds.ts'
import { refuseLost } from './webpack-modules.ts'
import { refuseCopiesInScripts, refuseListed } from './webpack-scripts.ts'

/** The files of one compilation: what moves under which key, and the edits that webpack leaves to be made. */
export interface WebpackFiles {
  /** @throws E_BUILD */
  relinkStyles(compilation: Compilation, addresses: Addresses): Promise<void>
  /** @throws E_BUILD */
  relinkPages(compilation: Compilation, addresses: Addresses): Promise<void>
  /** Looks at what other plugins have made of the pages and their files. @throws E_BUILD */
  checkListed(compilation: Compilation, addresses: Addresses): void
  /** What to warn of when all is made; undefined without anything. */
  warningOf(compilation: Compilation, addresses: Addresses): string | undefined
  /** The lists of the build's record. Call when all assets are made, before webpack frees their sources. */
  sort(compilation: Compilation): SortedFiles
}

export interface SortedFiles {
  readonly files: Map<SitePath, { readonly key: Key; readonly immutable: boolean }>
  readonly origin: Set<SitePath>
}

export function createWebpackFiles(compiler: Compiler, settings: BuildSettings, host: Host): WebpackFiles {
  const { kind } = host
  let copied = NO_PUBLIC_FILES
  let fromFolders: Promise<PublicFiles> | undefined
  let seen: ReadonlyMap<SitePath, unknown> = new Map()
  const { RawSource, ReplaceSource } = compiler.webpack.sources
  const refreshCopied = async (compilation: Compilation, made: MadeAssets): Promise<void> => {
    const sourceOf = (path: SitePath) => compilation.getAsset(made.names.get(path) ?? path)?.source
    const sources = new Map([...made.copied].map((path) => [path, sourceOf(path)]))
    const isSame = sources.size === seen.size && [...sources].every(([name, source]) => seen.get(name) === source)
    fromFolders ??= namePublic(host.publicDirs(), settings).then((named) => onlyCopied(named, compiler.outputPath))
    if (!isSame) copied = await nameCopied(compiler, sources, settings)
    copied = mergePublicFiles(await fromFolders, copied)
    seen = sources
  }
  // Edits and not a new text, so that the sheet's source map follows them.
  const edit = (compilation: Compilation, name: string, edits: readonly Edit[]): void => {
    const source = compilation.getAsset(name)?.source
    if (source === undefined || edits.length === 0) return
    const edited = new ReplaceSource(source)
    for (const { start, end, replacement } of edits) edited.replace(start, end - 1, replacement)
    compilation.updateAsset(name, edited)
  }
  return {
    async relinkStyles(compilation, addresses) {
      const made = madeAssets(compilation, kind)
      // First: otherwise a sheet that names such a file would fail with an unhelpful error.
      refuseChosen(lookedFor(made, addresses), addresses)
      await refreshCopied(compilation, made)
      const room = { compilation, made, addresses }
      const { store, relinker } = lateRelinker(addresses, namesIn(room, copied))
      for (const { name } of compilation.getAssets()) {
        const path = pathOf(name)
        if (!/\.css$/i.test(path) || !made.emitted.has(path)) continue
        const text = textOf(compilation, name)
        if (isSettled(text, store)) continue
        const edits = (await relinker()).styleEdits(path, text, { moves: movesAll(addresses) })
        if (edits.length > 0 && whyStays(path, room) === undefined) refuseFixedName(compilation, name)
        edit(compilation, name, edits)
      }
    },
    async relinkPages(compilation, addresses) {
      const made = madeAssets(compilation, kind)
      const room = { compilation, made, addresses }
      await refreshCopied(compilation, made)
      const looked = lookedFor(made, addresses)
      refuseChosen(looked, addresses)
      const moving = looked.filter((path) => whyStays(path, room) === undefined)
      refuseUnhashed(moving, made)
      refuseLost(room, kind)
      refuseCopiesInScripts(room, copied)
      const scripts = scriptsOf(compilation, moving, made)
      await refuseRootedImports({ scripts, addresses, ignore: 'webpackIgnore: true' })
      const documents = lateRelinker(addresses, namesIn(room, copied))
      for (const { name } of compilation.getAssets()) {
        if (!isPage(pathOf(name))) continue
        const before = textOf(compilation, name)
        const after = await documents.page(pathOf(name), before)
        if (after !== before) compilation.updateAsset(name, new RawSource(after))
      }
    },
    checkListed: (compilation, addresses) =>
      refuseListed({ compilation, made: madeAssets(compilation, kind), addresses }, copied),
    warningOf: (compilation, addresses) =>
      lostEntryWarning({ compilation, made: madeAssets(compilation, kind), addresses }),
    sort: (compilation) => sort(compilation, { copied, settings, made: madeAssets(compilation, kind) }),
  }
}

/** Read one by one, and only where they are asked for. */
function* scriptsOf(
  compilation: Compilation,
  paths: readonly SitePath[],
  { names }: MadeAssets,
): Iterable<{ path: SitePath; text: string }> {
  for (const path of paths) {
    if (/\.m?js$/i.test(path)) yield { path, text: textOf(compilation, names.get(path) ?? path) }
  }
}

/** Emitted files that webpack's public paths lead to in the store. */
function lookedFor({ emitted, pinned }: MadeAssets, addresses: Addresses): SitePath[] {
  const isMovable = (path: SitePath): boolean => movesAll(addresses) || LOADS_ANYWHERE.test(path)
  return [...emitted].filter((path) => isMovable(path) && !pinned.has(path))
}

async function namePublic(folders: readonly string[], settings: BuildSettings): Promise<PublicFiles> {
  let named = NO_PUBLIC_FILES
  for (const folder of folders) {
    const naming = namingOf(settings, folder)
    if (naming !== undefined) named = mergePublicFiles(named, await readPublicFiles(naming))
  }
  return named
}

/** The bundler's own options may leave some out (`server.publicDir.ignore`); the copies lie there before it compiles. */
function onlyCopied({ paths, keys, sprites }: PublicFiles, outDir: string): PublicFiles {
  const copied = new Set([...paths].filter((path) => existsSync(join(outDir, path))))
  return { paths: copied, keys: new Map([...keys].filter(([path]) => copied.has(path))), sprites }
}

type Room = Parameters<typeof whyStays>[1]

function namesIn(room: Room, { keys, paths }: PublicFiles): Names {
  const { made } = room
  const pathOfKey = new Map<Key, SitePath>()
  for (const path of [...paths, ...made.names.keys()]) pathOfKey.set(BUNDLE_FOLDER + path, path)
  for (const [path, key] of keys) pathOfKey.set(key, path)
  const moves = (path: SitePath): boolean => made.emitted.has(path) && whyStays(path, room) === undefined
  return {
    has: (path) => paths.has(path) || made.names.has(path),
    keyOf: (path) => keys.get(path) ?? (moves(path) ? BUNDLE_FOLDER + path : undefined),
    pathOf: (key) => pathOfKey.get(key),
  }
}

interface Sorting {
  readonly copied: PublicFiles
  readonly settings: BuildSettings
  readonly made: MadeAssets
}

function sort(compilation: Compilation, { copied, settings: { addresses, rewrite }, made }: Sorting): SortedFiles {
  const sorted: SortedFiles = { files: new Map(), origin: new Set() }
  for (const path of made.emitted) {
    const stays =
      addresses && rewrite ? whyStays(path, { compilation, made, addresses }) !== undefined : made.pinned.has(path)
    if (stays) sorted.origin.add(path)
    else if (made.immutable.has(path)) sorted.files.set(path, { key: BUNDLE_FOLDER + path, immutable: true })
  }
  for (const [path, key] of copied.keys) sorted.files.set(path, { key, immutable: false })
  return sorted
}
