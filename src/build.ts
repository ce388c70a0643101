import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SyncOptions } from './config/interface.ts'
import { storeIdentity } from './draft/build-check.ts'
import { draft } from './draft/draft.ts'
import { EXIT, LadingError } from './errors.ts'
import type { Summary } from './events.ts'
import type { Key, PublicUrl, SitePath } from './model.ts'
import { BUILD_RECORD_PATH, type BuildRecord, encodeBuildRecord } from './plan/build-record.ts'
import { ASSET_FOLDER } from './plan/naming.ts'
import type { Run } from './run.ts'
import { hashFiles } from './site/hash.ts'
import { openHashCache } from './site/hash-cache.ts'
import { scan } from './site/scan.ts'
import type { Store } from './store/store.ts'
import { type Transfer, upload } from './transfer/upload.ts'

/** What a plugin wants named: a folder whose files the bundler copies as they are. */
export interface LayOutOptions
  extends Pick<SyncOptions, 'root' | 'site' | 'base' | 'cors' | 'keep' | 'headers' | 'cacheDir'> {
  readonly url: PublicUrl
}

/** Names by path, as `sync` will give them. */
export interface NamedFolder {
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
  const { layOut: lay } = await import('./site/layout.ts')
  const found = tryScan(options.root, run.signal)
  const cache = openHashCache(options.cacheDir, options.root)
  const facts = await hashFiles(found, { cache, signal: run.signal })
  cache.save()
  const made = lay({ ...options, files: found, facts, build: undefined, taken: () => undefined, earlierUrls: [] })
  return {
    files: found.map(({ path }) => path),
    keyOf: (path) => made.moved.get(path)?.key,
    keptReason: (path) => made.kept.get(path),
    rewritePage: made.rewritePage,
  }
}

function tryScan(root: string, signal: AbortSignal | undefined): ReturnType<typeof scan>['files'] {
  if (!existsSync(root)) return []
  try {
    return scan({ root, include: [], exclude: [], strict: false, allowControl: false, signal }).files
  } catch (error) {
    if (error instanceof LadingError && error.code === 'E_ROOT_EMPTY') return []
    throw error
  }
}

/** Writes the record of a build below its output, as a whole. */
export async function writeBuildRecord(outDir: string, record: BuildRecord): Promise<void> {
  if (outDir === '') throw new Error('the output folder of the build is not known')
  const file = join(outDir, BUILD_RECORD_PATH)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, encodeBuildRecord(record))
  renameSync(`${file}.new`, file)
}

/**
 * Sends the assets of a build that a plugin has recorded, and notes them as sent. Pages are not published: that is
 * what `lading sync` is for, which then sends nothing twice.
 * @throws E_BUILD without a record; what `sync` throws
 */
export async function uploadBuild(options: SyncOptions, run: Run = {}): Promise<Summary> {
  const emit = run.emit ?? (() => {})
  const started = performance.now()
  const plan = await draft(options, run, emit)
  const { build } = plan.survey
  if (build === undefined) throw noRecord(options.root)
  const planned = plan.actions.filter(
    (action) => action.op === 'put' || action.op === 'confirm' || action.op === 'reheader',
  )
  const assets = await lookFirst(
    planned.filter(({ object }) => !object.mutable),
    plan.store,
    run.signal,
  )
  const outcomes = await upload(assets, {
    store: plan.store,
    concurrency: options.concurrency,
    emit,
    signal: run.signal,
  })
  const all = plan.desired.filter(({ mutable }) => !mutable).map(({ key }) => key)
  await writeBuildRecord(plan.survey.root, { ...build, sent: new Set(all), store: storeIdentity(options.target) })
  const sent = assets.filter(({ object }) => outcomes.get(object.key)?.sent)
  return {
    ok: true,
    exit: EXIT.ok,
    mode: options.delivery.mode,
    dryRun: false,
    added: sent.length,
    changed: 0,
    reheadered: assets.filter(({ op }) => op === 'reheader').length,
    kept: all.length - sent.length,
    expired: 0,
    bytes: sent.reduce((sum, { object }) => sum + object.body.size, 0),
    pages: { written: 0, unchanged: 0, removed: 0 },
    published: false,
    references: { moved: 0, kept: 0, missing: 0 },
    notUploaded: plan.survey.skipped.length,
    warnings: plan.warnings.length,
    ms: Math.round(performance.now() - started),
  }
}

/**
 * Builds follow each other without a publish in between, so the manifest may not know what the last one sent. One
 * listing tells; what it has is looked at instead of being sent again.
 */
async function lookFirst(
  transfers: readonly Transfer[],
  store: Store,
  signal: AbortSignal | undefined,
): Promise<Transfer[]> {
  if (transfers.every(({ op }) => op !== 'put')) return [...transfers]
  const there = new Set<Key>()
  for await (const page of store.list(ASSET_FOLDER, { signal })) for (const { key } of page) there.add(key)
  return transfers.map((transfer) =>
    transfer.op === 'put' && there.has(transfer.object.key)
      ? { op: 'confirm', object: transfer.object, reason: 'sent by the build' }
      : transfer,
  )
}

function noRecord(root: string): LadingError {
  return new LadingError('E_BUILD', 'There is no record of a build in this folder', {
    subject: join(root, BUILD_RECORD_PATH),
    why: 'The plugin writes it at the end of a build that succeeded.',
    hint: 'Build with lading/vite or lading/webpack first; for any other site use lading sync.',
  })
}
