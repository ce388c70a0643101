import { existsSync } from 'node:fs'
import type { SyncOptions } from '../config/interface.ts'
import type { Run } from '../line/run.ts'
import type { SiteFile } from '../site/file.ts'
import { hashFiles } from '../site/hash/hash.ts'
import { openHashCache } from '../site/hash/hash-cache.ts'
import { scan } from '../site/scan/scan.ts'
import { LadingError } from '../words/errors.ts'
import type { Key, PublicUrl, SitePath } from '../words/model.ts'

/** What a plugin wants named: a folder whose files the bundler copies as they are. */
export interface LayOutOptions
  extends Pick<
    SyncOptions,
    'root' | 'site' | 'base' | 'cors' | 'include' | 'exclude' | 'keep' | 'headers' | 'compress' | 'cacheDir'
  > {
  readonly url: PublicUrl
}

/** Names by path, as `sync` will give them. */
export interface NamedFolder {
  /** Every file of the folder, those included that stay at the site. */
  readonly files: readonly SitePath[]
  /** The key that pages are to name it by; `undefined` when it stays at the site. */
  keyOf(path: SitePath): Key | undefined
  /** Why it stays, when it could have moved. */
  keptReason(path: SitePath): string | undefined
  /** The page with every reference to one of the files rewritten. */
  rewritePage(path: SitePath, html: string): string
}

/**
 * Names the files of a folder as `sync` would, without a store. The same files and options give the same names, on
 * every machine. A folder that does not exist, or is empty, has no names.
 * @throws E_NAME_*, E_KEY_*, E_SYMLINK_ESCAPE, E_UNREADABLE
 */
export async function layOut(options: LayOutOptions, run: Run = {}): Promise<NamedFolder> {
  const { layOut: lay } = await import('../site/layout.ts')
  const found = tryScan(options, run.signal)
  const cache = openHashCache(options.cacheDir, options.root)
  const facts = await hashFiles(found, { cache, signal: run.signal })
  cache.save()
  const made = await lay({
    ...options,
    signal: run.signal,
    files: found,
    facts,
    build: undefined,
    taken: () => undefined,
    earlierUrls: [],
  })
  return {
    files: found.map(({ path }) => path),
    keyOf: (path) => made.moved.get(path)?.key,
    keptReason: (path) => made.kept.get(path),
    rewritePage: made.rewritePage,
  }
}

function tryScan(options: LayOutOptions, signal: AbortSignal | undefined): readonly SiteFile[] {
  const { root, include, exclude, cacheDir } = options
  if (!existsSync(root)) return []
  try {
    return scan({ root, include, exclude, cacheDir, strict: false, allowControl: false, signal }).files
  } catch (error) {
    if (error instanceof LadingError && error.code === 'E_ROOT_EMPTY') return []
    throw error
  }
}
