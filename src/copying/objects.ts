import type { HistoryOptions } from '../config/history.ts'
import { forgottenBy, type Opened } from '../draft/opened.ts'
import { LadingError } from '../errors.ts'
import type { Emit } from '../events.ts'
import { sameHeaders } from '../headers.ts'
import type { Body, Digest, ETag, Key } from '../model.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { checkMaxDelete } from '../plan/max-delete.ts'
import type { Run } from '../run.ts'
import type { StoredObject } from '../store/store.ts'
import { storedBody } from '../transfer/blobs.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { removePages } from '../transfer/remove-pages.ts'
import { listSite } from '../verify.ts'
import { refuseForeign } from './foreign.ts'
import type { Source } from './source.ts'
import { findStale } from './stale.ts'
import { copyVariants } from './variants.ts'
import { wavesOf } from './waves.ts'

export interface CopyInput {
  readonly source: Source
  readonly target: Opened
  readonly options: HistoryOptions
  readonly dryRun: boolean
  readonly run: Run & { readonly emit: Emit }
}

export interface ObjectsCopied {
  /** As the other store answered. */
  readonly rows: ReadonlyMap<Key, ManifestRow>
  readonly sent: number
  readonly bytes: number
  /** True when the other store held everything already, its pointer included. */
  readonly isComplete: boolean
}

/** Acquires the deploy of the other store, recording the keys about to be written. `undefined`: read it again. */
export type Take = (keys: readonly Key[]) => Promise<HeldDeploy | undefined>

/**
 * Hashed names first, without a lock; then contents of releases and variants of images; then files at their own paths
 * in the order of an upload.
 */
export async function copyObjects(input: CopyInput, take: Take): Promise<ObjectsCopied | undefined> {
  const { source, target, options, dryRun, run } = input
  const listed = await listSite(target, options, run.signal)
  await refuseForeign(input, listed)
  const stale = findStale(source, target, new Date((run.clock ?? SYSTEM_CLOCK).wallMs()).toISOString())
  const gone = stale.pages.map(({ key }) => key)
  checkMaxDelete(gone, target.manifest?.rows.size ?? 0, options.maxDelete)
  const copier = createCopier(input, listed)
  const { hashed, own } = wavesOf(source.rows.values(), listed)
  await copier.send(hashed, undefined)
  await copyContents(input, copier)
  await copyVariants(input, copier.count)
  const isSame = gone.length === 0 && hasSameReleases(source, target)
  if (isSame && !(await copier.lacks(own.flat()))) return { ...copier.result(), isComplete: true }
  const held = dryRun ? undefined : await take([...own.flat().map(({ key }) => key), ...gone])
  if (!dryRun && held === undefined) return undefined
  for (const wave of own) await copier.send(wave, held)
  await removeStale(input, stale.pages, held)
  const copied = copier.result()
  return { ...copied, rows: new Map([...stale.rows, ...copied.rows]) }
}

async function removeStale(
  { target, options, dryRun, run }: CopyInput,
  pages: readonly ManifestRow[],
  held: HeldDeploy | undefined,
): Promise<void> {
  const reason = 'the source has no such page any more'
  const actions = pages.map((stored) => ({ op: 'remove' as const, stored, reason }))
  const { store, state } = target
  if (held !== undefined) await removePages({ store, state, held, actions, concurrency: options.concurrency })
  for (const { key, size: bytes } of pages) run.emit({ type: 'file', op: 'remove', key, bytes, reason, done: !dryRun })
}

function hasSameReleases({ pointer }: Source, { live }: Opened): boolean {
  const [ours, theirs] = [pointer, live?.pointer].map((side) =>
    JSON.stringify([...(side?.channels ?? [])].map(([name, { release }]) => [name, release])),
  )
  return ours === theirs
}

interface Copier {
  /** Whether any of these is not there as it should be. */
  lacks(rows: readonly ManifestRow[]): Promise<boolean>
  send(rows: readonly ManifestRow[], held: HeldDeploy | undefined): Promise<void>
  count(bytes: number): void
  result(): ObjectsCopied
}

