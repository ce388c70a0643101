import { setImmediate } from 'node:timers/promises'
import type { Body, ETag, Key, SitePath } from '../model.ts'
import type { Manifest, ManifestRow } from '../plan/manifest.ts'
import type { Order } from '../plan/order.ts'
import type { Action } from '../plan/plan.ts'
import { type LiveRelease, NO_POINTER, type Pointer, type StoreFindings } from '../plan/pointer.ts'
import {
  contentDigest,
  encodeRelease,
  type Release,
  type ReleaseContent,
  type ReleaseOrigin,
  releaseId,
} from '../plan/release.ts'
import type { Store } from '../store/store.ts'
import { beside } from './beside.ts'
import type { HeldDeploy } from './held-deploy.ts'
import { forEachBounded } from './pool.ts'
import { beginRecords, type Records } from './records.ts'
import { removePages } from './remove-pages.ts'
import type { State } from './state.ts'
import type { Outcome } from './upload.ts'

export interface PublishInput {
  readonly store: Store
  readonly state: State
  readonly held: HeldDeploy
  readonly channel: string
  readonly order: Order | undefined
  readonly concurrency: number
  readonly content: ReleaseContent
  readonly actions: readonly Action[]
  /** What the upload of each object came to; of those that are under way, when that has ended. */
  readonly outcomes: ReadonlyMap<Key, Outcome>
  /** What is being replaced, and the end of that. */
  readonly underWay: { readonly keys: readonly Key[]; readonly end: Promise<void> }
  readonly manifest: Manifest | undefined
  readonly live: { readonly pointer: Pointer; readonly etag: ETag } | undefined
  /** What the probe has found out, as the pointer is to say it. */
  readonly facts: StoreFindings | undefined
  /** The release that this one puts back. */
  readonly restores: string | undefined
  /** Bytes of the pages that the origin serves, kept so that they can be put back. */
  readonly pageBodies: ReadonlyMap<SitePath, Body>
  readonly now: () => Date
  /** Writes the origin's pages; runs after everything they name is in the store, before the pointer moves. */
  readonly writePages: () => Promise<void>
}

export interface Published {
  readonly release: Release
  /** As it is now. */
  readonly pointer: Pointer
  readonly rows: ReadonlyMap<Key, ManifestRow>
}

/**
 * Makes the uploaded state the live one: pages that are gone, contents of pages, manifest and release record, pages
 * on disk, pointer, in this order. Until the pointer moves the old release is live; after it the new one is, whole.
 * Begins to pack the records while the last objects are under way.
 * @returns `undefined` when the pointer was moved by somebody else
 * @throws E_LOCK_LOST; what `underWay.end` rejects with
 */
export async function publish(input: PublishInput): Promise<Published | undefined> {
  const { state, channel, content, live, now, held, underWay } = input
  const { seq } = held
  const current = live?.pointer.channels.get(channel)
  const begin = (keys: readonly Key[]): Records => beginRecords({ ...input, seq, underWay: new Set(keys) })
  const isFew = underWay.keys.length <= FEW_UNDER_WAY
  // a turn later: by then the first requests have left
  const begun = isFew ? setImmediate().then(() => begin(underWay.keys)) : Promise.resolve(undefined)
  await beside(underWay.end, begun)
  const records = (await begun) ?? begin([])
  const createdAt = now().toISOString()
  await removePages(input)
  await keepPages(input, current)
  const { rows, manifest: encoded } = records.finish(createdAt)
  const previous = current?.release ?? live?.pointer.ended.get(channel)?.release
  const origin: ReleaseOrigin = { seq, channel, previous, restores: input.restores }
  const release: Release = { ...content, ...origin, id: releaseId(origin, content), createdAt }
  // Neither counts until the pointer names the manifest, and its channel the release.
  const manifest = await beside(
    state.writeManifest({ seq, rows }, encoded),
    state.writeRelease(release, encodeRelease(release, records.content)),
  )
  held.guard()
  await input.writePages()
  const channels = new Map(live?.pointer.channels).set(channel, {
    release: release.id,
    seq,
    content: contentDigest(content),
    url: content.url ?? null,
    mode: content.mode,
    // a rollback has none and keeps the current one, so that runs older than what it rolled back are refused
    order: input.order ?? current?.order,
  })
  const ended = new Map(live?.pointer.ended)
  ended.delete(channel)
  const pointer: Pointer = { ...NO_POINTER, seq, manifest, facts: input.facts, channels, ended }
  const moved = await state.movePointer(pointer, live?.etag, held.guard)
  return moved === undefined ? undefined : { release, pointer, rows }
}

/**
 * Keeps contents of pages that are not kept yet. The previous release names those that are; the others may be left from
 * an earlier release or an unfinished run, which is checked one by one, or by one listing where they are many.
 */
async function keepPages(
  { state, content, pageBodies, concurrency, held }: PublishInput,
  current: LiveRelease | undefined,
): Promise<void> {
  if (content.mode !== 'offload' || pageBodies.size === 0) return
  const before = current?.mode === 'offload' ? await state.readRelease(current.release) : undefined
  const bodies = new Map([...pageBodies.values()].map((body) => [body.sha256, body]))
  for (const digest of before?.pages.values() ?? []) bodies.delete(digest)
  if (bodies.size === 0) return
  const isFew = before !== undefined && bodies.size <= FEW
  if (!isFew) for (const digest of await state.blobs.list()) bodies.delete(digest)
  const weigh = ({ size }: Body): number => size
  const { guard, signal } = held
  await forEachBounded([...bodies.values()], { concurrency, weigh, signal }, async (body) => {
    if (!isFew || (await state.blobs.find(body.sha256)) === undefined) await state.blobs.put(body, { guard, signal })
  })
}

/** With more than these the records are begun at the end: there is less to gain, and memory is wanted for the upload. */
const FEW_UNDER_WAY = 1000

/** Up to this many contents are checked one by one; a listing returns all that were ever kept. */
const FEW = 8
