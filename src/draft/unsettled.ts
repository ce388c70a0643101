import type { Run } from '../line/run.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { ASSET_FOLDER, isAtOwnPath, unhashedPath } from '../plan/naming.ts'
import { isTrace } from '../plan/trace.ts'
import type { Store } from '../store/store.ts'
import type { FoundDeploy } from '../transfer/deploy-records.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { listInParts } from '../transfer/list-in-parts.ts'
import { describeDeploy } from '../transfer/locked.ts'
import { forEachBounded } from '../transfer/pool.ts'
import type { Emit } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import { type Known, nextSeq, type Opened } from './opened.ts'

/** How long a run may be sending before others think that it has died, in milliseconds. */
const UPLOAD_MS = 10 * 60_000

interface Look {
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/**
 * A run that wrote at own paths and did not publish has left them in a state that no manifest knows. Its deploy names
 * them; each is checked, and the manifest corrected, before anything is planned.
 * @param next that deploy, where it has just been asked for
 */
export async function meetUnsettled(opened: Opened, look: Look, next?: Known['next']): Promise<Opened> {
  const unsettled = next === undefined ? await readNext(opened) : next.found
  return unsettled === undefined ? opened : lookAtKeys({ ...opened, unsettled }, unsettled.deploy.keys, look)
}

function readNext(opened: Opened): Promise<FoundDeploy | undefined> {
  const { deploys } = opened.state
  return opened.repair === undefined ? deploys.read(nextSeq(opened)) : deploys.readDamaged(nextSeq(opened))
}

/** The manifest, with what really lies under these keys. */
export async function lookAtKeys(opened: Opened, keys: readonly Key[], { concurrency, signal }: Look): Promise<Opened> {
  if (keys.length === 0) return opened
  const { store, manifest } = opened
  const rows = new Map(manifest?.rows)
  await forEachBounded(keys, { concurrency, weigh: () => 0, signal }, async (key) => {
    const known = manifest?.rows.get(key)
    const row = await lookAt(store, key, signal, isOwnPath(key, known))
    if (row !== undefined) rows.set(key, { ...row, unnamedSince: known?.unnamedSince })
    else if (known === undefined || !isTrace(known)) rows.delete(key)
  })
  return { ...opened, manifest: { seq: manifest?.seq ?? 0, rows } }
}

/**
 * Whether a key of a deploy is a file's own path. A mirrored site may have a folder `a/` of its own: its deploys name new
 * files there, while hashed names are named only to be removed.
 */
function isOwnPath(key: Key, known: ManifestRow | undefined): boolean {
  return known === undefined ? unhashedPath(key) === undefined : isAtOwnPath(known)
}

/**
 * The object as a row; `undefined` when it is not there, or is not ours.
 * @param isOwn whether it lies at a file's own path
 */
export async function lookAt(
  store: Store,
  key: Key,
  signal: AbortSignal | undefined,
  isOwn: boolean = !key.startsWith(ASSET_FOLDER),
): Promise<ManifestRow | undefined> {
  const found = await store.head(key, { signal })
  if (found?.sha256 === undefined) return undefined
  const { sha256, size, headers, etag } = found
  return { key, sha256, size, headers, etag: isOwn ? etag : undefined, unnamedSince: undefined }
}

/**
 * Whether the deploy that was found has to be settled even when there is nothing else to do. A recent one in its upload
 * phase belongs to a run that will settle it.
 */
export function mustSettle({ unsettled }: Pick<Opened, 'unsettled'>): boolean {
  if (unsettled === undefined) return false
  return unsettled.deploy.phase === 'publish' || (unsettled.ageMs ?? 0) > UPLOAD_MS
}

/** Hashed names that earlier runs have sent and no manifest knows, found by one listing. */
export async function sentBefore(
  { store, manifest }: Pick<Opened, 'store' | 'manifest'>,
  signal: AbortSignal | undefined,
): Promise<Map<Key, string>> {
  const sent = new Map<Key, string>()
  for await (const page of listInParts(store, ASSET_FOLDER, { expected: () => manifest?.rows.keys() ?? [], signal })) {
    for (const { key } of page) if (!manifest?.rows.has(key)) sent.set(key, 'sent by a run that did not publish')
  }
  return sent
}

/** Warns that another deploy is unsettled, so that the plan may be outdated a moment later. */
export function sayUnsettled(
  { unsettled }: Pick<Opened, 'unsettled'>,
  { emit, clock = SYSTEM_CLOCK }: { readonly emit: Emit; readonly clock: Run['clock'] },
): void {
  if (unsettled?.deploy.phase !== 'publish') return
  emit({
    type: 'warning',
    code: 'W_UNSETTLED',
    message: 'a deploy has not been finished; sync waits for it, or goes on from where it died',
    items: [describeDeploy(unsettled, clock.wallMs())],
  })
}
