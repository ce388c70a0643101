import type { StoreFacts } from '../store.ts'
import { CAREFUL, MIB, ROWS } from './rows.ts'

/** What is known of a provider that speaks the S3 protocol. Code tests its facts, never its name. */
export interface StoreProfile {
  /** For people. */
  readonly name: string
  /** Matches the endpoint's host; a group called `region` takes the region out of it. */
  readonly host: RegExp
  /** The domain that its hosts lie in, to suggest where a host is not found. */
  readonly domain?: string | undefined
  /** `https://bucket.host/key`, or `https://host/bucket/key`. */
  readonly addressing: 'virtual' | 'path'
  /** Region to sign for when nobody names one. */
  readonly region: string | undefined
  /** What proves a request's body to the store: `x-amz-checksum-sha256`, or `Content-MD5`. */
  readonly checksum: 'sha256' | 'md5'
  /** Whether the ETag of an object sent in one request is its MD5; untrue with customer keys, and then a HEAD decides. */
  readonly etagIsMd5: boolean
  readonly conditionalWrites: StoreFacts['conditionalWrites']
  /** Whether CopyObject obeys `If-Match` and `If-None-Match` for its target. Otherwise we look first, which is not atomic. */
  readonly conditionalCopy: boolean
  /** Whether CopyObject obeys `x-amz-copy-source-if-match`. Otherwise we look first, which is not atomic. */
  readonly conditionalSource: boolean
  /** Whether DeleteObject obeys `If-Match`. Otherwise we look first, which is not atomic. */
  readonly conditionalRemove: boolean
  /** Whether a copy onto itself leaves exactly the headers that it names. Otherwise the bytes are sent again. */
  readonly reheader: boolean
  readonly forgets: StoreFacts['forgets']
  readonly foldsUnicode: boolean
  /** Parts of one upload. */
  readonly maxParts: number
  /** Smallest part but the last, in bytes. */
  readonly minPartBytes: number
  /** Parts of one upload that may be on their way at once. */
  readonly partsInFlight: number
  /** Largest object, in bytes. */
  readonly objectBytes: number
  /** The provider that `lading policy` assumes; undefined where it has to be told. */
  readonly tools?: 'aws' | 'r2' | 'minio' | undefined
  /** Where the row comes from. */
  readonly sources: readonly string[]
}

/** The row for an endpoint's host; without an endpoint it is Amazon's. */
export function profileOf(endpoint: URL | undefined): StoreProfile {
  const host = endpoint?.hostname ?? 's3.amazonaws.com'
  for (const row of ROWS) {
    const match = row.host.exec(host)
    if (match) return { ...row, region: match.groups?.region ?? row.region }
  }
  return CAREFUL
}

/** The smallest part that we choose, in bytes: few requests, and enough to saturate a connection. */
const PART_BYTES = 8 * MIB

/** Bytes of every part but the last. All are equal because R2 requires it. */
export function partBytesOf(size: number, { maxParts, minPartBytes }: StoreProfile): number {
  return Math.max(PART_BYTES, minPartBytes, Math.ceil(size / maxParts))
}

/** Letters by which a mistyped domain may differ from the one that was meant. */
const MAX_SLIPS = 3

/** The known domain that a host was probably meant to lie in; `undefined` when it does, or when none is near. */
export function nearestDomain(host: string): string | undefined {
  const near = ROWS.flatMap(({ domain }) => {
    if (domain === undefined) return []
    const end = host.split('.').slice(-domain.split('.').length).join('.')
    return [{ domain, slips: slipsBetween(end, domain) }]
  })
  const best = near.toSorted((a, b) => a.slips - b.slips)[0]
  return best && best.slips > 0 && best.slips <= MAX_SLIPS ? best.domain : undefined
}

/** Letters to put in, leave out or change (Levenshtein). */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const changed = (row[j] ?? 0) + (char === other ? 0 : 1)
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
