import { LadingError, printable } from '../../words/errors.ts'
import type { Digest, ETag, HeaderSet, Key } from '../../words/model.ts'
import { readText } from './files.ts'

/**
 * The file below `meta/` that makes an object exist: it holds the headers and names the file with the bytes. Both
 * appear and change with this one file, so no reader can pair the bytes of one write with the headers of another.
 */
export interface Meta {
  readonly v: 1
  readonly key: Key
  /** In bytes. */
  readonly size: number
  readonly sha256: Digest
  readonly etag: ETag
  readonly headers: HeaderSet
  /** File below `objects/` with the bytes. Its name is never used twice, and its bytes never change. */
  readonly body: string
}

export interface StampedMeta {
  readonly meta: Meta
  /** In milliseconds since 1970. */
  readonly writtenAt: number
}

/** Reads a meta file; `undefined` when there is none. */
export async function readMeta(path: string, key: Key): Promise<StampedMeta | undefined> {
  const found = await readText(path)
  if (found === undefined) return undefined
  const meta = parsed(found.text)
  if (isMeta(meta) && meta.key === key) return { meta, writtenAt: found.writtenAt }
  throw new LadingError('E_INTEGRITY', `the folder store's record of "${printable(key)}" cannot be read`, {
    subject: printable(key),
    why: 'its file below `meta/` was changed from outside, or the disk lost it',
    hint: 'Restore the folder from a backup, or sync to a new folder.',
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isMeta(value: unknown): value is Meta {
  if (typeof value !== 'object' || value === null) return false
  const found: Partial<Record<keyof Meta, unknown>> = value
  return (
    found.v === 1 &&
    typeof found.size === 'number' &&
    [found.key, found.sha256, found.etag, found.body].every((text) => typeof text === 'string') &&
    // The name must not lead out of `objects/`.
    !String(found.body).split('/').includes('..') &&
    isHeaderSet(found.headers)
  )
}

function isHeaderSet(value: unknown): value is HeaderSet {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((header) => typeof header === 'string')
  )
}
