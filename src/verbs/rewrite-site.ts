import type { RewriteOptions } from '../config/rewrite.ts'
import { originPlan } from '../draft/draft.ts'
import { layOutSite } from '../draft/lay-out.ts'
import { represent } from '../draft/represent.ts'
import { stopwatch } from '../draft/stopwatch.ts'
import { referenceEvents, rewrittenEvents } from '../draft/summary.ts'
import { createTally, keptFor, type ReferenceTally } from '../draft/tally.ts'
import { draftWarnings, refuseStrict } from '../draft/warnings.ts'
import type { Run } from '../line/run.ts'
import { type AssetList, encodeAssetList, integrityText, type ListedAsset } from '../plan/asset-list.ts'
import { urlOfKey } from '../rewrite/url.ts'
import { createCompressor } from '../site/compress/compressor.ts'
import { type Desired, desiredObjects } from '../site/desired.ts'
import { type Survey, survey } from '../site/survey.ts'
import {
  type AssetPlans,
  type AssetsFolder,
  inUse,
  planAssets,
  readAssetsFolder,
  refuseAssetsAsOrigin,
} from '../transfer/assets-folder.ts'
import { bytesBody } from '../transfer/bytes-body.ts'
import { type OriginPlan, writeOrigin } from '../transfer/origin.ts'
import { EXIT } from '../words/errors.ts'
import type { Emit, FileEvent, Summary, Warning } from '../words/events.ts'
import type { Key } from '../words/model.ts'

/** The result of a rewrite in numbers; `added`, `kept` and `removed` count assets, `bytes` those written. */
export type Rewritten = Pick<
  Summary,
  | ('ok' | 'exit' | 'mode' | 'dryRun' | 'added' | 'kept' | 'removed' | 'bytes')
  | ('pages' | 'references' | 'notUploaded' | 'warnings' | 'ms')
> & {
  /** One of the addresses that the pages name; absent when nothing moved. */
  readonly example: string | undefined
}

/**
 * scan -> hash -> assets -> pages, without a store: the hashed copies go into a folder, with a list of what to upload
 * under which key and headers; the pages name them at `url`. For whoever uploads by other means.
 *
 * Assets are written first, then their list, then the pages; copies that no page names any more are removed last, if
 * asked for. Whatever stops the run before a page is written leaves all pages as they were.
 * @throws E_OUT when a folder holds what is not ours, E_WRITE, E_REF_UNKNOWN_KEY, and what {@link survey} throws
 */
export async function rewriteSite(options: RewriteOptions, run: Run = {}): Promise<Rewritten> {
  const emit = run.emit ?? (() => {})
  const started = performance.now()
  const made = await draftRewrite(options, { ...run, emit })
  for (const event of referenceEvents(made.references)) emit(event)
  for (const warning of made.warnings) emit({ type: 'warning', ...warning })
  if (!options.dryRun) await write(made, options, run.signal)
  for (const event of eventsOf(made, options)) emit(event)
  return { ...summaryOf(made, options), ms: Math.round(performance.now() - started) }
}

interface RewriteDraft {
  readonly survey: Survey
  readonly objects: readonly Desired[]
  readonly assets: AssetPlans
  readonly origin: OriginPlan
  readonly references: ReferenceTally
  readonly warnings: readonly Warning[]
  readonly example: string | undefined
}

