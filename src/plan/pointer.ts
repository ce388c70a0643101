import type { Digest, ETag, Mode } from '../model.ts'
import { parseJson, unreadableState } from './state-file.ts'

const VERSION = 1

/**
 * The one small object that says what is live: per channel its release, and which manifest describes the store. It is
 * replaced by compare-and-swap only. Its form is documented in docs/state.md and is a contract.
 */
export interface Pointer {
  /** Number of the last publish, one more than the one before. */
  readonly seq: number
  readonly manifest: { readonly etag: ETag; readonly sha256: Digest }
  readonly channels: ReadonlyMap<string, LiveRelease>
}

export interface LiveRelease {
  readonly release: string
  readonly seq: number
  /** Digest of what the release consists of, so that "nothing changed" is known without reading it. */
  readonly content: Digest
  /** The `url` its pages were written with; null in mirror mode. A page rewritten in place may still name it. */
  readonly url: string | null
  readonly mode: Mode
}

export function encodePointer(pointer: Pointer): Uint8Array {
  const channels = [...pointer.channels].sort(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.from(`${JSON.stringify({ v: VERSION, seq: pointer.seq, manifest: pointer.manifest, channels })}\n`)
}

/** @throws E_MANIFEST */
export function decodePointer(bytes: Uint8Array, label: string): Pointer {
  const data = parseJson(bytes)
  if (!isPointerFile(data)) {
    throw unreadableState('The pointer', label)
  }
  return { seq: data.seq, manifest: data.manifest, channels: new Map(data.channels) }
}

interface PointerFile {
  readonly v: number
  readonly seq: number
  readonly manifest: { readonly etag: ETag; readonly sha256: Digest }
  readonly channels: [string, LiveRelease][]
}

function isPointerFile(data: unknown): data is PointerFile {
  if (typeof data !== 'object' || data === null) return false
  const { v, seq, manifest, channels } = data as Record<string, unknown> // an object: every property may be looked at
  return (
    v === VERSION &&
    Number.isInteger(seq) &&
    isManifestReference(manifest) &&
    Array.isArray(channels) &&
    channels.every(isChannel)
  )
}

function isManifestReference(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'etag' in value && typeof value.etag === 'string' && 'sha256' in value && typeof value.sha256 === 'string'
}

function isChannel(value: unknown): boolean {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false
  const live: unknown = value[1]
  return (
    typeof live === 'object' &&
    live !== null &&
    'release' in live &&
    typeof live.release === 'string' &&
    'seq' in live &&
    Number.isInteger(live.seq) &&
    'content' in live &&
    typeof live.content === 'string' &&
    'url' in live &&
    (live.url === null || typeof live.url === 'string') &&
    'mode' in live &&
    (live.mode === 'mirror' || live.mode === 'offload' || live.mode === 'host')
  )
}
