import { readFileSync } from 'node:fs'
import type { SyncOptions } from '../config/interface.ts'
import type { BuildRecord } from '../plan/build-record.ts'
import { neverFolderRule } from '../rewrite/keep.ts'
import type { Warning } from '../words/events.ts'
import type { SitePath } from '../words/model.ts'
import { readBuild } from './build.ts'
import type { FileFacts, SiteFile, SkippedFile } from './file.ts'
import { withoutServers } from './for-servers.ts'
import { copiesAll, guardedFiles, refuseSecretContents, refuseSecretFiles, traceWarnings } from './guard.ts'
import { hashFiles } from './hash/hash.ts'
import { openHashCache } from './hash/hash-cache.ts'
import { exclusion } from './scan/ignore-file.ts'
import { refuseProject } from './scan/root.ts'
import { scanInTurns } from './scan/scan.ts'
import type { SeenFolders } from './scan/seen-folder.ts'
import { unusedGlobs } from './scan/unused-globs.ts'
import { deployCredentials } from './secrets/deploy-credentials.ts'
import { unnamedDumps } from './secrets/unnamed-dumps.ts'
import { typeWarnings } from './type-warnings.ts'
import { markVariants } from './variants.ts'

/** What lies on the disk: every file with its facts, and what is left out. */
export interface Survey {
  /** Absolute, links resolved. */
  readonly root: string
  readonly files: readonly SiteFile[]
  readonly facts: ReadonlyMap<SitePath, FileFacts>
  readonly skipped: readonly SkippedFile[]
  readonly build: BuildRecord | undefined
  readonly warnings: readonly Warning[]
}

export interface SurveyHooks {
  /** Where this run's own credentials stand, which must be in no file. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  readonly signal?: AbortSignal | undefined
  /** Folders listed a moment ago, which are not read again. @default nothing */
  readonly seen?: SeenFolders | undefined
  /** Called when what the names of files tell stands in the way of nothing: reading them all comes next, and takes time. */
  readonly onNamed?: (() => void) | undefined
  readonly onPhase?: ((phase: 'scan' | 'hash', files: number, bytes: number) => void) | undefined
}

type SurveyOptions = Pick<
  SyncOptions,
  | ('root' | 'delivery' | 'include' | 'exclude' | 'keep' | 'allow')
  | ('strict' | 'allowControl' | 'cacheDir' | 'maxFileBytes')
>

/**
 * scan -> hash. Reads each file that the cache does not know once. Stops at what must not become public.
 * @throws E_ROOT_*, E_WRONG_ROOT, E_NAME_*, E_KEY_*, E_SYMLINK_ESCAPE, E_UNREADABLE, E_SOURCE_CHANGED, E_BUILD
 * @throws E_SECRET_FILE, E_SECRET_CONTENT, E_SOURCEMAP_INLINE
 */
export async function survey(
  options: SurveyOptions,
  { signal, env = process.env, seen, onNamed, onPhase }: SurveyHooks = {},
): Promise<Survey> {
  const all = await scanInTurns({ ...options, signal, seen })
  const build = await readBuild(all)
  const found = await withoutServers(all, build)
  const bytes = found.files.reduce((sum, { size }) => sum + size, 0)
  onPhase?.('scan', found.files.length, bytes)
  refuseProject({
    root: options.root,
    names: found.names,
    isLeftOut: leftOut(options, found.root),
    refersInto: (folder) => pagesReferInto(found.files, folder),
  })
  const guarded = guardedFiles(found.files, options.delivery)
  refuseSecretFiles([...found.secrets, ...unnamedDumps(guarded, options.allow)])
  onNamed?.()
  const credentials = deployCredentials(env)
  const cache = openHashCache(options.cacheDir, found.root, credentials)
  const hashed = await hashFiles(found.files, { cache, credentials, signal })
  const facts = await markVariants({ files: found.files, facts: hashed, cacheDir: options.cacheDir, signal })
  onPhase?.('hash', found.files.length, bytes)
  const warnings = [
    ...found.warnings,
    ...skippedWarnings(found.skipped),
    ...unusedGlobs(found, options),
    ...typeWarnings(found.files, facts, options),
    ...traceWarnings(guarded, facts),
  ]
  const isSaved = cache.save()
  refuseSecretContents({ files: guarded, facts, allow: options.allow })
  if (!isSaved) {
    warnings.push({
      code: 'W_CACHE',
      message: 'hashes could not be kept for the next run, which reads every file again',
      items: [options.cacheDir],
      fix: 'make room there and let it be written, or name another folder with `cacheDir` (LADING_CACHE_DIR)',
    })
  }
  return {
    root: found.root,
    files: found.files,
    facts,
    skipped: found.skipped,
    build,
    warnings,
  }
}

/** A new origin gets a copy of what is excluded too, except of what never leaves the machine. */
function leftOut(options: SurveyOptions, root: string): (name: string) => boolean {
  const isExcluded = exclusion(root, options)
  const mayBeCopied = (name: string): boolean => copiesAll(options.delivery) && neverFolderRule(name) === undefined
  return (name) => (isExcluded(name) || isExcluded(`${name}/any`)) && !mayBeCopied(name)
}

/** A quick look, not a parse: whether a page at the root's top level names something in this folder. */
function pagesReferInto(files: readonly SiteFile[], folder: string): boolean {
  const names = new RegExp(`["'=(\\s](?:\\./|/)?${folder}/`)
  return files
    .filter(({ path }) => /^[^/]+\.html?$/i.test(path))
    .some(({ disk }) => names.test(readFileSync(disk, 'latin1')))
}

function skippedWarnings(skipped: readonly SkippedFile[]): Warning[] {
  const maps = skipped.filter(({ rule }) => rule === SOURCE_MAP_RULE).map(({ path }) => path)
  const others = skipped
    .filter(({ rule }) => rule !== SOURCE_MAP_RULE && rule !== 'litter')
    .map(({ path, rule }) => `${path} (${rule})`)
  const warnings: Warning[] = []
  if (maps.length > 0) {
    warnings.push({
      code: 'W_SOURCEMAP_SKIPPED',
      message: 'source maps are not uploaded: they hold your sources',
      items: maps,
    })
  }
  if (others.length > 0) {
    warnings.push({ code: 'W_NOT_UPLOADED', message: 'never uploaded, whatever the configuration', items: others })
  }
  return warnings
}

const SOURCE_MAP_RULE = 'source map'
