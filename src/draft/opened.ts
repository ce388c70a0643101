import type { StoreOptions } from '../config/resolve.ts'
import type { Emit } from '../events.ts'
import type { ETag, Key } from '../model.ts'
import type { Manifest, ManifestRow } from '../plan/manifest.ts'
import type { Pointer } from '../plan/pointer.ts'
import { openStore } from '../providers.ts'
import type { Run } from '../run.ts'
import type { Store } from '../store/store.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { openState, STATE_FOLDER, type State } from '../transfer/state.ts'

/** The store, and what is live in it. */
export interface Opened {
  readonly store: Store
  readonly state: State
  readonly live: { readonly pointer: Pointer; readonly etag: ETag } | undefined
  /** What the last publish left, put right where a run after it has ended half-way. */
  readonly manifest: Manifest | undefined
}

/** Opens the store (and the state's, if apart) and reads what is live there. */
export async function openAndRead(options: StoreOptions, run: Run, emit: Emit): Promise<Opened> {
  const open = run.openStore ?? openStore
  const storeOptions = { ...options, env: run.env, onRetry: emit }
  const store = await open(options.target, storeOptions)
  const stateStore = options.state === undefined ? store : await open(options.state, storeOptions)
  const folder = options.state === undefined ? STATE_FOLDER : ''
  const state = openState({ store: stateStore, folder, cacheDir: options.cacheDir, signal: run.signal })
  const live = await state.readPointer()
  return { store, state, live, manifest: live && (await state.readManifest(live.pointer)) }
}

/** The number that the next publish takes. */
export function nextSeq({ live }: Pick<Opened, 'live'>): number {
  return (live?.pointer.seq ?? 0) + 1
}

/**
 * A run that wrote files at their own paths and did not publish has left them in a state that no manifest knows. Its
 * deploy record names them; each is looked at, and the manifest is put right before anything is planned.
 */
export async function meetUnsettled(opened: Opened, concurrency: number, run: Run): Promise<Opened> {
  const { state, store, manifest } = opened
  const deploy = await state.readDeploy(nextSeq(opened))
  if (deploy === undefined) return opened
  const rows = new Map(manifest?.rows)
  await forEachBounded(deploy.keys, { concurrency, weigh: () => 0, signal: run.signal }, async (key) => {
    const row = await lookAt(store, key, run.signal)
    if (row === undefined) rows.delete(key)
    else rows.set(key, { ...row, unnamedSince: manifest?.rows.get(key)?.unnamedSince })
  })
  return { ...opened, manifest: { seq: manifest?.seq ?? 0, rows } }
}

/** The object as a row; `undefined` when it is not there, or is not ours. */
async function lookAt(store: Store, key: Key, signal: AbortSignal | undefined): Promise<ManifestRow | undefined> {
  const found = await store.head(key, { signal })
  if (found?.sha256 === undefined) return undefined
  const { sha256, size, headers, etag } = found
  return { key, sha256, size, headers, etag, unnamedSince: undefined }
}
