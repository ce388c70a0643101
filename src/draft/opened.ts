import type { StoreOptions } from '../config/resolve.ts'
import type { Run } from '../line/run.ts'
import type { Manifest } from '../plan/manifest.ts'
import type { Pointer } from '../plan/pointer.ts'
import { openStore } from '../providers.ts'
import type { Learnt, Store } from '../store/store.ts'
import type { FoundDeploy } from '../transfer/deploy-records.ts'
import { type Live, lostPointer, openState, STATE_FOLDER, type State } from '../transfer/state.ts'
import type { Emit } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import type { Repair } from './repair.ts'

/** The stores of a run, and how they are reached. */
export interface Stores {
  readonly store: Store
  readonly state: State
  /** What the probe has found out; filled in by whoever reads or makes a pointer. */
  readonly learnt: { readonly site: Learnt; readonly state: Learnt }
}

/** What has just been read of the stores. */
export interface Known {
  readonly live: Live
  /** The deploy after it, where that was asked for. */
  readonly next: { readonly found: FoundDeploy | undefined } | undefined
}

/** The stores, and what is live in them. */
export interface Opened extends Stores {
  readonly live: Live | undefined
  /** What the last publish left, corrected where a later run has ended half-way. */
  readonly manifest: Manifest | undefined
  /** A deploy that was begun and that no pointer has settled. */
  readonly unsettled: FoundDeploy | undefined
  /** Before the first publish: keys of all that lies there, where one page of a listing shows them all. */
  readonly keysThere?: Promise<readonly Key[] | undefined> | undefined
  /** Where no pointer says that anything was published: whether releases show that it was. */
  readonly isLost?: Promise<boolean> | undefined
  /** Result of checking every object, where a repair was asked for. */
  readonly repair?: Repair | undefined
}

/** Opens the store, and the state's if that is another one. Nothing is requested yet. */
export async function openStores(options: StoreOptions, run: Run, emit: Emit): Promise<Stores> {
  const open = run.openStore ?? openStore
  const learnt = { site: { facts: undefined }, state: { facts: undefined } }
  const storeOptions = { ...options, env: run.env, onRetry: emit }
  const store = await open(options.target, { ...storeOptions, learnt: learnt.site })
  const other = options.state && (await open(options.state, { ...storeOptions, learnt: learnt.state }))
  const folder = other === undefined ? STATE_FOLDER : ''
  const { cacheDir } = options
  const state = openState({ site: store, store: other ?? store, folder, cacheDir, signal: run.signal })
  return { store, state, learnt }
}

/** Reads what is live. @param known the pointer, where it has just been read */
export async function readLive(stores: Stores, known?: Live): Promise<Opened> {
  const live = known ?? (await stores.state.readPointer())
  learn(stores, live?.pointer.facts)
  const manifest = live && (await stores.state.readManifest(live.pointer))
  return { ...stores, live, manifest, unsettled: undefined }
}

/**
 * Reads what is live for a run that is to change it. Without the pointer it would take all that is there for nobody's.
 * @throws E_MANIFEST where the pointer is gone and releases that it had named are left
 */
export async function readForChange(stores: Stores): Promise<Opened> {
  const opened = await readLive(stores)
  if (!isPublished(opened) && (await isPointerLost(stores))) throw lostPointer(stores.state.label)
  return opened
}

/**
 * Whether something was published where no pointer says so. A first publish that died has left nothing but the first
 * number.
 * @param keysThere see {@link Opened}, where the state lies there too
 */
export async function isPointerLost({ state }: Stores, keysThere?: Opened['keysThere']): Promise<boolean> {
  const folder = `${STATE_FOLDER}releases/`
  const keys = (await keysThere)?.filter((key) => key.startsWith(folder)).map((key) => key.slice(folder.length))
  return (keys ?? (await state.listReleases())).some((id) => Number(/^r(\d+)-/.exec(id)?.[1] ?? 0) > 1)
}

/** Opens the stores and reads what is live there. */
export async function openAndRead(options: StoreOptions, run: Run, emit: Emit): Promise<Opened> {
  return readLive(await openStores(options, run, emit))
}

/** The adapters read these at their next request. */
export function learn({ learnt }: Stores, facts: Pointer['facts']): void {
  learnt.site.facts = facts?.site ?? learnt.site.facts
  learnt.state.facts = facts?.state ?? learnt.state.facts
}

/** Headers that the store takes and does not give back. */
export function forgottenBy({ store, learnt }: Stores): readonly string[] {
  return learnt.site.facts?.forgets ?? store.facts.forgets
}

/** Whether anything has been published. A pointer alone proves nothing: see `takeOver`, which raises its fence. */
export const isPublished = ({ live }: Pick<Opened, 'live'>): boolean => (live?.pointer.seq ?? 0) > 0

/** The number that the next publish takes. */
export function nextSeq({ live }: Pick<Opened, 'live'>): number {
  return (live?.pointer.seq ?? 0) + 1
}
