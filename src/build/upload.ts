import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SyncOptions } from '../config/interface.ts'
import { storeIdentity } from '../draft/build-check.ts'
import { type Draft, draft } from '../draft/draft.ts'
import { sentBytes, summarize } from '../draft/summary.ts'
import { LadingError } from '../errors.ts'
import type { Summary } from '../events.ts'
import type { Key } from '../model.ts'
import { BUILD_RECORD_PATH, type BuildRecord, encodeBuildRecord } from '../plan/build-record.ts'
import { ASSET_FOLDER } from '../plan/naming.ts'
import { isTransfer, type Transfer } from '../plan/plan.ts'
import type { Run } from '../run.ts'
import type { Store } from '../store/store.ts'
import { startUpload } from '../transfer/upload.ts'

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
  const made = await draft(options, { ...run, emit })
  const { store, survey } = made
  if (survey.build === undefined) throw noRecord(options.root)
  const assets = made.actions.filter(isTransfer).filter(({ object }) => !object.mutable)
  const transfers = await lookFirst(assets, store, run.signal)
  const { blobs } = made.state
  const { outcomes, assets: send } = startUpload(transfers, { ...options, store, blobs, emit, signal: run.signal })
  await send()
  const sent = new Set(made.desired.filter(({ mutable }) => !mutable).map(({ key }) => key))
  await writeBuildRecord(survey.root, { ...survey.build, sent, store: storeIdentity(options.target) })
  const arrived = transfers.filter(({ object }) => outcomes.get(object.key)?.sent).length
  return {
    ...summarize(withoutPages(made), { outcomes, release: undefined }),
    added: arrived,
    changed: 0,
    kept: sent.size - arrived,
    expired: 0,
    bytes: sentBytes(transfers, { outcomes }),
    published: false,
    ms: Math.round(performance.now() - started),
  }
}

/** Pages are the business of `sync`. */
function withoutPages(made: Draft): Draft {
  return { ...made, origin: undefined }
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
