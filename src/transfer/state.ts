import { createHash, hash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LadingError } from '../errors.ts'
import type { Body, Digest, ETag, Key } from '../model.ts'
import { decodeManifest, encodeManifest, type Manifest } from '../plan/manifest.ts'
import { decodePointer, encodePointer, type Pointer } from '../plan/pointer.ts'
import { decodeRelease, encodeRelease, type Release } from '../plan/release.ts'
import type { Store } from '../store/store.ts'

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

  async function readOnce(key: Key, copyName: string): Promise<Uint8Array> {
    const local = copies.read(copyName)
    if (local !== undefined) return local
    const found = await store.get(key, { signal })
    if (found === undefined) throw missing(store, key)
    copies.write(copyName, found.bytes)
    return found.bytes
  }

  return {
    async readPointer() {
      const found = await store.get(pointerKey, { signal })
      return found && { pointer: decodePointer(found.bytes, `${store.label}${pointerKey}`), etag: found.etag }
    },

    async readManifest({ seq, manifest }) {
      const key = `${folder}manifests/${seq}.json.gz`
      const bytes = await readOnce(key, `manifest-${manifest.sha256}`)
      if (hash('sha256', bytes) === manifest.sha256) return decodeManifest(bytes, `${store.label}${key}`)
      throw torn(store, key)
    },

    async readRelease(id) {
      const key = `${folder}releases/${id}.json`
      return decodeRelease(await readOnce(key, `release-${id}`), `${store.label}${key}`)
    },

    async listReleases() {
      const prefix = `${folder}releases/`
      const ids: string[] = []
      for await (const page of store.list(prefix, { signal })) {
        for (const { key } of page) if (key.endsWith('.json')) ids.push(key.slice(prefix.length, -'.json'.length))
      }
      return ids
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
      if (result.status !== 'stored') throw pointerMoved(store)
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

interface Copies {
  read(name: string): Uint8Array | undefined
  write(name: string, bytes: Uint8Array): void
}

/** Copies of what never changes in the store, by name. A copy that cannot be kept is fetched again: no failure. */
function localCopies(cacheDir: string, label: string): Copies {
  const folder = join(cacheDir, `state-${createHash('sha256').update(label).digest('hex').slice(0, 16)}`)
  return {
    read(name) {
      try {
        return readFileSync(join(folder, name))
      } catch {
        return undefined
      }
    },
    write(name, bytes) {
      try {
        mkdirSync(folder, { recursive: true })
        const temporary = join(folder, `${name}.${process.pid}`)
        writeFileSync(temporary, bytes)
        renameSync(temporary, join(folder, name))
      } catch {
        // a read-only or full disk costs one request next time
      }
    },
  }
}

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

function pointerMoved(store: Store): LadingError {
  return new LadingError('E_POINTER_MOVED', 'Another deploy was published while this one ran', {
    subject: store.label,
    why: 'Publishing now would undo it, so this run stopped; what it uploaded stays and harms nothing.',
    hint: 'Run the same command again: it starts from the newer state.',
    retryable: true,
  })
}
