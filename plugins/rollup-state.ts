import { dirname, join, relative, resolve } from 'node:path'
import { LadingError } from '../src/build/index.ts'
import type { BuildRecord, Key, SitePath } from '../src/index.ts'
import type { BuildSettings } from './options.ts'
import { NO_PUBLIC_FILES, type PublicFiles } from './public-files.ts'
import { createLifecycle, type Lifecycle } from './vite-lifecycle.ts'
import type { NamePatterns } from './vite-names.ts'

/** Where the files of a bundle go: the lists of the build's record. */
export interface SortedFiles {
  readonly files: Map<SitePath, { readonly key: Key; readonly immutable: boolean }>
  readonly origin: Set<SitePath>
}

/** Which URL scripts were given for a file: the store's if it moves, else the site's. */
export interface FileUrl {
  readonly moves: boolean
}

/** What one plugin of Rollup or Rolldown knows. */
export interface RollupBuild {
  /** Undefined while there is nothing to do: watch mode. */
  settings: BuildSettings | undefined
  readonly lifecycle: Lifecycle
  /** By reference id: emitted files that scripts asked the address of. */
  readonly fileUrls: Map<string, FileUrl>
  /** The files whose addresses `virtual:lading` handed out. */
  publicFiles: PublicFiles
  sorted: SortedFiles
  /** The site's folder, absolute; undefined until the first output is rendered. */
  root: string | undefined
  /** The outputs' folder, absolute. */
  folder: string | undefined
  /** The site's path of a file that an output names. */
  sitePath: (fileName: string) => SitePath
}

export function newRollupBuild(): RollupBuild {
  return {
    settings: undefined,
    lifecycle: createLifecycle(),
    fileUrls: new Map(),
    publicFiles: NO_PUBLIC_FILES,
    sorted: { files: new Map(), origin: new Set() },
    root: undefined,
    folder: undefined,
    sitePath: (fileName) => fileName,
  }
}

/** An output's own options, as far as they are read. */
export interface OutputPlace extends NamePatterns {
  readonly dir?: string | undefined
  readonly file?: string | undefined
}

/**
 * The site's folder, and the paths that one output's files have there. Without `siteDir` the first output's folder is
 * the site. Outputs are rendered concurrently and only some hooks say for which one, so all must share one folder.
 * @throws E_CONFIG for an output outside of the site's folder, or a second folder, where addresses are rewritten;
 * E_ROOT_DANGEROUS for a site and a store that lie inside each other
 */
export function enterOutput(build: RollupBuild, { settings, siteDir, output }: Entered): void {
  const { dir, file } = output
  const folder = resolve(dir ?? (file === undefined ? '.' : dirname(file)))
  build.folder ??= folder
  build.root ??= siteDir === undefined ? folder : resolve(siteDir)
  if (folder !== build.folder && settings.rewrite) {
    throw new LadingError('E_CONFIG', 'the build writes into several folders', {
      details: [build.folder, folder],
      why: 'Addresses are written for one of them.',
      hint: 'Give every output the same dir and tell them apart by entryFileNames, or build them one by one.',
    })
  }
  build.sitePath = siteFolder(build.root, build.folder)
  settings.syncOptions(build.root)
}

interface Entered {
  readonly settings: BuildSettings
  readonly siteDir: string | undefined
  readonly output: OutputPlace
}

type ToSitePath = (fileName: string) => SitePath

/** @throws E_CONFIG */
export function siteFolder(root: string, folder: string): ToSitePath {
  const below = relative(root, folder).replaceAll('\\', '/')
  if (below === '..' || below.startsWith('../')) {
    throw new LadingError('E_CONFIG', "the build writes outside of the site's folder", {
      subject: folder,
      why: `The site lies in ${root}, and every path is taken from there.`,
      hint: "Set siteDir to the folder that holds the pages and every output, such as siteDir: 'dist'.",
    })
  }
  return (fileName) => join(below, fileName).replaceAll('\\', '/')
}

/** Added to the chunk hash: some bytes that depend on the address are filled in only after a chunk is named. */
export function settingsDigest({ settings }: RollupBuild): string | undefined {
  return settings?.rewrite ? JSON.stringify(settings.addresses) : undefined
}

export interface Recorded {
  readonly sorted: SortedFiles
  readonly publicFiles: PublicFiles
}

export function recordFor(settings: BuildSettings, bundler: string, { sorted, publicFiles }: Recorded): BuildRecord {
  const { addresses, rewrite } = settings
  const files = new Map(sorted.files)
  for (const [path, key] of publicFiles.keys) files.set(path, { key, immutable: false })
  return {
    bundler,
    url: addresses?.url.href ?? '',
    cors: addresses?.cors ?? false,
    rewritten: rewrite,
    files,
    origin: sorted.origin,
    sent: new Set(),
    store: undefined,
  }
}