function createCopier(input: CopyInput, listed: ReadonlySet<Key>): Copier {
  const { target, options, dryRun, run } = input
  const forgotten = forgottenBy(target)
  const rows = new Map<Key, ManifestRow>()
  let sent = 0
  let bytes = 0
  const note = (row: ManifestRow, etag: ETag): void => {
    rows.set(row.key, { ...row, etag: row.etag === undefined ? undefined : etag })
  }
  const count = (size: number): void => {
    sent += 1
    bytes += size
  }
  async function sendOne(row: ManifestRow, held: HeldDeploy | undefined): Promise<void> {
    const found = listed.has(row.key) ? await target.store.head(row.key, { signal: run.signal }) : undefined
    if (found?.sha256 === row.sha256 && sameHeaders(found.headers, row.headers, forgotten)) return note(row, found.etag)
    if (!dryRun) note(row, await putOne(input, { row, found, held }))
    count(row.size)
    const [op, reason] = found === undefined ? (['add', 'new'] as const) : (['change', 'differs'] as const)
    run.emit({ type: 'file', op, key: row.key, bytes: row.size, reason, done: !dryRun })
  }
  return {
    count,
    async lacks(all) {
      let isLacking = false
      await forEachBounded(all, { ...options, weigh: () => 0, signal: run.signal }, async (row) => {
        const found = await target.store.head(row.key, { signal: run.signal })
        if (found?.sha256 === row.sha256 && sameHeaders(found.headers, row.headers, forgotten)) note(row, found.etag)
        else isLacking = true
      })
      return isLacking
    },
    result: () => ({ rows, sent, bytes, isComplete: false }),
    async send(all, held) {
      const bounded = { ...options, weigh: ({ size }: ManifestRow) => size, signal: held?.signal ?? run.signal }
      await forEachBounded(all, bounded, (row) => sendOne(row, held))
    },
  }
}

interface PutOne {
  readonly row: ManifestRow
  /** What lies there now. */
  readonly found: StoredObject | undefined
  readonly held: HeldDeploy | undefined
}

async function putOne({ source, target, run }: CopyInput, { row, found, held }: PutOne): Promise<ETag> {
  const when = found === undefined ? ('absent' as const) : { etag: found.etag }
  const condition = { when, guard: held?.guard, signal: held?.signal ?? run.signal }
  const body = storedBody(source.store, row, run.signal)
  const sending = target.store.put(row.key, body, row.headers, condition)
  const result = await sending.catch((error: unknown) => {
    throw damaged(source.store.label, row.key, error)
  })
  if (result.status === 'stored') return result.etag
  throw contested(target.store.label, row.key)
}

/** Contents that rollbacks need. */
async function copyContents({ source, target, options, dryRun, run }: CopyInput, copier: Copier): Promise<void> {
  const there = new Set(await target.state.blobs.list())
  const missing = (await source.state.blobs.list()).filter((digest) => !there.has(digest))
  await forEachBounded(
    missing,
    { concurrency: options.concurrency, weigh: () => 0, signal: run.signal },
    async (digest: Digest) => {
      const body: Body | undefined = await source.state.blobs.find(digest)
      if (body === undefined) return
      if (!dryRun) {
        await target.state.blobs.put(body).catch((error: unknown) => {
          throw damaged(source.state.label, `blobs/${digest}`, error)
        })
      }
      copier.count(body.size)
    },
  )
}

/** Bytes that do not match the manifest's digest count as damage: nothing but a deploy replaces such an object. */
function damaged(label: string, key: Key, error: unknown): unknown {
  if (!(error instanceof LadingError && error.code === 'E_SOURCE_CHANGED')) return error
  return new LadingError('E_INTEGRITY', 'An object of the source is not what its manifest says', {
    subject: `${label}${key}`,
    why: 'Its bytes have another digest, so it was not copied. It is damaged, or was just replaced by a deploy.',
    hint: 'Run the same command again; if it stays, `lading verify --download` and `lading sync --repair` mend the source.',
    cause: error,
  })
}

function contested(label: string, key: Key): LadingError {
  return new LadingError('E_POINTER_MOVED', 'Somebody else is writing to the store that is copied to', {
    subject: `${label}${key}`,
    hint: 'Let that end, then run the same command again: it goes on.',
    retryable: true,
  })
}
