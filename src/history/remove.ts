import { sourceDigitsOf } from '../batch/plan/keys.ts'
import type { HistoryOptions } from '../config/history.ts'
import { type Opened, openStores, readForChange } from '../draft/opened.ts'
import { meetUnsettled } from '../draft/unsettled.ts'
import { type Alteration, alter } from '../line/alter.ts'
import type { Run } from '../line/run.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { unhashedPath } from '../plan/naming.ts'
import { openStore, readOnly } from '../providers.ts'
import type { RemoveFailure } from '../store/store.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { notRemoved } from '../transfer/remove-batches.ts'
import { LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import type { Digest, Key } from '../words/model.ts'
import { closest, shellWord } from '../words/units.ts'
import { type Copies, findCopies } from './copies.ts'
import { type Going, type Removal, removalOf, sayGoing } from './report.ts'
import { openCdnOf } from './served.ts'
import { takeDown } from './take-down.ts'

export interface RemoveOptions extends HistoryOptions {
  /** An object's key, or the path of a file of the site. The key of a variant or of an original names its picture. */
  readonly subject: string
  /** Removes it. @default false: only says what would go */
  readonly now?: boolean | undefined
}

interface RemovePlan extends Alteration {
  readonly going: readonly Going[]
  /** How many kept contents, whether a release needs them or none. */
  readonly contents: number
  readonly kept: number
  /** Channels whose live release names one of them. */
  readonly liveIn: readonly string[]
  /** Records of releases that are damaged: copies that only they know stay. */
  readonly unreadable: readonly string[]
  readonly failures: RemoveFailure[]
}

/**
 * Takes a file down: every object that was made from it or holds the same bytes, in every version, and every content
 * kept for rollback, also those that no release names; then the CDN is purged, by the next run where it refuses. What
 * the live site names is removed all the same. Of what is gone already, only the CDN is told. Where the record of a
 * release is damaged, what the others know goes, and the result is not `ok`.
 * @throws E_USAGE when the store has no such object, and no release has ever named one
 * @throws E_REMOVE when some could not be removed
 */
export async function remove(options: RemoveOptions, run: Run = {}): Promise<Removal> {
  const started = performance.now()
  const emit: Emit = run.emit ?? (() => {})
  const dryRun = !options.now
  const heard = { ...run, emit, ...(dryRun && { openStore: readOnly(run.openStore ?? openStore) }) }
  const cdn = dryRun || options.cdn === undefined ? undefined : await openCdnOf(options.cdn, options, run)
  const stores = await openStores(options, heard, emit)
  const gone: Gone = { objects: new Map(), contents: new Set(), own: new Map() }
  const plan = (opened: Opened): Promise<RemovePlan> => planRemove({ opened, options, run, gone })
  const look = { ...options, signal: run.signal }
  const decided = dryRun
    ? await plan(await meetUnsettled(await readForChange(stores), look))
    : await alter({ options, stores, run: heard, cdn, plan })
  if (decided === undefined) throw new Error('a removal is always decided or refused')
  const failed = new Set(decided.failures.map(({ key }) => key))
  const going = decided.going.filter(({ key }) => !failed.has(key))
  sayGoing(going, !dryRun, emit)
  warnLive(decided, dryRun, emit)
  warnUnreadable(decided, emit)
  if (decided.failures.length > 0) throw notRemoved(decided.failures)
  const isWhole = decided.unreadable.length === 0
  return removalOf(going, { dryRun, kept: decided.kept, state: decided.contents, started, isWhole })
}

/** What this run has removed before another one moved the pointer: then it is planned again, and most of it is gone. */
interface Gone {
  readonly objects: Map<Key, Going>
  readonly contents: Set<Digest>
  /** By key: what leads to the rest. */
  readonly own: Map<Key, ManifestRow>
}

interface PlanInput {
  readonly opened: Opened
  readonly options: RemoveOptions
  readonly run: Run
  readonly gone: Gone
}

async function planRemove({ opened, options, run, gone }: PlanInput): Promise<RemovePlan> {
  const { signal, clock = SYSTEM_CLOCK } = run
  const { manifest, state } = opened
  const rows = [...(manifest?.rows.values() ?? [])]
  const path = options.subject.replace(/^\.?\//, '').normalize('NFC')
  const { concurrency } = options
  const copies = await findCopies(path, { opened, concurrency, signal, gone: gone.own.values() })
  const { digests } = copies
  const objects = [...new Map([...gone.objects, ...copies.objects.map((one) => [one.key, one] as const)]).values()]
  const unreadable = copies.unreadable.map((id) => `${state.label}releases/${id}.json`)
  const contents = new Set([...gone.contents, ...copies.kept, ...copies.unnamed])
  const isThere = objects.length + copies.kept.length + gone.contents.size > 0
  // a run before may have ended when all was gone, and the CDN not told
  const keys = isThere ? objects.map(({ key }) => key) : copies.recorded
  if (!isThere && keys.length === 0) throw unknown(options.subject, { ...copies, rows, unreadable })
  const isGoing = new Set(keys)
  const source = sourceDigitsOf(path)
  const isGone = (sha256: Digest): boolean => digests.has(sha256) || (source !== undefined && sha256.startsWith(source))
  const failures: RemoveFailure[] = []
  const at = new Date(clock.wallMs()).toISOString()
  return {
    keys,
    going: objects,
    contents: contents.size,
    unreadable,
    failures,
    kept: rows.filter(({ key }) => !isGoing.has(key)).length,
    liveIn: await namedIn(opened, isGoing, copies.unreadable),
    async perform(held) {
      const { failures: some, rows } = await takeDown({ opened, copies, isGone, at }, held)
      failures.push(...some)
      const stayed = new Set(some.map(({ key }) => key))
      for (const one of objects) if (!stayed.has(one.key)) gone.objects.set(one.key, one)
      for (const digest of contents) gone.contents.add(digest)
      for (const row of copies.own) gone.own.set(row.key, row)
      return { rows, gone: [...keys, ...copies.recorded] }
    },
  }
}

async function namedIn(
  { live, state }: Opened,
  keys: ReadonlySet<Key>,
  unreadable: readonly string[],
): Promise<string[]> {
  const names: string[] = []
  for (const [name, { release }] of live?.pointer.channels ?? []) {
    if (unreadable.includes(release)) continue
    const { paths, stored, lingering } = await state.readRelease(release)
    if ([...paths.values(), ...stored.keys(), ...lingering].some((key) => keys.has(key))) names.push(name)
  }
  return names
}

function warnLive({ liveIn, going, keys }: RemovePlan, dryRun: boolean, emit: Emit): void {
  if (liveIn.length === 0) return
  emit({
    type: 'warning',
    code: 'W_REMOVED_LIVE',
    message: `live in ${liveIn.join(', ')}: pages that show it ${dryRun && going.length > 0 ? 'will' : 'now'} have a gap`,
    items: keys,
    fix: 'take it out of the site and sync; a sync with it would put it back',
  })
}

function warnUnreadable({ unreadable }: RemovePlan, emit: Emit): void {
  if (unreadable.length === 0) return
  emit({
    type: 'warning',
    code: 'W_RECORD_UNREADABLE',
    message: 'records of releases cannot be read: what only they know of this file stays, and may be public',
    items: unreadable,
    fix: 'restore them from the bucket’s versions and run this again; if they are lost, `lading prune` lets go of them and of what only they name, or says how',
  })
}

interface Known extends Pick<Copies, 'unnamed' | 'unreadable'> {
  readonly rows: readonly ManifestRow[]
}

function unknown(subject: string, { rows, unnamed, unreadable }: Known): LadingError {
  const known = rows.flatMap(({ key }) => [key, unhashedPath(key) ?? key])
  const guess = closest(subject, known)
  return new LadingError('E_USAGE', 'The store has no such object', {
    subject,
    why: unreadable.length > 0 ? unread(unreadable) : unnamed.length > 0 ? UNNAMED : undefined,
    hint:
      guess === undefined
        ? 'Name it by its key, or by its path in the site.'
        : `Did you mean: lading remove ${shellWord(guess)}`,
  })
}

const UNNAMED =
  'Contents are kept that a failed run had put and no release names: they may be of it. lading prune removes them.'

const unread = (records: readonly string[]): string =>
  `Records of releases cannot be read, which may know it: ${records.join(', ')}. lading prune lets go of such records, or says how.`