async function draftRewrite(options: RewriteOptions, run: Run & { readonly emit: Emit }): Promise<RewriteDraft> {
  const { signal } = run
  const folder = readAssetsFolder(options.assets)
  const found = await survey(options, { signal, env: run.env, onPhase: stopwatch(run.emit) })
  const references = createTally(keptFor(run))
  const layout = await layOutSite({ options, known: folder, survey: found, references, signal })
  const objects = await represent(desiredObjects({ survey: found, layout, ...options }), {
    compressor: createCompressor(options),
    rows: undefined,
    doubts: false,
    fetch: async () => undefined,
    signal,
  })
  const { problems } = references
  const warnings = [
    ...found.warnings,
    ...(layout?.warnings ?? []),
    ...draftWarnings({
      options,
      survey: found,
      layout,
      problems,
      long: [],
      repair: undefined,
      env: run.env ?? process.env,
    }),
  ]
  refuseStrict(options, warnings)
  const origin = originPlan(options, found, layout)
  if (origin === undefined) throw new Error('pages of a rewrite lie on disk')
  refuseAssetsAsOrigin(origin)
  const isInUse = inUse(layout?.named ?? new Set())
  const list = listOf(objects, options, { folder, isInUse })
  const assets = planAssets(options.assets, { assets: objects, list: bytesBody(encodeAssetList(list)), isInUse })
  return { survey: found, objects, assets, origin, references, warnings, example: list.assets[0]?.url }
}

interface Before {
  readonly folder: AssetsFolder
  /** Whether a copy of an earlier run is in use, although its file is gone. */
  readonly isInUse: (key: Key) => boolean
}

function listOf(
  objects: readonly Desired[],
  { delivery: { url } }: RewriteOptions,
  { folder, isInUse }: Before,
): AssetList {
  const made = objects.map(({ path, key, body, headers }): ListedAsset => {
    const isAsItWas = headers['content-encoding'] === undefined
    const unpacked = isAsItWas ? body.sha256 : body.unpacked
    const integrity = unpacked === undefined ? undefined : integrityText(unpacked)
    return { path, key, url: urlOfKey(url, key), sha256: body.sha256, integrity, size: body.size, headers }
  })
  const keys = new Set(made.map(({ key }) => key))
  const stay = folder.listed
    .filter(({ key }) => isInUse(key) && !keys.has(key))
    .map((asset) => ({ ...asset, url: urlOfKey(url, asset.key) }))
  const earlier = [...new Set(folder.urls)].filter((href) => href !== url.href)
  return { url: url.href, earlier, assets: [...made, ...stay] }
}

async function write(
  { assets, origin }: RewriteDraft,
  { delivery, clean }: RewriteOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  await writeOrigin(assets.add, true, signal)
  await writeOrigin(origin, delivery.pages === 'out', signal)
  if (clean) await writeOrigin(assets.clean, true, signal)
}

/** One event for every asset, and for every page and edited file that is written. */
function eventsOf({ objects, assets, origin }: RewriteDraft, { clean, dryRun }: RewriteOptions): FileEvent[] {
  const done = !dryRun
  const written = new Set(assets.add.write.map(({ path }) => path))
  const files = objects.map(({ key, path, body }): FileEvent => {
    const isNew = written.has(key)
    const reason = isNew ? 'new' : 'same'
    return { type: 'file', op: isNew ? 'add' : 'keep', key, path, bytes: body.size, reason, done }
  })
  const gone = (clean ? assets.clean.remove : []).map(({ path }): FileEvent => {
    return { type: 'file', op: 'remove', key: path, bytes: 0, reason: 'no page of this run names it', done }
  })
  return [...files, ...rewrittenEvents(origin.write, done), ...gone]
}

function summaryOf(made: RewriteDraft, { clean, dryRun }: RewriteOptions): Omit<Rewritten, 'ms'> {
  const { objects, assets, origin, references, example } = made
  const { moved, kept, missing } = references.counts
  const written = new Set(assets.add.write.map(({ path }) => path))
  const added = objects.filter(({ key }) => written.has(key))
  const pages = (list: readonly { readonly isPage: boolean }[]): number => list.filter(({ isPage }) => isPage).length
  return {
    ok: true,
    exit: EXIT.ok,
    mode: 'offload',
    dryRun,
    added: added.length,
    kept: objects.length - added.length,
    removed: clean ? assets.clean.remove.length : 0,
    bytes: added.reduce((sum, { body }) => sum + body.size, 0),
    pages: { written: pages(origin.write), unchanged: pages(origin.unchanged), removed: pages(origin.remove) },
    references: { moved, kept, missing },
    notUploaded: made.survey.skipped.length,
    warnings: made.warnings.length,
    example,
  }
}
