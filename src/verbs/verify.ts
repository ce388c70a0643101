import { devNull } from 'node:os'
import { BATCHES_PREFIX, isOfBulk } from '../batch/plan/keys.ts'
import type { StoreOptions } from '../config/resolve.ts'
import { forgottenBy, isPublished, type Opened, openStores, readLive } from '../draft/opened.ts'
import { VARIANTS_FOLDER } from '../images/plan/keys.ts'
import type { Run } from '../line/run.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { openStore, readOnly } from '../providers.ts'
import { type CompareOptions, compareRow } from '../transfer/compare-row.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { listInParts } from '../transfer/list-in-parts.ts'
import { describeDeploy } from '../transfer/locked.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { STATE_FOLDER } from '../transfer/state.ts'
import { EXIT, LadingError } from '../words/errors.ts'
import type { DriftEvent, Emit } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import { checkReleases } from './verify-releases.ts'
import { lookAtVariants } from './verify-variants.ts'

export interface VerifyOptions extends StoreOptions {
  /** Reads every byte instead of trusting the digests stored with objects. @default false */
  readonly download?: boolean | undefined
  /** Checks this share of the objects, chosen at random, 0 to 1; all are checked for existence. @default 1 */
  readonly sample?: number | undefined
}

/** What a verification came to. The JSON form is a contract: fields are added, never renamed. */
export interface Verification {
  /** True when the store is as the last publish left it. */
  readonly ok: boolean
  /** 0, or 10 when something has drifted. */
  readonly exit: number
  /** Objects in the manifest. */
  readonly objects: number
  /** Objects that were looked at one by one. */
  readonly looked: number
  /** Variants of images that were looked at besides. */
  readonly variants: number
  /** Bytes that were read. */
  readonly bytes: number
  readonly drift: number
  /** Objects below the prefix that are not ours; left alone. */
  readonly foreign: number
  readonly ms: number
}

/**
 * Compares the store with what the last publish left there, and with what was rendered of images. Changes nothing.
 * @throws E_UNPUBLISHED when nothing was published or rendered there: a wrong address must not pass for a store that is whole
 */
export async function verify(options: VerifyOptions, run: Run = {}): Promise<Verification> {
  const started = performance.now()
  const emit: Emit = run.emit ?? (() => {})
  const openStoreReadOnly = readOnly(run.openStore ?? openStore)
  // this machine's copies of the state prove nothing about the store
  const stores = await openStores({ ...options, cacheDir: devNull }, { ...run, openStore: openStoreReadOnly }, emit)
  const opened = await readLive(stores)
  await warnUnsettled(opened, run, emit)
  if (!isPublished(opened) && !(await isOfImagesAlone(opened, run.signal))) throw nothingPublished(stores.state.label)
  const listed = await listSite(opened, options, run.signal)
  const rows = [...(opened.manifest?.rows.values() ?? [])]
  const { sample = 1, download = false, concurrency } = options
  const random = run.random ?? Math.random
  const isChosen = ({ key }: { readonly key: Key }): boolean => !listed.has(key) || sample >= 1 || random() < sample
  const chosen = rows.filter(isChosen)
  const look = { store: opened.store, download, forgotten: forgottenBy(opened), signal: run.signal, concurrency }
  const ofRows = await lookAtRows(chosen, look)
  // what the site itself has put under such a name is no record of ours
  const others = new Set([...listed].filter((key) => !opened.manifest?.rows.has(key)))
  const variants = await lookAtVariants({ ...look, listed: others, manifest: opened.state.images, isChosen })
  const drift = [...ofRows.drift, ...(await checkReleases(opened, listed)), ...variants.drift]
  for (const event of drift.sort((a, b) => (a.key < b.key ? -1 : 1))) emit(event)
  const ok = drift.length === 0
  return {
    ok,
    exit: ok ? EXIT.ok : EXIT.pending,
    objects: rows.length,
    looked: chosen.length,
    variants: variants.looked,
    bytes: ofRows.bytes + variants.bytes,
    drift: drift.length,
    foreign: [...listed].filter((key) => !opened.manifest?.rows.has(key) && !isOfBulk(key)).length,
    ms: Math.round(performance.now() - started),
  }
}

interface LookedAt {
  readonly drift: readonly DriftEvent[]
  readonly bytes: number
}

async function lookAtRows(
  rows: readonly ManifestRow[],
  look: CompareOptions & { readonly concurrency: number },
): Promise<LookedAt> {
  const drift: DriftEvent[] = []
  let bytes = 0
  await forEachBounded(rows, { ...look, weigh: () => 0 }, async (row) => {
    const found = await compareRow(row, look)
    bytes += found.bytes
    if (found.kind !== undefined) drift.push({ type: 'drift', kind: found.kind, key: row.key, detail: found.detail })
  })
  return { drift, bytes }
}

/** Whether images were rendered there, and there never was a site: one whose pointer is lost must not pass for whole. */
async function isOfImagesAlone({ store, state }: Opened, signal: AbortSignal | undefined): Promise<boolean> {
  if ((await state.list('manifests')).length > 0) return false
  for (const folder of [VARIANTS_FOLDER, BATCHES_PREFIX]) {
    for await (const page of store.list(folder, { signal })) {
      if (page.some(({ key }) => isOfBulk(key))) return true
      break
    }
  }
  return false
}

function nothingPublished(subject: string): LadingError {
  return new LadingError('E_UNPUBLISHED', 'Nothing was published here, so there is nothing to compare', {
    subject,
    hint: 'Check --to; if the pointer was lost, `lading sync --repair` makes it anew.',
  })
}

/** Every key below the prefix that is not the state's. */
export async function listSite(
  { store, manifest }: Pick<Opened, 'store' | 'manifest'>,
  { state }: Pick<StoreOptions, 'state'>,
  signal: AbortSignal | undefined,
): Promise<Set<Key>> {
  const keys = new Set<Key>()
  const without = state === undefined ? STATE_FOLDER : undefined
  const expected = (): Iterable<Key> => manifest?.rows.keys() ?? []
  for await (const page of listInParts(store, '', { expected, without, signal })) {
    for (const { key } of page) if (state !== undefined || !key.startsWith(STATE_FOLDER)) keys.add(key)
  }
  return keys
}

async function warnUnsettled({ state, live }: Opened, { clock = SYSTEM_CLOCK }: Run, emit: Emit): Promise<void> {
  const found = await state.deploys.read((live?.pointer.seq ?? 0) + 1)
  if (found === undefined) return
  emit({
    type: 'warning',
    code: 'W_UNSETTLED',
    message: 'a deploy has not been finished; what it named may differ',
    items: [describeDeploy(found, clock.wallMs())],
    fix: 'let it finish, or run `lading sync`: it goes on from there',
  })
}
