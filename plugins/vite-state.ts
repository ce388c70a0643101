import { readFile } from 'node:fs/promises'
import type { Logger, ResolvedConfig } from 'vite'
import type { BuildRecord, SitePath } from '../src/index.ts'
import { type BuildSettings, namingOf } from './options.ts'
import { isSprite } from './placement.ts'
import { NO_PUBLIC_FILES, type PublicFiles, readPublicFiles } from './public-files.ts'
import { type BundleRoom, relinkBundle, type SortedFiles, sortBundle } from './vite-bundle.ts'
import { createLifecycle, type Lifecycle } from './vite-lifecycle.ts'
import type { ViteFindings } from './vite-url.ts'

/**
 * State of one plugin instance. In app mode Vite resolves the config once per environment, so build state must not
 * depend on a single call of `config`.
 */
export interface ViteBuild {
  /** Undefined while there is nothing to do: watch mode, a library. */
  settings: BuildSettings | undefined
  /** What the user is told when a framework writes the addresses itself; `settings` is then undefined. */
  advice: string | undefined
  logger: Logger | undefined
  readonly lifecycle: Lifecycle
  /** How many configs Vite has resolved since something was last built. */
  configs: number
  hasBegun: boolean
  readonly found: ViteFindings
  publicFiles: PublicFiles
  /** By the name of the environment. */
  readonly clients: Map<string, ClientOutput>
  /** What is not for browsers, by the name of the environment: its scripts, and the folder (absolute) they lie in. */
  readonly servers: Map<string, { readonly outDir: string; readonly code: Set<SitePath> }>
}

/** What one environment for browsers has made. */
export interface ClientOutput {
  /** Where the pages go; absolute. */
  readonly outDir: string
  readonly publicFiles: PublicFiles
  readonly sorted: SortedFiles
}

export function newBuild(): ViteBuild {
  const build: ViteBuild = {
    settings: undefined,
    advice: undefined,
    logger: undefined,
    lifecycle: createLifecycle(),
    configs: 0,
    hasBegun: false,
    publicFiles: NO_PUBLIC_FILES,
    clients: new Map(),
    servers: new Map(),
    found: {
      workers: new Map(),
      chunks: new Set(),
      sprites: new Set(),
      moved: new Set(),
      stayed: new Set(),
      publicKey: (path) => build.publicFiles.keys.get(path),
      isPublicSprite: (path) => build.publicFiles.sprites.has(path),
    },
  }
  return build
}

/**
 * Vite fills in the list of a chunk's dependencies after it has named the chunk: without this, another `url` would
 * give other bytes under the same name.
 */
export function settingsDigest({ settings }: ViteBuild): string | undefined {
  return settings?.rewrite ? JSON.stringify(settings.addresses) : undefined
}

/** Names of the public folder's files; a server that renders pages writes the same ones, even if it copies no files. */
export async function publicFilesOf({ settings }: ViteBuild, config: PublicPlace): Promise<PublicFiles> {
  if (!settings?.rewrite) return NO_PUBLIC_FILES
  const isCopied = config.publicDir !== '' && (config.consumer === 'server' || config.build.copyPublicDir)
  const naming = isCopied ? namingOf(settings, config.publicDir) : undefined
  return naming === undefined ? NO_PUBLIC_FILES : await readPublicFiles(naming)
}

type PublicPlace = Pick<ResolvedConfig, 'publicDir' | 'build'> & { readonly consumer: string }

/** What Rolldown hands to `generateBundle`. */
export interface Generated {
  readonly bundle: Parameters<typeof sortBundle>[0]
  readonly output: Parameters<typeof sortBundle>[1]
}

/** One of possibly several outputs, added to what the build's record will say. */
export async function sortInto(
  { publicFiles, sorted }: ClientOutput,
  { settings, found }: Pick<BundleRoom, 'settings' | 'found'>,
  { bundle, output }: Generated,
): Promise<void> {
  const room = { settings, found, publicFiles }
  const more = sortBundle(bundle, output, room)
  const { addresses, rewrite } = settings
  if (rewrite && addresses !== undefined) await relinkBundle(bundle, more, { ...room, addresses })
  for (const [path, file] of more.files) sorted.files.set(path, file)
  for (const path of more.origin) sorted.origin.add(path)
}

/** Looks into an imported SVG while its name is still known. */
export async function noteSprite(found: ViteFindings, id: string): Promise<undefined> {
  const file = id.replace(/[?#].*$/, '')
  const name = /([^/\\]+)\.svg$/i.exec(file)?.[1]
  if (name !== undefined && isSprite(await readFile(file, 'utf8').catch(() => ''))) found.sprites.add(name)
}

/** The outputs of one folder as one record. */
export function recordOf(outputs: readonly ClientOutput[], settings: BuildSettings, bundler: string): BuildRecord {
  const { addresses, rewrite } = settings
  const files = new Map(outputs.flatMap(({ sorted }) => [...sorted.files]))
  for (const { publicFiles } of outputs) {
    for (const [path, key] of publicFiles.keys) files.set(path, { key, immutable: false })
  }
  return {
    bundler,
    url: addresses?.url.href ?? '',
    cors: addresses?.cors ?? false,
    rewritten: rewrite,
    files,
    origin: new Set(outputs.flatMap(({ sorted }) => [...sorted.origin])),
    sent: new Set(),
    store: undefined,
  }
}
