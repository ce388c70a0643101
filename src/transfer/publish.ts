import { setImmediate } from 'node:timers/promises'
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
import type { Body, Key, SitePath } from '../words/model.ts'
import { beside } from './beside.ts'
import { foretell, hasComeTrue } from './foretold.ts'
import type { HeldDeploy } from './held-deploy.ts'
import { movePast } from './move-past.ts'
import { forEachBounded } from './pool.ts'
import { beginRecords, type Records } from './records.ts'
import { removePages } from './remove-pages.ts'
import type { Live, State } from './state.ts'
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
  /** The end of what is being replaced. */
  readonly underWay: Promise<void>
  /** The records, if they have been begun already. @default begun when nothing is under way any more */
  readonly begun: Promise<Records> | undefined
  /** What the store will answer to a write of these bytes. @default nothing is foretold */
  readonly etagOf: HeldDeploy['etagOf'] | undefined
  readonly manifest: Manifest | undefined
  readonly live: Live | undefined
  /** What the probe has found out, as the pointer is to say it. */
  readonly facts: StoreFindings | undefined
  /** What a CDN is still to be told, as the pointer is to say it. */
  readonly owed: Pointer['owed']
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
 * on disk, pointer, in this order; only the two records may be there earlier, since nothing names them yet. Until the
 * pointer moves the old release is live; after it the new one is, whole.
 * @returns `undefined` when the pointer was moved by somebody else
 * @throws E_LOCK_LOST; what `underWay` rejects with
 */
export async function publish(input: PublishInput): Promise<Published | undefined> {
  const { state, channel, content, live, held, underWay, begun } = input
  const { seq } = held
  const current = live?.pointer.channels.get(channel)
  const ahead = begun && recordAhead(input, begun)
  await beside(underWay, ahead ?? Promise.resolve())
  await removePages(input)
  await keepPages(input, current)
  const { manifest, release, rows } =
    (await ahead) ?? (await record(input, (await begun) ?? beginRecords({ ...input, seq, underWay: [] })))
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
  const { facts, owed } = input
  const pointer: Pointer = { ...NO_POINTER, seq, manifest, facts, channels, ended, owed }
  const moved = await movePast(state, { next: pointer, live, guard: held.guard }).catch(async (error: unknown) => {
    // the answer may be all that was lost: what is published is not given up
    if (await hasMoved(state, release, channel)) held.settle()
    throw error
  })
  return moved && { release, pointer: moved, rows }
}

/** How long a failed run asks whether it has published nevertheless, in milliseconds. */
const ASK_MS = 1500

async function hasMoved(state: State, release: Release, channel: string): Promise<boolean> {
  const live = await state.readPointer(AbortSignal.timeout(ASK_MS)).catch(() => undefined)
  return live?.pointer.channels.get(channel)?.release === release.id
}

interface Recorded {
  readonly manifest: NonNullable<Pointer['manifest']>
  readonly release: Release
  readonly rows: ReadonlyMap<Key, ManifestRow>
}

/** What differs where the records are written before all has arrived. */
interface Ahead {
  readonly outcomes?: ReadonlyMap<Key, Outcome> | undefined
  readonly signal?: AbortSignal
}

/** Neither record counts until the pointer names the manifest, and its channel the release. */
async function record(
  { state, held, channel, live, content, restores, now }: PublishInput,
  records: Records,
  { outcomes, signal = held.signal }: Ahead = {},
): Promise<Recorded> {
  const { seq } = held
  const createdAt = now().toISOString()
  const { rows, manifest: encoded } = records.finish(createdAt, outcomes)
  const previous = live?.pointer.channels.get(channel)?.release ?? live?.pointer.ended.get(channel)?.release
  const origin: ReleaseOrigin = { seq, channel, previous, restores }
  const release: Release = { ...content, ...origin, id: releaseId(origin, content), createdAt }
  const manifest = await beside(
    state.writeManifest({ seq, rows }, { bytes: encoded, signal }),
    state.writeRelease(release, { bytes: encodeRelease(release, records.content), signal }),
  )
  return { manifest, release, rows }
}

/**
 * Records beside the last objects what will be true when they have arrived, where that can be foretold: one round trip
 * less.
 * @returns `undefined` where it cannot, has not come true, or was not recorded
 */
async function recordAhead(input: PublishInput, begun: Promise<Records>): Promise<Recorded | undefined> {
  const { actions, held, underWay, outcomes, etagOf } = input
  const failed = new AbortController()
  underWay.catch((reason: unknown) => failed.abort(reason)) // a failed run waits for no record
  const signal = AbortSignal.any([held.signal, failed.signal])
  const records = await begun
  await setImmediate() // by then the first requests have left
  // a file that cannot be read now is the upload's business
  const foretold = etagOf && (await foretell(actions, records.underWay, etagOf).catch(() => undefined))
  const recorded = foretold && (await record(input, records, { outcomes: foretold, signal }).catch(() => undefined))
  await underWay
  return foretold && hasComeTrue(foretold, outcomes) ? recorded : undefined
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

/** Up to this many contents are checked one by one; a listing returns all that were ever kept. */
const FEW = 8
