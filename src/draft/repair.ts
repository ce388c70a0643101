import { isOfBulk } from '../batch/plan/keys.ts'
import type { Deploy } from '../plan/deploy.ts'
import type { Manifest, ManifestRow } from '../plan/manifest.ts'
import { isAtOwnPath } from '../plan/naming.ts'
import { type LiveRelease, NO_POINTER, type Pointer } from '../plan/pointer.ts'
import { contentDigest, type Release } from '../plan/release.ts'
import { compareRow } from '../transfer/compare-row.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { STATE_FOLDER, type State } from '../transfer/state.ts'
import { LadingError } from '../words/errors.ts'
import type { ETag, Key } from '../words/model.ts'
import { forgottenBy, learn, type Opened, type Stores } from './opened.ts'
import type { RepairOptions } from './repair-options.ts'
import { createSitesBelow } from './sites-below.ts'
import { lookAt } from './unsettled.ts'

/** Result of checking every object. */
export interface Repair {
  /** Objects whose bytes are not what they should be. */
  readonly damaged: ReadonlyMap<Key, ETag>
  /** Whether anything differs from what the state says, so that it has to be written anew. */
  readonly differs: boolean
  /** Channels whose live release has no record any more: they are not live then. */
  readonly lost: readonly string[]
  /** Channels that are live because they have a release, where the pointer was lost or damaged. */
  readonly remade: readonly string[]
}

interface RepairInput {
  readonly stores: Stores
  readonly options: RepairOptions & { readonly state?: unknown; readonly concurrency: number }
  readonly signal: AbortSignal | undefined
}

/** What is live, derived from what is really in the store; unreadable parts of the state are rebuilt. */
export async function readForRepair(input: RepairInput): Promise<Opened & { readonly repair: Repair }> {
  const { stores } = input
  const live = await findPointer(stores)
  learn(stores, live?.pointer.facts)
  const published = live && (await storedManifest(stores.state, live.pointer))
  const { rows, damaged, differs } = await lookAtEverything(input, published)
  const manifest: Manifest = { seq: live?.pointer.seq ?? 0, rows }
  const isTorn = live !== undefined && (published === undefined || live.isMadeAnew)
  return {
    ...stores,
    live,
    manifest,
    unsettled: undefined,
    repair: { damaged, differs: differs || isTorn, lost: live?.lost ?? [], remade: live?.remade ?? [] },
  }
}

/** The manifest that the pointer names, if the store still has it: this machine may cache one that is lost there. */
async function storedManifest(state: State, pointer: Pointer): Promise<Manifest | undefined> {
  const { seq, manifest } = pointer
  if (manifest === undefined) return seq === 0 ? { seq, rows: new Map() } : undefined
  const names = await state.list('manifests')
  const isStored = names.some((name) => name.includes(manifest.sha256.slice(0, 16)))
  return isStored ? orNothing(() => state.readManifest(pointer)) : undefined
}

/** What a part of the state holds; `undefined` when it is lost or damaged. */
async function orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof LadingError && error.code === 'E_MANIFEST') return undefined
    throw error
  }
}

interface FoundPointer {
  readonly pointer: Pointer
  /** Undefined where there is none: it is created then. */
  readonly etag: ETag | undefined
  readonly isMadeAnew: boolean
  /** See {@link Repair}. */
  readonly lost: readonly string[]
  readonly remade: readonly string[]
}

/** The pointer, else the newest release of every channel, of those that may have been published if there are such. Channels whose release has no record are not live. */
async function findPointer({ state }: Stores): Promise<FoundPointer | undefined> {
  // each publish writes a manifest and a release: nothing was published here, or nothing is left of it
  const isLeft = async (): Promise<boolean> =>
    (await state.list('manifests')).length > 0 || (await state.listReleases()).length > 0
  const found = await orNothing(() => state.readPointer())
  // a run that has taken over what it believed the first deploy makes one without a release
  if (found !== undefined && (found.pointer.seq > 0 || !(await isLeft()))) {
    const { pointer, etag } = found
    const recorded = new Set(await state.listReleases())
    const channels = new Map<string, LiveRelease>()
    for (const [name, channel] of pointer.channels) {
      const isStored = recorded.has(channel.release)
      if (isStored && (await orNothing(() => state.readRelease(channel.release)))) channels.set(name, channel)
    }
    const lost = [...pointer.channels.keys()].filter((name) => !channels.has(name))
    return { pointer: { ...pointer, channels }, etag, isMadeAnew: lost.length > 0, lost, remade: [] }
  }
  const etag = found?.etag ?? (await state.pointerEtag())
  if (etag === undefined && !(await isLeft())) return undefined
  const pointer = await pointerFromReleases(state)
  return { pointer, etag, isMadeAnew: true, lost: [], remade: [...pointer.channels.keys()].sort() }
}

