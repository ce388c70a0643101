import { forgottenBy } from '../draft/opened.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import type { StoredObject } from '../store/store.ts'
import { storedBody } from '../transfer/blobs.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { LadingError } from '../words/errors.ts'
import { sameHeaders } from '../words/headers.ts'
import type { ETag, Key } from '../words/model.ts'
import { damaged } from './contents.ts'
import type { CopyInput } from './objects.ts'

export interface Copier {
  /** Whether any of these is not there as it should be. */
  lacks(rows: readonly ManifestRow[]): Promise<boolean>
  send(rows: readonly ManifestRow[], held: HeldDeploy | undefined): Promise<void>
  count(bytes: number): void
  result(): SentObjects
}

export interface SentObjects {
  /** As the other store answered. */
  readonly rows: ReadonlyMap<Key, ManifestRow>
  readonly sent: number
  readonly bytes: number
}

export function createCopier(input: CopyInput, listed: ReadonlySet<Key>): Copier {
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
    result: () => ({ rows, sent, bytes }),
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

function contested(label: string, key: Key): LadingError {
  return new LadingError('E_POINTER_MOVED', 'Somebody else is writing to the store that is copied to', {
    subject: `${label}${key}`,
    hint: 'Let that end, then run the same command again: it goes on.',
    retryable: true,
  })
}
