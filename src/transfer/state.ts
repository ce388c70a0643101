import { hash } from 'node:crypto'
import { IMAGES_NAME } from '../images/plan/manifest.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../plan/manifest.ts'
import { decodePointer, encodePointer, type Pointer } from '../plan/pointer.ts'
import { decodeRelease, encodeRelease, type Release } from '../plan/release.ts'
import type { Store } from '../store/store.ts'
import { LadingError } from '../words/errors.ts'
import type { Digest, ETag, Key } from '../words/model.ts'
import { type Blobs, openBlobs } from './blobs.ts'
import { bytesBody } from './bytes-body.ts'
import { type DeployRecords, deployRecords } from './deploy-records.ts'
import type { ImageManifestPlace } from './image-manifest.ts'
import { localCopies } from './local-copies.ts'
import { readState } from './read-state.ts'

/** Where the state lies below the prefix when no other place is configured. */
export const STATE_FOLDER = '.lading/'
export const POINTER_NAME = 'pointer.json'

/** Never cached on the way: the pointer is the one object that must be read fresh. */
const STATE_HEADERS = { 'cache-control': 'no-store' } as const

/** Parts of the state of which there are many. */
export type StateKind = 'manifests' | 'releases' | 'deploys' | 'blobs'

/** What is live, as the next publish must find it. */
export interface Live {
  readonly pointer: Pointer
  /** Undefined where a repair has made the pointer anew, and the store has none. */
  readonly etag: ETag | undefined
  /** What time it was by the store's own clock, in milliseconds since 1970; absent where it does not tell. */
  readonly toldAtMs?: number | undefined
}

/** The state of a store: reading it, and the writes of a publish. */
export interface State {
  /** For messages. */
  readonly label: string
  readonly deploys: DeployRecords
  readonly blobs: Blobs
  readonly images: ImageManifestPlace
  /** The pointer as it is now, with the ETag that the next one must replace. */
  readPointer(signal?: AbortSignal): Promise<Live | undefined>
  /** The ETag of a pointer whose content cannot be read. */
  pointerEtag(): Promise<ETag | undefined>
  /** The manifest that the pointer names; from the local copy when that is the one. */
  readManifest(pointer: Pointer): Promise<Manifest>
  readRelease(id: string): Promise<Release>
  /** The ids of all releases that are recorded. */
  listReleases(): Promise<string[]>
  writeRelease(release: Release, options?: RecordWrite<Uint8Array>): Promise<void>
  /** @returns the pointer's reference to it */
  writeManifest(
    manifest: Manifest,
    options?: RecordWrite<Promise<Uint8Array>>,
  ): Promise<NonNullable<Pointer['manifest']>>
  /**
   * @param guard asked before the request leaves; see the store's port
   * @returns its ETag; `undefined` when somebody else has moved it meanwhile
   */
  movePointer(pointer: Pointer, from: ETag | undefined, guard?: () => void): Promise<ETag | undefined>
  /** Names of one kind, without the folder: `5-0a1b….json.gz`. */
  list(kind: StateKind): Promise<string[]>
  /** @returns those that could not be removed */
  remove(kind: StateKind, names: readonly string[]): Promise<readonly string[]>
}

export interface RecordWrite<B> {
  /** Its encoding. @default made here */
  readonly bytes?: B
  /** @default the run's own */
  readonly signal?: AbortSignal | undefined
}

export interface StateOptions {
  /** Where the site's own objects lie; often the same. */
  readonly site: Store
  readonly store: Store
  /** Put before every key: {@link STATE_FOLDER} inside the site's own store, nothing in a store for state alone. */
  readonly folder: string
  readonly cacheDir: string
  readonly signal?: AbortSignal | undefined
}