async function pointerFromReleases(state: State): Promise<Pointer> {
  const releases: Release[] = []
  for (const id of await state.listReleases()) {
    const release = await orNothing(() => state.readRelease(id))
    if (release) releases.push(release)
  }
  releases.sort((a, b) => b.seq - a.seq || b.createdAt.localeCompare(a.createdAt))
  const newest = new Map<string, Release>()
  for (const release of [...releases.filter(await publishedOf(state, releases)), ...releases]) {
    if (!newest.has(release.channel)) newest.set(release.channel, release)
  }
  const channels = new Map(
    [...newest].map(([name, release]): [string, LiveRelease] => [
      name,
      {
        release: release.id,
        seq: release.seq,
        content: contentDigest(release),
        url: release.url ?? null,
        mode: release.mode,
      },
    ]),
  )
  const names = [...(await state.list('manifests')), ...(await state.list('deploys'))]
  // a release's number is never given anew, also where nothing but its record is left
  const numbers = [...names.map((name) => Number.parseInt(name, 10)), ...releases.map(({ seq }) => seq)]
  return { ...NO_POINTER, seq: Math.max(0, ...numbers.filter(Number.isSafeInteger)), channels }
}

/**
 * Tells which releases may have been published. A deploy that failed behind its record has given its number up, unless
 * another has taken that since: then it is the number of that one's release.
 */
async function publishedOf(state: State, releases: readonly Release[]): Promise<(release: Release) => boolean> {
  const deploys = new Map<number, Deploy>()
  for (const seq of new Set(releases.map((release) => release.seq))) {
    const found = await orNothing(async () => ({ read: await state.deploys.read(seq) }))
    if (found?.read !== undefined) deploys.set(seq, found.read.deploy)
  }
  const isTaken = (seq: number, by: string): boolean => releases.some((one) => one.seq === seq && one.channel === by)
  return ({ seq, channel }) => {
    const deploy = deploys.get(seq)
    if (deploy === undefined) return true
    return deploy.holder !== '' && (deploy.channel === channel || !isTaken(seq, deploy.channel))
  }
}

interface Seen extends Omit<Repair, 'lost' | 'remade'> {
  readonly rows: Map<Key, ManifestRow>
}

async function lookAtEverything(
  { stores, options, signal }: RepairInput,
  published: Manifest | undefined,
): Promise<Seen> {
  const { store } = stores
  const rows = new Map<Key, ManifestRow>()
  const damaged = new Map<Key, ETag>()
  let differs = false
  const forgotten = forgottenBy(stores)
  const look = { store, download: options.download ?? false, forgotten, signal }
  const known = [...(published?.rows.values() ?? [])]
  const bounded = { concurrency: options.concurrency, weigh: () => 0, signal }
  await forEachBounded(known, bounded, async (row) => {
    const { kind, found } = await compareRow(row, look)
    differs ||= kind !== undefined
    const isOwnPath = isAtOwnPath(row)
    if (found === undefined) return
    const isOtherVersion = isOwnPath && found.sha256 !== undefined && found.sha256 !== row.sha256
    if (kind === 'content' && !isOtherVersion) damaged.set(row.key, found.etag)
    else
      rows.set(row.key, {
        ...row,
        ...found,
        headers: kind === undefined ? row.headers : found.headers,
        sha256: found.sha256 ?? row.sha256,
        etag: isOwnPath ? found.etag : undefined,
      })
  })
  if (published !== undefined) return { rows, damaged, differs }
  // without a manifest, every object with our digest counts as the site's, except those of images, batches and other
  // sites below; since when each is unnamed, the plan decides
  const keys: Key[] = []
  const others = createSitesBelow()
  for await (const page of store.list('', { signal })) {
    const site = page.filter(({ key }) => options.state !== undefined || !key.startsWith(STATE_FOLDER))
    for (const { key } of site) others.note(key)
    keys.push(...site.map(({ key }) => key).filter((key) => !isOfBulk(key)))
  }
  const ours = keys.filter((key) => !others.has(key))
  await forEachBounded(ours, bounded, async (key) => {
    const row = await lookAt(store, key, signal)
    if (row !== undefined) rows.set(key, row)
  })
  return { rows, damaged, differs }
}
