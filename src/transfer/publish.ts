import type { ETag, Key } from '../model.ts'
import type { Manifest, ManifestRow } from '../plan/manifest.ts'
import type { Action } from '../plan/plan.ts'
import type { Pointer } from '../plan/pointer.ts'
import { contentDigest, type Release, type ReleaseContent, releaseId } from '../plan/release.ts'
import type { State } from './state.ts'
import type { Outcome } from './upload.ts'

export interface PublishInput {
  readonly state: State
  readonly channel: string
  readonly content: ReleaseContent
  readonly actions: readonly Action[]
  /** What the upload of each object came to. */
  readonly outcomes: ReadonlyMap<Key, Outcome>
  readonly manifest: Manifest | undefined
  readonly live: { readonly pointer: Pointer; readonly etag: ETag } | undefined
  readonly now: () => Date
  /** Writes the origin's pages; runs after everything they name is in the store, before the pointer moves. */
  readonly writePages: () => Promise<void>
}

/** Numbers tried when killed runs left manifests behind that no pointer names. */
const SPARE_NUMBERS = 1000

/**
 * Makes the uploaded state the live one: manifest, release record, pages on disk, pointer, in this order. Until the
 * pointer moves the old release is live; after it the new one is, whole.
 * @throws E_POINTER_MOVED when another run published meanwhile
 */
export async function publish(input: PublishInput): Promise<Release> {
  const { state, channel, content, live, now } = input
  const createdAt = now().toISOString()
  const rows = nextRows(input, createdAt)
  const first = (live?.pointer.seq ?? 0) + 1
  const { seq, written } = await writeManifest(state, first, rows)
  const digest = contentDigest(content)
  const release: Release = { ...content, id: releaseId(seq, digest), seq, channel, createdAt }
  await state.writeRelease(release)
  await input.writePages()
  const channels = new Map(live?.pointer.channels).set(channel, {
    release: release.id,
    seq,
    content: digest,
    url: content.url ?? null,
    mode: content.mode,
  })
  await state.movePointer({ seq, manifest: written, channels }, live?.etag)
  return release
}

async function writeManifest(
  state: State,
  first: number,
  rows: ReadonlyMap<Key, ManifestRow>,
): Promise<{ seq: number; written: Pointer['manifest'] }> {
  for (let seq = first; seq < first + SPARE_NUMBERS; seq++) {
    const written = await state.writeManifest({ seq, rows })
    if (written !== undefined) return { seq, written }
  }
  throw new Error(`no free manifest number from ${first}`)
}

/** The rows after this publish: what was there, what was done to it, and since when nobody names the rest. */
function nextRows({ manifest, actions, outcomes }: PublishInput, at: string): Map<Key, ManifestRow> {
  const rows = new Map(manifest?.rows)
  for (const action of actions) {
    if (action.op === 'expire') {
      rows.set(action.stored.key, { ...action.stored, unnamedSince: at })
      continue
    }
    const { key, body, headers, mutable } = action.object
    const etag = outcomes.get(key)?.etag ?? rows.get(key)?.etag
    rows.set(key, {
      key,
      sha256: body.sha256,
      size: body.size,
      headers,
      etag: mutable ? etag : undefined,
      unnamedSince: undefined,
    })
  }
  return rows
}
