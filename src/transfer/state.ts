import { hash } from 'node:crypto'
import { LadingError } from '../errors.ts'
import type { Body, Digest, ETag, Key } from '../model.ts'
import { type Deploy, decodeDeploy, encodeDeploy } from '../plan/deploy.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../plan/manifest.ts'
import { decodePointer, encodePointer, type Pointer } from '../plan/pointer.ts'
import { decodeRelease, encodeRelease, type Release } from '../plan/release.ts'
import type { Store } from '../store/store.ts'
import { localCopies } from './local-copies.ts'

/** Where the state lies below the prefix when no other place is configured. */
export const STATE_FOLDER = '.lading/'

/** Never cached on the way: the pointer is the one object that must be read fresh. */
const STATE_HEADERS = { 'cache-control': 'no-store' } as const

/** The state of a store: reading it, and the three writes of a publish. */
export interface State {
  /** The pointer as it is now, with the ETag that the next one must replace. */
  readPointer(): Promise<{ readonly pointer: Pointer; readonly etag: ETag } | undefined>
  /** The manifest that the pointer names; from the local copy when that is the one. */
  readManifest(pointer: Pointer): Promise<Manifest>
  readRelease(id: string): Promise<Release>
  /** The ids of all releases that are recorded. */
  listReleases(): Promise<string[]>
  /** What a run that did not publish was about to write under this number. */
  readDeploy(seq: number): Promise<Deploy | undefined>
  /**
   * Says what is about to be written. Keys that an unsettled record of the same number names stay named.
   * @throws E_POINTER_MOVED when another run is saying so at the same time
   */
  writeDeploy(deploy: Deploy): Promise<void>
  writeRelease(release: Release): Promise<void>
  /** @returns what the pointer has to say of it; `undefined` when that number is taken */
  writeManifest(manifest: Manifest): Promise<{ readonly etag: ETag; readonly sha256: Digest } | undefined>
  /** @throws E_POINTER_MOVED when somebody else has published meanwhile */
  movePointer(pointer: Pointer, from: ETag | undefined): Promise<void>
}

export interface StateOptions {
  readonly store: Store
  /** Put before every key: {@link STATE_FOLDER} inside the site's own store, nothing in a store for state alone. */
  readonly folder: string
  readonly cacheDir: string
  readonly signal?: AbortSignal | undefined
}

export function openState({ store, folder, cacheDir, signal }: StateOptions): State {
  const copies = localCopies(cacheDir, `${store.label}${folder}`)
  const pointerKey = `${folder}pointer.json`

  /** A damaged copy is as good as none; one is kept only of what could be read. */
  async function readOnce<T>(key: Key, copyName: string, decode: (bytes: Uint8Array) => T): Promise<T> {
    const local = copies.read(copyName, decode)
    if (local !== undefined) return local
    const found = await store.get(key, { signal })
    if (found === undefined) throw missing(store, key)
    const value = decode(found.bytes)
    copies.write(copyName, found.bytes)
    return value
  }

  return {
    async readPointer() {
      const found = await store.get(pointerKey, { signal })
      return found && { pointer: decodePointer(found.bytes, `${store.label}${pointerKey}`), etag: found.etag }
    },

    async readManifest({ seq, manifest }) {
      const key = `${folder}manifests/${seq}.json.gz`
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
      const prefix = `${folder}releases/`
      const ids: string[] = []
      for await (const page of store.list(prefix, { signal })) {
        for (const { key } of page) if (key.endsWith('.json')) ids.push(key.slice(prefix.length, -'.json'.length))
      }
      return ids
    },

    async readDeploy(seq) {
      const key = deployKey(folder, seq)
      const found = await store.get(key, { signal })
      return found && decodeDeploy(found.bytes, `${store.label}${key}`)
    },

    async writeDeploy(deploy) {
      const key = deployKey(folder, deploy.seq)
      const headers = { 'content-type': 'application/json', ...STATE_HEADERS }
      const found = await store.get(key, { signal })
      const earlier = found === undefined ? [] : decodeDeploy(found.bytes, `${store.label}${key}`).keys
      const keys = [...new Set([...earlier, ...deploy.keys])]
      const when = found === undefined ? 'absent' : { etag: found.etag }
      const result = await store.put(key, bytesBody(encodeDeploy({ ...deploy, keys })), headers, { when, signal })
      if (result.status !== 'stored') throw pointerMoved(store)
    },

    async writeRelease(release) {
      const bytes = encodeRelease(release)
      const headers = { 'content-type': 'application/json', ...STATE_HEADERS }
      await store.put(`${folder}releases/${release.id}.json`, bytesBody(bytes), headers, { when: 'absent', signal })
      copies.write(`release-${release.id}`, bytes)
    },

    async writeManifest(manifest) {
      const bytes = encodeManifest(manifest)
      const body = bytesBody(bytes)
      const headers = { 'content-type': 'application/gzip', ...STATE_HEADERS }
      const key = `${folder}manifests/${manifest.seq}.json.gz`
      const result = await store.put(key, body, headers, { when: 'absent', signal })
      if (result.status !== 'stored') return undefined
      copies.write(`manifest-${body.sha256}`, bytes)
      return { etag: result.etag, sha256: body.sha256 }
    },

    async movePointer(pointer, from) {
      const headers = { 'content-type': 'application/json', ...STATE_HEADERS }
      const when = from === undefined ? 'absent' : { etag: from }
      const result = await store.put(pointerKey, bytesBody(encodePointer(pointer)), headers, { when, signal })
      if (result.status !== 'stored') throw pointerMoved(store, pointer)
    },
  }
}

/** Bytes in memory as a body. */
function bytesBody(bytes: Uint8Array): Body {
  return {
    size: bytes.byteLength,
    sha256: hash('sha256', bytes),
    read: async (start, end) => bytes.subarray(start, end),
  }
}

const deployKey = (folder: string, seq: number): Key => `${folder}deploys/${seq}.json`

function missing(store: Store, key: Key): LadingError {
  return new LadingError('E_MANIFEST', 'The pointer names an object that is not there', {
    subject: `${store.label}${key}`,
    why: 'Somebody removed a part of the state. Nothing was changed.',
    hint: 'Restore the object from the bucket’s versions.',
  })
}

function torn(store: Store, key: Key): LadingError {
  return new LadingError('E_MANIFEST', 'The manifest is not the one that the pointer names', {
    subject: `${store.label}${key}`,
    why: 'Its digest differs: it was changed or damaged. Nothing was changed.',
    hint: 'Restore the object from the bucket’s versions.',
  })
}

/** @param missed the pointer that could not be moved; without it, no file that is live has been touched yet */
function pointerMoved(store: Store, missed?: Pointer): LadingError {
  const isUntouched = missed === undefined || [...missed.channels.values()].every(({ mode }) => mode === 'offload')
  const left = isUntouched
    ? 'what it uploaded stays and harms nothing.'
    : 'files it had replaced already stay, so the live site may be a mix of both until one is run again.'
  return new LadingError('E_POINTER_MOVED', 'Another deploy was published while this one ran', {
    subject: store.label,
    why: `Publishing now would undo it, so this run stopped; ${left}`,
    hint: 'Run the same command again: it starts from the newer state.',
    retryable: true,
  })
}
