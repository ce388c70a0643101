import type { ManifestRow } from '../plan/manifest.ts'
import type { Store, StoredObject } from '../store/store.ts'
import type { DriftKind } from '../words/events.ts'
import { sameHeaders } from '../words/headers.ts'
import type { HeaderSet } from '../words/model.ts'
import { digestOfForeign } from './foreign.ts'

export interface Compared {
  /** What is wrong; absent when the object is as the manifest says. */
  readonly kind: DriftKind | undefined
  /** In words. */
  readonly detail: string
  /** What lies there. */
  readonly found: StoredObject | undefined
  /** Bytes that were read. */
  readonly bytes: number
}

export interface CompareOptions {
  readonly store: Store
  /** Whether to read the bytes instead of trusting the stored digest. */
  readonly download: boolean
  /** Headers that the store does not give back. */
  readonly forgotten: readonly string[]
  readonly signal: AbortSignal | undefined
}

/** Looks at one object of the manifest. */
export async function compareRow(row: ManifestRow, options: CompareOptions): Promise<Compared> {
  const { store, signal } = options
  return compareFound(row, await store.head(row.key, { signal }), options)
}

/** Compares what lies there with what should. */
export async function compareFound(
  row: Pick<ManifestRow, 'size' | 'sha256' | 'headers'>,
  found: StoredObject | undefined,
  { store, download, forgotten, signal }: CompareOptions,
): Promise<Compared> {
  if (found === undefined) return { kind: 'missing', detail: 'it is not there', found, bytes: 0 }
  if (found.size !== row.size) {
    return { kind: 'content', detail: `it has ${found.size} bytes, not ${row.size}`, found, bytes: 0 }
  }
  if (found.sha256 !== row.sha256) return { kind: 'content', detail: whoseContent(found), found, bytes: 0 }
  const bytes = download ? found.size : 0
  if (download && (await digestOfForeign(store, found, signal)) !== row.sha256) {
    return { kind: 'content', detail: 'its bytes are not those that its digest promises', found, bytes }
  }
  if (sameHeaders(found.headers, row.headers, forgotten)) return { kind: undefined, detail: '', found, bytes }
  return { kind: 'headers', detail: describeHeaders(row.headers, found.headers), found, bytes }
}

function whoseContent({ sha256 }: StoredObject): string {
  return sha256 === undefined ? 'somebody else has put it' : 'it is another version than the one that was published'
}

/** `cache-control is "no-store", not "public, max-age=300"`. */
function describeHeaders(wanted: HeaderSet, found: HeaderSet): string {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].sort()
  const shown = (value: string | undefined): string => (value === undefined ? 'unset' : JSON.stringify(value))
  return names
    .filter((name) => wanted[name] !== found[name])
    .map((name) => `${name} is ${shown(found[name])}, not ${shown(wanted[name])}`)
    .join('; ')
}
