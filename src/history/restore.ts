import type { HistoryOptions } from '../config/history.ts'
import type { Change } from '../draft/change.ts'
import { checkChannel } from '../draft/channel.ts'
import { namedElsewhere } from '../draft/decide.ts'
import { type Opened, readForChange, type Stores } from '../draft/opened.ts'
import { meetUnsettled } from '../draft/unsettled.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { checkMaxDelete } from '../plan/max-delete.ts'
import { type DesiredObject, plan } from '../plan/plan.ts'
import { contentDigest, type Release } from '../plan/release.ts'
import { isPage, isWebManifest } from '../rewrite/keep.ts'
import { storedBody } from '../transfer/blobs.ts'
import { planRestore } from '../transfer/origin.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { LadingError } from '../words/errors.ts'
import type { Body, Digest, Key, SitePath } from '../words/model.ts'

export interface RestoreInput {
  readonly stores: Stores
  readonly options: HistoryOptions
  readonly target: Release
  readonly signal: AbortSignal | undefined
}

/**
 * What has to change so that a release is live again. Everything that it needs is looked for before anything is
 * changed. Own paths may have become another channel's since, also while this run was at work.
 * @throws E_ROLLBACK, E_CHANNEL
 */
export async function restore({ stores, options, target, signal }: RestoreInput): Promise<Change> {
  const { concurrency, channel, maxDelete } = options
  const opened = await meetUnsettled(await readForChange(stores), { concurrency, signal })
  checkChannel(opened.live?.pointer, { ...options, delivery: target, hint: OWN_PREFIX })
  const search: Search = { opened, target, concurrency, signal, missing: [] }
  const hashed = await hashedObjects(search)
  const own = await ownObjects(search)
  const pageBodies = await pagesOf(search)
  refuseIncomplete(search)
  const { manifest, live } = opened
  const elsewhere = await namedElsewhere(live?.pointer, options, opened.state)
  const actions = plan({
    desired: [...hashed, ...own],
    manifest,
    sent: new Map(),
    namedElsewhere: new Set([...elsewhere, ...target.lingering]),
    hasPages: target.mode !== 'offload',
  })
  const gone = actions.flatMap((action) => (action.op === 'remove' ? [action.stored.key] : []))
  checkMaxDelete(gone, manifest?.rows.size ?? 0, maxDelete)
  const { pages } = options
  return {
    ...opened,
    actions,
    content: target,
    isLive: () => live?.pointer.channels.get(channel)?.content === contentDigest(target),
    restores: target.id,
    origin: pages && target.mode === 'offload' ? planRestore(pages, pageBodies) : undefined,
    isOut: pages?.isOut ?? false,
    // their contents are kept already: they were read from there
    pageBodies: new Map(),
  }
}

const OWN_PREFIX = 'Deploy that state from its sources, to a prefix of its own.'

interface Search {
  readonly opened: Opened
  readonly target: Release
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  /** What is no longer there. */
  readonly missing: string[]
}

/** Hashed names that the manifest lists are unchanged; those that no live release names are checked for existence. */
async function hashedObjects({ opened, target, concurrency, signal, missing }: Search): Promise<DesiredObject[]> {
  const objects: DesiredObject[] = []
  const paths = new Map([...target.paths].map(([path, key]) => [key, path]))
  for (const key of target.lingering) paths.set(key, paths.get(key) ?? key)
  await forEachBounded([...paths], { concurrency, weigh: () => 0, signal }, async ([key, path]) => {
    const row = opened.manifest?.rows.get(key)
    if (row === undefined || !(await isThere(row, opened, signal))) {
      missing.push(key)
      return
    }
    const body = storedBody(opened.store, row, signal)
    objects.push({
      key,
      path,
      fileClass: 'asset',
      mutable: false,
      headers: target.assetHeaders?.get(key) ?? row.headers,
      body,
    })
  })
  return objects.sort(byKey)
}

/** What a live release names is assumed to exist, as in a deploy; the rest may have been cleaned up by somebody. */
async function isThere(row: ManifestRow, { store }: Opened, signal: AbortSignal | undefined): Promise<boolean> {
  return row.unnamedSince === undefined || (await store.head(row.key, { signal })) !== undefined
}

/** Files at their own paths: what lies there, or what was kept when it was overwritten. */
async function ownObjects({ opened, target, concurrency, signal, missing }: Search): Promise<DesiredObject[]> {
  const objects: DesiredObject[] = []
  const ownBody = async (key: Key, sha256: Digest): Promise<Body | undefined> => {
    const row = opened.manifest?.rows.get(key)
    if (row?.sha256 !== sha256) return opened.state.blobs.find(sha256)
    return (await isThere(row, opened, signal)) ? storedBody(opened.store, row, signal) : undefined
  }
  await forEachBounded(
    [...target.stored],
    { concurrency, weigh: () => 0, signal },
    async ([key, { sha256, headers }]) => {
      const body = await ownBody(key, sha256)
      if (body === undefined) missing.push(key)
      else objects.push({ key, path: key, fileClass: classOf(key), mutable: true, headers, body })
    },
  )
  return objects.sort(byKey)
}

/** Requests finish in any order; results are sorted. */
const byKey = (a: DesiredObject, b: DesiredObject): number => (a.key < b.key ? -1 : 1)

function classOf(key: Key): DesiredObject['fileClass'] {
  if (isPage(key)) return 'page'
  return isWebManifest(key) ? 'manifest' : 'other'
}

async function pagesOf({ opened, target, concurrency, signal, missing }: Search): Promise<Map<SitePath, Body>> {
  const bodies = new Map<SitePath, Body>()
  await forEachBounded(
    [...target.pages],
    { concurrency, weigh: () => 0, signal },
    async ([path, sha256]: [string, Digest]) => {
      const body = await opened.state.blobs.find(sha256)
      if (body === undefined) missing.push(path)
      else bodies.set(path, body)
    },
  )
  return bodies
}

/** @throws E_ROLLBACK */
function refuseIncomplete({ opened, target, missing }: Search): void {
  if (missing.length === 0) return
  throw new LadingError('E_ROLLBACK', `Release ${target.id} can no longer be put back whole`, {
    subject: opened.state.label,
    details: [...missing].sort(),
    why: 'These files are gone from the store: pruned, removed, or older than the keeping of contents. Nothing was changed.',
    hint: 'Build and deploy that state from its sources, or put a newer release back: `lading releases` lists them.',
  })
}
