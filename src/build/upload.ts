import { join } from 'node:path'
import type { SyncOptions } from '../config/interface.ts'
import { storeIdentity } from '../draft/build-check.ts'
import { type Draft, draft } from '../draft/draft.ts'
import { summarize } from '../draft/summary.ts'
import type { Run } from '../line/run.ts'
import { BUILD_RECORD_PATH } from '../plan/build-record.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { isTransfer, type Transfer } from '../plan/plan.ts'
import { openStore, readOnly } from '../providers.ts'
import type { Desired } from '../site/desired.ts'
import type { Store } from '../store/store.ts'
import { listInParts } from '../transfer/list-in-parts.ts'
import { startUpload } from '../transfer/upload.ts'
import { LadingError } from '../words/errors.ts'
import type { FileEvent, Summary } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import { writeBuildRecord } from './record.ts'

export interface UploadBuildOptions extends SyncOptions {
  /** Read the store, tell what would be sent, and change nothing. @default false */
  readonly dryRun?: boolean | undefined
}

/**
 * Sends the assets of a build that a plugin has recorded, and notes them as sent. Tells warnings, and a file event for
 * each asset: `add` for what is sent, `keep` for what was there. Pages are not published: that is
 * what `lading sync` is for, which then sends nothing twice.
 * @throws E_BUILD without a record; what `sync` throws
 */
export async function uploadBuild(options: UploadBuildOptions, run: Run = {}): Promise<Summary> {
  const emit = run.emit ?? (() => {})
  const started = performance.now()
  const dryRun = options.dryRun === true
  const open = run.openStore ?? openStore
  const made = await draft(options, { ...run, emit, openStore: dryRun ? readOnly(open) : open })
  const { store, survey } = made
  if (survey.build === undefined) throw noRecord(options.root)
  for (const warning of made.warnings) emit({ type: 'warning', ...warning })
  const assets = made.actions.filter(isTransfer).filter(({ object }) => !object.mutable)
  const transfers = await lookFirst(assets, store, run.signal)
  const named = made.desired.filter(({ mutable }) => !mutable)
  const sending = { ...options, store, blobs: made.state.blobs, emit, signal: run.signal }
  const { outcomes, assets: send } = startUpload(transfers, sending)
  if (!dryRun) {
    await send()
    const sent = new Set(named.map(({ key }) => key))
    await writeBuildRecord(survey.root, { ...survey.build, sent, store: storeIdentity(options.target) })
  }
  const arrived = dryRun
    ? transfers.filter(({ op }) => op === 'put')
    : transfers.filter(({ object }) => outcomes.get(object.key)?.sent)
  for (const event of assetEvents(named, arrived, !dryRun)) emit(event)
  return {
    ...summarize(withoutPages(made), dryRun ? undefined : { outcomes, release: undefined }),
    added: arrived.length,
    changed: 0,
    kept: named.length - arrived.length,
    expired: 0,
    bytes: arrived.reduce((sum, { object }) => sum + object.body.size, 0),
    published: false,
    ms: Math.round(performance.now() - started),
  }
}

function assetEvents(named: readonly Desired[], arrived: readonly Transfer[], done: boolean): FileEvent[] {
  const news = new Set(arrived.map(({ object }) => object.key))
  return named.map(({ key, path, body }) => {
    const [op, reason] = news.has(key) ? (['add', 'new'] as const) : (['keep', 'unchanged'] as const)
    return { type: 'file', op, key, path, bytes: body.size, reason, done }
  })
}

/** Without pages: those are left to `sync`. */
function withoutPages(made: Draft): Draft {
  return { ...made, origin: undefined }
}

/**
 * Builds may follow each other without a publish in between, so the manifest may not know what the last one sent. One
 * listing tells: what is already in the store is checked instead of being sent again.
 */
async function lookFirst(
  transfers: readonly Transfer[],
  store: Store,
  signal: AbortSignal | undefined,
): Promise<Transfer[]> {
  if (transfers.every(({ op }) => op !== 'put')) return [...transfers]
  const there = new Set<Key>()
  const expected = (): Iterable<Key> => transfers.map(({ object }) => object.key)
  for await (const page of listInParts(store, ASSET_FOLDER, { expected, signal })) {
    for (const { key } of page) there.add(key)
  }
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
    hint: 'Build with the plugin of your bundler first: lading/vite, webpack, rspack, rsbuild, rollup, rolldown or esbuild. For any other site use lading sync.',
  })
}
