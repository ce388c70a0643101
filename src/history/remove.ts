import { type Alteration, alter } from '../alter.ts'
import { visitedPaths } from '../cdn/aliases.ts'
import type { Cdn } from '../cdn/cdn.ts'
import type { HistoryOptions } from '../config/history.ts'
import { type Opened, openStores, readLive } from '../draft/opened.ts'
import { LadingError } from '../errors.ts'
import type { Emit } from '../events.ts'
import { purge } from '../invalidate.ts'
import type { Digest, Key, SitePath } from '../model.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { ASSET_FOLDER, bundlePath, unhashedPath } from '../plan/naming.ts'
import { openCdn, openStore, readOnly } from '../providers.ts'
import type { Run } from '../run.ts'
import type { RemoveFailure } from '../store/store.ts'
import { forEachBounded } from '../transfer/pool.ts'
import { notRemoved, removeBatches } from '../transfer/remove-batches.ts'
import { closest } from '../units.ts'
import { type Going, type Removal, removalOf, sayGoing } from './report.ts'

export interface RemoveOptions extends HistoryOptions {
  /** An object's key, or the path of a file of the site. */
  readonly subject: string
  /** Removes it. @default false: only says what would go */
  readonly now?: boolean | undefined
}

interface RemovePlan extends Alteration {
  readonly going: readonly Going[]
  readonly contents: readonly Digest[]
  readonly kept: number
  /** Channels whose live release names one of them. */
  readonly liveIn: readonly string[]
  readonly failures: RemoveFailure[]
}

/**
 * Takes a file down: every object that was made from it or holds the same bytes, in every version, and every content
 * that was kept for rollback; then the CDN is told. What the live site names is removed all the same.
 * @throws E_USAGE when the store has no such object
 * @throws E_REMOVE when some could not be removed
 */
export async function remove(options: RemoveOptions, run: Run = {}): Promise<Removal> {
  const started = performance.now()
  const emit: Emit = run.emit ?? (() => {})
  const dryRun = !options.now
  const heard = { ...run, emit, ...(dryRun && { openStore: readOnly(run.openStore ?? openStore) }) }
  const cdn = dryRun ? undefined : await cdnOf(options, run)
  const stores = await openStores(options, heard, emit)
  const plan = (opened: Opened): Promise<RemovePlan> => planRemove(opened, options, run.signal)
  const decided = dryRun ? await plan(await readLive(stores)) : await alter({ options, stores, run: heard, plan })
  if (decided === undefined) throw new Error('a removal is always decided or refused')
  sayGoing(decided.going, !dryRun, emit)
  warnLive(decided, emit)
  if (cdn !== undefined)
    await purge(cdn, await addresses(decided, options, stores.state.readPointer), { emit, signal: run.signal })
  if (decided.failures.length > 0) throw notRemoved(decided.failures)
  return removalOf(decided.going, { dryRun, kept: decided.kept, state: decided.contents.length, started })
}

async function planRemove(
  opened: Opened,
  options: RemoveOptions,
  signal: AbortSignal | undefined,
): Promise<RemovePlan> {
  const { manifest, state, store, live } = opened
  const path = options.subject.replace(/^\.?\//, '').normalize('NFC')
  const rows = [...(manifest?.rows.values() ?? [])]
  const versions = await versionsOf(path, { opened, concurrency: options.concurrency, signal })
  const digests = new Set([...rows.filter((row) => isOf(row.key, path)).map(({ sha256 }) => sha256), ...versions])
  const going = rows.flatMap((row): Going[] => {
    if (isOf(row.key, path)) return [{ ...row, reason: row.key === path ? 'named' : 'made from it' }]
    return digests.has(row.sha256) ? [{ ...row, reason: 'holds the same bytes' }] : []
  })
  const kept = new Set(await state.blobs.list())
  const contents = [...digests].filter((digest) => kept.has(digest))
  if (going.length + contents.length === 0) throw unknown(options.subject, rows)
  const keys = going.map(({ key }) => key)
  const failures: RemoveFailure[] = []
  return {
    keys,
    going,
    contents,
    failures,
    kept: rows.length - going.length,
    liveIn: await namedIn(opened, new Set(keys)),
    async perform(held) {
      failures.push(...(await removeBatches(store, keys, held)))
      await state.remove('blobs', contents)
      const failed = new Set(failures.map(({ key }) => key))
      const left = rows.filter(({ key }) => failed.has(key) || !keys.includes(key))
      return { rows: new Map(left.map((row): [Key, ManifestRow] => [row.key, row])), pointer: live && {} }
    },
  }
}

/** Whether a key is this path's own, one of its hashed names, or its bundler's name. */
function isOf(key: Key, path: SitePath): boolean {
  return key === path || unhashedPath(key) === path || bundlePath(key) === path
}

interface VersionSearch {
  readonly opened: Opened
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/** Contents that any recorded release had under this path. */
async function versionsOf(path: SitePath, { opened, concurrency, signal }: VersionSearch): Promise<Digest[]> {
  const { state } = opened
  const digests: Digest[] = []
  await forEachBounded(await state.listReleases(), { concurrency, weigh: () => 0, signal }, async (id) => {
    const { stored, pages } = await state.readRelease(id)
    for (const digest of [stored.get(path)?.sha256, pages.get(path)]) if (digest !== undefined) digests.push(digest)
  })
  return digests
}

async function namedIn({ live, state }: Opened, keys: ReadonlySet<Key>): Promise<string[]> {
  const names: string[] = []
  for (const [name, { release }] of live?.pointer.channels ?? []) {
    const { paths, stored, lingering } = await state.readRelease(release)
    if ([...paths.values(), ...stored.keys(), ...lingering].some((key) => keys.has(key))) names.push(name)
  }
  return names
}

function warnLive({ liveIn, going }: RemovePlan, emit: Emit): void {
  if (liveIn.length === 0) return
  emit({
    type: 'warning',
    code: 'W_REMOVED_LIVE',
    message: `the live release of ${liveIn.join(', ')} names it: pages that show it have a gap now`,
    items: going.map(({ key }) => key),
    fix: 'take it out of the site and sync; a sync with it would put it back',
  })
}

async function cdnOf({ cdn, site, requestTimeoutMs }: RemoveOptions, { env, signal }: Run): Promise<Cdn | undefined> {
  const origin = site === undefined ? undefined : new URL(site).origin
  return cdn && openCdn(cdn, { env: env ?? process.env, origin, signal, requestTimeoutMs })
}

type ReadPointer = Opened['state']['readPointer']

/** A takedown is purged under hashed names too, which nothing else ever is. */
async function addresses(
  { going }: RemovePlan,
  { base, channel }: RemoveOptions,
  read: ReadPointer,
): Promise<string[]> {
  const url = (await read())?.pointer.channels.get(channel)?.url
  const served = url ? decodeURIComponent(new URL(url, 'https://path.invalid').pathname) : base
  return going.flatMap(({ key }) => visitedPaths(key, key.startsWith(ASSET_FOLDER) ? served : base))
}

function unknown(subject: string, rows: readonly ManifestRow[]): LadingError {
  const known = rows.flatMap(({ key }) => [key, unhashedPath(key) ?? key])
  const guess = closest(subject, known)
  return new LadingError('E_USAGE', 'The store has no such object', {
    subject,
    hint:
      guess === undefined ? 'Name it by its key, or by its path in the site.' : `Did you mean: lading remove ${guess}`,
  })
}
