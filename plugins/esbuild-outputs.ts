import { readFileSync } from 'node:fs'
import { basename, extname, relative, resolve } from 'node:path'
import type { BuildOptions, Metafile } from 'esbuild'
import { isPage } from '../src/build/index.ts'
import type { SitePath } from '../src/index.ts'
import type { BuildSettings } from './options.ts'
import { type Addresses, BUNDLE_FOLDER, refuseChosen, refuseStaying, whyEmittedStays } from './placement.ts'
import type { SortedFiles } from './rollup-state.ts'
import { refuseUnhashed } from './vite-names.ts'

export interface OutputRoom {
  readonly settings: BuildSettings
  readonly options: BuildOptions
  /** Whether scripts and sheets name what they load by the store's address. */
  readonly isPointed: boolean
  /** The site's folder, absolute. */
  readonly root: string
  /** What paths of the metafile are relative to, absolute. */
  readonly cwd: string
}

type Outputs = Metafile['outputs']

/**
 * Tells for every output whether it goes to the store under its own name, or stays. An entry without a hash in its name
 * stays: only pages name it.
 * @throws E_BUILD when a script or sheet looks in the store for what is not there
 */
export async function sortOutputs(outputs: Outputs, room: OutputRoom): Promise<SortedFiles> {
  const { settings, isPointed } = room
  const { addresses, rewrite } = settings
  const sorted: SortedFiles = { files: new Map(), origin: new Set() }
  const loaded = loadedBy(outputs)
  const isPart = (name: string): boolean => loaded.get(name) === 'imported'
  for (const [name, output] of Object.entries(outputs)) {
    const path = sitePath(name, room)
    if (/\.map$/.test(path) || isPage(path)) continue
    const stays = rewrite && addresses !== undefined && whyEmittedStays(path, addresses, isPart(name)) !== undefined
    if (stays) sorted.origin.add(path)
    else if (isHashed(name, output, { loaded, options: room.options })) {
      sorted.files.set(path, { key: BUNDLE_FOLDER + path, immutable: true })
    } else if (/\.[cm]?js$/.test(path)) sorted.origin.add(path)
  }
  if (!isPointed || addresses === undefined) return sorted
  const lookedFor = [...loaded.keys()].map((name) => sitePath(name, room))
  refuseChosen(lookedFor, addresses)
  refuseStaying(
    [...loaded.keys()].filter((name) => !isPart(name)).map((name) => sitePath(name, room)),
    addresses,
  )
  const lost = lookedFor.filter((path) => !sorted.files.has(path))
  refuseUnhashed(lost, "Put [hash] into entryNames, chunkNames and assetNames: '[dir]/[name]-[hash]'.")
  await leaveSheets(outputs, sorted, { ...room, addresses })
  return sorted
}

function sitePath(name: string, { root, cwd }: Pick<OutputRoom, 'root' | 'cwd'>): SitePath {
  return relative(root, resolve(cwd, name)).replaceAll('\\', '/')
}

const IMPORTS: ReadonlySet<string> = new Set(['import-statement', 'dynamic-import', 'require-call'])

/** Outputs that others name: chunks, which are imported, and files that `file` and `copy` loaders wrote. */
function loadedBy(outputs: Outputs): Map<string, 'imported' | 'named'> {
  const all = Object.values(outputs).flatMap(({ imports }) => imports)
  const own = all.filter(({ path, external }) => !external && Object.hasOwn(outputs, path))
  return new Map(own.map(({ path, kind }) => [path, IMPORTS.has(kind) ? 'imported' : 'named']))
}

interface Naming {
  readonly loaded: ReadonlyMap<string, unknown>
  readonly options: BuildOptions
}

/** Judged by the naming pattern. A single `outfile` has the name that was asked for, without a hash. */
function isHashed(name: string, output: Outputs[string], { loaded, options }: Naming): boolean {
  const isCode = /\.(?:[cm]?js|css)$/.test(name)
  // What is imported on demand is an entry to esbuild as well, but named as a chunk.
  const isEntry = !loaded.has(name) && (isCode || output.entryPoint !== undefined)
  if (isEntry && options.outfile !== undefined) return false
  const named = isEntry
    ? (options.entryNames ?? '[dir]/[name]')
    : isCode
      ? (options.chunkNames ?? '[name]-[hash]')
      : (options.assetNames ?? '[name]-[hash]')
  return named.includes('[hash]') && HASH.test(basename(name, extname(name)))
}

/** Eight characters of base 32. https://esbuild.github.io/api/#entry-names */
const HASH = /[A-Z2-7]{8}/

/**
 * Style sheets are never edited, since their hashed names are final. References to files that esbuild did not bundle
 * would be dead in the store: such a sheet is left to `lading sync`, which gives it a name of its own.
 */
async function leaveSheets(
  outputs: Outputs,
  sorted: SortedFiles,
  room: OutputRoom & { readonly addresses: Addresses },
): Promise<void> {
  // Loads the CSS parser, so only when it may be needed.
  const { leadsAstray } = await import('./sheets.ts')
  const paths = new Map(Object.keys(outputs).map((name) => [sitePath(name, room), name]))
  const ownPath = (key: string): SitePath | undefined =>
    key.startsWith(BUNDLE_FOLDER) && paths.has(key.slice(BUNDLE_FOLDER.length))
      ? key.slice(BUNDLE_FOLDER.length)
      : undefined
  const names = {
    has: (path: SitePath) => paths.has(path),
    keyOf: (path: SitePath) => sorted.files.get(path)?.key,
    pathOf: ownPath,
  }
  for (const [path, name] of paths) {
    if (!/\.css$/i.test(path) || !sorted.files.has(path)) continue
    const css = readFileSync(resolve(room.cwd, name), 'utf8')
    if (leadsAstray(path, css, { addresses: room.addresses, names }) !== undefined) sorted.files.delete(path)
  }
}
