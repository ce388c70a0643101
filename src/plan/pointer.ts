import type { ProbedFacts } from '../store/store.ts'
import type { Digest, ETag, Mode } from '../words/model.ts'
import { isOrder, type Order } from './order.ts'
import { parseJson, unreadableState } from './state-file.ts'

const VERSION = 1

/**
 * The one small object that says what is live: per channel its release, and which manifest describes the store. It is
 * replaced by compare-and-swap only. Its form is documented in docs/state.md and is a contract.
 */
export interface Pointer {
  /** Number of the last publish, one more than the one before; 0 before the first. */
  readonly seq: number
  /**
   * How often the deploy that follows was taken over. Raising it changes the pointer's ETag, so that a holder that
   * was given up can no longer move it.
   */
  readonly fence: number
  /** Absent before the first publish. */
  readonly manifest: { readonly etag: ETag; readonly sha256: Digest } | undefined
  /** What the probe found out about the stores; they outrank what is known of their provider. */
  readonly facts: StoreFindings | undefined
  readonly channels: ReadonlyMap<string, LiveRelease>
  /** Channels that were ended: their last release stays for a while. */
  readonly ended: ReadonlyMap<string, EndedChannel>
  /** What a CDN is still to be told: it comes and goes with the pointer, so no run that dies between takes it along. */
  readonly owed: readonly OwedPurge[]
}

/** Addresses of what a removal took away, or a run that died may have changed. */
export interface OwedPurge {
  /** The publish that owes it. */
  readonly seq: number
  /** Absolute URL paths on the site, percent-encoded. */
  readonly paths: readonly string[]
}

export interface StoreFindings {
  readonly site: ProbedFacts | undefined
  /** Of the store of the state, where that is another one. */
  readonly state: ProbedFacts | undefined
}

export interface LiveRelease {
  readonly release: string
  readonly seq: number
  /** Digest of what the release consists of, so that "nothing changed" is known without reading it. */
  readonly content: Digest
  /** The `url` its pages were written with; null in mirror mode. A page rewritten in place may still name it. */
  readonly url: string | null
  readonly mode: Mode
  /** The highest order that this channel has seen, so that an older run is told from a newer one. */
  readonly order?: Order | undefined
}

export interface EndedChannel {
  readonly release: string
  /** ISO 8601. */
  readonly endedAt: string
}

/** What there is before anything was published. */
export const NO_POINTER: Pointer = {
  seq: 0,
  fence: 0,
  manifest: undefined,
  facts: undefined,
  channels: new Map(),
  ended: new Map(),
  owed: [],
}

export function encodePointer({ seq, fence, manifest, facts, channels, ended, owed }: Pointer): Uint8Array {
  const file = {
    v: VERSION,
    seq,
    ...(fence > 0 && { fence }),
    ...(manifest && { manifest }),
    ...(facts && { facts }),
    channels: sorted(channels),
    ...(ended.size > 0 && { ended: sorted(ended) }),
    ...(owed.length > 0 && { owed }),
  }
  return Buffer.from(`${JSON.stringify(file)}\n`)
}

/** The same without what is still to be told: two pointers of which this is equal say that the same is live. */
export const encodeLive = (pointer: Pointer): Uint8Array => encodePointer({ ...pointer, owed: [] })

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** @throws E_MANIFEST */
export function decodePointer(bytes: Uint8Array, label: string): Pointer {
  const data = parseJson(bytes)
  if (!isPointerFile(data)) throw unreadableState('The pointer', label)
  const { seq, fence = 0, manifest, facts, channels, ended = [], owed = [] } = data
  return { seq, fence, manifest, facts, channels: new Map(channels), ended: new Map(ended), owed }
}

interface PointerFile {
  readonly v: number
  readonly seq: number
  readonly fence?: number
  readonly manifest?: { readonly etag: ETag; readonly sha256: Digest }
  readonly facts?: StoreFindings
  readonly channels: [string, LiveRelease][]
  readonly ended?: [string, EndedChannel][]
  readonly owed?: OwedPurge[]
}

function isPointerFile(data: unknown): data is PointerFile {
  const file = recordOf(data)
  return (
    file !== undefined &&
    file.v === VERSION &&
    Number.isSafeInteger(file.seq) &&
    (file.fence === undefined || Number.isSafeInteger(file.fence)) &&
    (file.manifest === undefined ? file.seq === 0 : isManifestReference(file.manifest)) &&
    (file.facts === undefined || areFindings(file.facts)) &&
    Array.isArray(file.channels) &&
    file.channels.every((entry) => isNamed(entry, isLive)) &&
    (file.ended === undefined || (Array.isArray(file.ended) && file.ended.every((entry) => isNamed(entry, isEnded)))) &&
    (file.owed === undefined || (Array.isArray(file.owed) && file.owed.every(isOwed)))
  )
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  // an object: every property may be looked at
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}

function isManifestReference(value: unknown): boolean {
  const reference = recordOf(value)
  return typeof reference?.etag === 'string' && typeof reference.sha256 === 'string'
}

function isNamed(entry: unknown, isValue: (value: unknown) => boolean): boolean {
  return Array.isArray(entry) && typeof entry[0] === 'string' && isValue(entry[1])
}

function isLive(value: unknown): boolean {
  const live = recordOf(value)
  return (
    typeof live?.release === 'string' &&
    Number.isSafeInteger(live.seq) &&
    typeof live.content === 'string' &&
    (live.url === null || typeof live.url === 'string') &&
    (live.mode === 'mirror' || live.mode === 'offload' || live.mode === 'host') &&
    (live.order === undefined || isOrder(live.order))
  )
}

function isEnded(value: unknown): boolean {
  const ended = recordOf(value)
  return typeof ended?.release === 'string' && typeof ended.endedAt === 'string'
}

function isOwed(value: unknown): boolean {
  const owed = recordOf(value)
  const paths = owed?.paths
  return Number.isSafeInteger(owed?.seq) && Array.isArray(paths) && paths.every((path) => typeof path === 'string')
}

function areFindings(value: unknown): boolean {
  const findings = recordOf(value)
  return (
    findings !== undefined && [findings.site, findings.state].every((facts) => facts === undefined || isFacts(facts))
  )
}

function isFacts(value: unknown): value is ProbedFacts {
  const facts = recordOf(value)
  return (
    ['full', 'create', 'none'].includes(String(facts?.conditionalWrites)) &&
    ['sha256', 'md5'].includes(String(facts?.checksum)) &&
    [facts?.conditionalCopy, facts?.conditionalRemove, facts?.etagIsMd5, facts?.reheader].every(
      (fact) => typeof fact === 'boolean',
    ) &&
    ['undefined', 'boolean'].includes(typeof facts?.conditionalSource) &&
    Array.isArray(facts?.forgets)
  )
}
