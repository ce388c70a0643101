import type { HeaderSet } from '../words/model.ts'
import type { ManifestRow } from './manifest.ts'

const ENCODING = 'content-encoding'

/**
 * The row of a removed object, kept for its digest alone. Without headers it matches no object that a site wants, so
 * that a sync checks and uploads. Marked as unnamed, it promises nothing to a rollback, and `prune` drops it.
 * @param at ISO 8601
 */
export function traceOf(row: ManifestRow, at: string): ManifestRow {
  const encoding = row.headers[ENCODING]
  // distinguishes a compressed copy from a file that merely has such a name
  const headers: HeaderSet = encoding === undefined ? {} : { [ENCODING]: encoding }
  return { ...row, headers, etag: undefined, unnamedSince: row.unnamedSince ?? at }
}

/** Whether a row says nothing of an object: that there is none is no reason to drop it. */
export const isTrace = ({ headers, unnamedSince }: ManifestRow): boolean =>
  unnamedSince !== undefined && Object.keys(headers).every((name) => name === ENCODING)