export function openState({ site, store, folder, cacheDir, signal }: StateOptions): State {
  const copies = localCopies(cacheDir, `${store.label}${folder}`)
  const pointerKey = `${folder}${POINTER_NAME}`

  /** A damaged local copy counts as none; only what could be decoded is cached. */
  async function readOnce<T>(key: Key, copyName: string, decode: (bytes: Uint8Array) => T): Promise<T> {
    const local = copies.read(copyName, decode)
    if (local !== undefined) return local
    const found = await readState(store, key, signal)
    if (found === undefined) throw missing(store, key)
    const value = decode(found.bytes)
    copies.write(copyName, found.bytes)
    return value
  }

  async function list(kind: StateKind): Promise<string[]> {
    const prefix = `${folder}${kind}/`
    const names: string[] = []
    for await (const page of store.list(prefix, { signal })) {
      for (const { key } of page) names.push(key.slice(prefix.length))
    }
    return names
  }

  return {
    label: `${store.label}${folder}`,
    deploys: deployRecords(store, folder, signal),
    blobs: openBlobs({ site, store, folder, signal }),
    images: { store, key: `${folder}${IMAGES_NAME}` },
    list,

    async readPointer(stop = signal) {
      const found = await readState(store, pointerKey, stop)
      if (found === undefined) return undefined
      const { bytes, etag, toldAtMs } = found
      return { pointer: decodePointer(bytes, `${store.label}${pointerKey}`), etag, toldAtMs }
    },

    pointerEtag: async () => (await store.head(pointerKey, { signal }))?.etag,

    async readManifest({ seq, manifest }) {
      if (manifest === undefined) return { seq, rows: new Map() }
      const key = manifestKey(folder, seq, manifest.sha256)
      return readOnce(key, `manifest-${manifest.sha256}`, (bytes) => {
        if (hash('sha256', bytes) !== manifest.sha256) throw torn(store, key)
        return decodeManifest(bytes, `${store.label}${key}`)
      })
    },

    async readRelease(id) {
      const key = `${folder}releases/${id}.json`
      return readOnce(key, `release-${id}`, (bytes) => decodeRelease(bytes, `${store.label}${key}`))
    },

    async listReleases() {
      const names = await list('releases')
      return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length))
    },

    async writeRelease(release, { bytes = encodeRelease(release), signal: stop = signal } = {}) {
      const headers = { 'content-type': 'application/json', ...STATE_HEADERS }
      const key = `${folder}releases/${release.id}.json`
      const result = await store.put(key, bytesBody(bytes), headers, { when: 'absent', signal: stop })
      // there already: a run that was stopped has written the same at another time, and its record is the one
      if (result.status === 'stored') copies.write(`release-${release.id}`, bytes)
    },

    async writeManifest(manifest, { bytes: encoded = encodeManifest(manifest), signal: stop = signal } = {}) {
      const bytes = await encoded
      const body = bytesBody(bytes)
      const headers = { 'content-type': 'application/gzip', ...STATE_HEADERS }
      const key = manifestKey(folder, manifest.seq, body.sha256)
      const sent = store.put(key, body, headers, { when: 'absent', signal: stop })
      copies.write(`manifest-${body.sha256}`, bytes) // named by its digest, so it is right whatever the store answers
      const result = await sent
      // there already: a run that was stopped has written the same
      const etag = result.status === 'stored' ? result.etag : (await store.head(key, { signal: stop }))?.etag
      if (etag === undefined) throw missing(store, key)
      return { etag, sha256: body.sha256 }
    },

    async movePointer(pointer, from, guard) {
      const headers = { 'content-type': 'application/json', ...STATE_HEADERS }
      const when = from === undefined ? 'absent' : { etag: from }
      const body = bytesBody(encodePointer(pointer))
      const result = await store.put(pointerKey, body, headers, { when, guard, signal })
      return result.status === 'stored' ? result.etag : undefined
    },

    async remove(kind, names) {
      const keys = names.map((name) => `${folder}${kind}/${name}`)
      const failures = keys.length === 0 ? [] : await store.remove(keys, { signal })
      return failures.map(({ key, reason }) => `${key}: ${reason}`)
    },
  }
}

/** Named by its content as well: a run that was stopped may have left another one with the same number. */
function manifestKey(folder: string, seq: number, sha256: Digest): Key {
  return `${folder}manifests/${seq}-${sha256.slice(0, 16)}.json.gz`
}

function missing(store: Store, key: Key): LadingError {
  return new LadingError('E_MANIFEST', 'The pointer names an object that is not there', {
    subject: `${store.label}${key}`,
    why: 'Somebody removed a part of the state. Nothing was changed.',
    hint: 'Restore the object from the bucket’s versions, or run `lading sync --repair`.',
  })
}

/** @param label of the state */
export function lostPointer(label: string): LadingError {
  return new LadingError('E_MANIFEST', 'The pointer is gone, and releases are there that it had named', {
    subject: `${label}${POINTER_NAME}`,
    why: 'Somebody removed it, or a copy to this store has not ended. Nothing was changed.',
    hint: 'Run `lading sync --repair`, which finds the releases again; or restore the object from the bucket’s versions, or run `lading copy` again.',
  })
}

function torn(store: Store, key: Key): LadingError {
  return new LadingError('E_MANIFEST', 'The manifest is not the one that the pointer names', {
    subject: `${store.label}${key}`,
    why: 'Its digest differs: it was changed or damaged. Nothing was changed.',
    hint: 'Restore the object from the bucket’s versions, or run `lading sync --repair`.',
  })
}
