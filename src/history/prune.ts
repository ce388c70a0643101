import type { HistoryOptions } from '../config/history.ts'
import { isPublished, type Opened, openStores, readForChange } from '../draft/opened.ts'
import { meetUnsettled } from '../draft/unsettled.ts'
import { type Alteration, type Altered, alter } from '../line/alter.ts'
import type { Run } from '../line/run.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { checkMaxDelete } from '../plan/max-delete.ts'
import type { Pointer } from '../plan/pointer.ts'
import { isYoung, type RetentionRules, retain } from '../plan/retention.ts'
import { openStore, readOnly } from '../providers.ts'
import { CHANGED, type RemoveFailure, type Store } from '../store/store.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { SYSTEM_CLOCK } from '../transfer/lease.ts'
import { notRemoved, removeBatches } from '../transfer/remove-batches.ts'
import type { Emit } from '../words/events.ts'
import type { ETag, Key } from '../words/model.ts'
import { readKept } from './chain.ts'
import { halfNew, isUnderWay, sayHalfNew } from './half-new.ts'
import { findLeftovers, isReason, removeLeftovers, sizeOf } from './leftovers.ts'
import { findNeeded } from './needed.ts'
import { findOrphans } from './orphans.ts'
import { type Going, type Removal, removalOf, sayGoing } from './report.ts'

export interface PruneOptions extends HistoryOptions {
  /** Says what would go and removes nothing. @default false */
  readonly dryRun?: boolean | undefined
}

/** Everything decided, nothing removed. */
interface PrunePlan extends Alteration {
  readonly going: readonly Going[]
  /** Records and contents that go with them. */
  readonly state: number
  readonly kept: number
  readonly isPublished: boolean
  /** Files replaced by a dead run; if there are any, nothing is removed. */
  readonly halfNew: readonly Key[]
  /** Whether any of it is a reason to publish. */
  readonly isWorthDoing: boolean
  /** Filled in by `perform`. */
  readonly failures: RemoveFailure[]
}

/**
 * Removes what no kept release names and has not been named for a while, with the records and contents of expired
 * releases. Never a foreign object, never more than `maxDelete` allows, and what stays is never derived from a listing.
 * Nothing is removed while files of the live site come from a dead run: no release records what they refer to.
 * @throws E_MAX_DELETE, E_MANIFEST; nothing was removed then
 * @throws E_REMOVE when some objects could not be removed
 */
export async function prune(options: PruneOptions, run: Run = {}): Promise<Removal> {
  const started = performance.now()
  const emit: Emit = run.emit ?? (() => {})
  const { dryRun = false } = options
  const heard = { ...run, emit, ...(dryRun && { openStore: readOnly(run.openStore ?? openStore) }) }
  const stores = await openStores(options, heard, emit)
  const plan = (opened: Opened): Promise<PrunePlan> =>
    planPrune({ opened, options, rules: rulesOf(opened, options, run), signal: run.signal })
  const look = { ...options, signal: run.signal }
  let latest: PrunePlan | undefined
  let hasWaited = false
  const decided = dryRun
    ? await plan(await meetUnsettled(await readForChange(stores), look))
    : await alter({
        options,
        stores,
        run: heard,
        async plan(opened) {
          latest = await plan(opened)
          // once this run has the deploy, the run that replaces them has published or died
          const isEarly = latest.halfNew.length > 0 && isUnderWay(opened) && !hasWaited
          hasWaited ||= isEarly
          return latest.isWorthDoing || isEarly ? latest : undefined
        },
      })
  return conclude(decided ?? latest, { dryRun, started, emit })
}

/** Clocks differ by less than this when both are right, and a store tells whole seconds. */
const CLOCKS_DIFFER_MS = 60_000

/** A clock that is ahead of the store's would make everything old: then the store's counts. */
function rulesOf({ live }: Opened, { keepDays, keepReleases }: PruneOptions, { clock }: Run): RetentionRules {
  const wallMs = (clock ?? SYSTEM_CLOCK).wallMs()
  const toldMs = live?.toldAtMs ?? wallMs
  return { keepDays, keepReleases, nowMs: wallMs - toldMs > CLOCKS_DIFFER_MS ? toldMs : wallMs }
}

interface Ending {
  readonly dryRun: boolean
  readonly started: number
  readonly emit: Emit
}

/** @throws E_REMOVE */
function conclude(decided: PrunePlan | undefined, { dryRun, started, emit }: Ending): Removal {
  if (decided === undefined) throw new Error('what goes is always looked for')
  const { failures, kept, isWorthDoing } = decided
  const unpublished = decided.isPublished ? {} : { unpublished: true as const }
  const stayed = new Set(failures.map(({ key }) => key))
  const going = decided.going.filter(({ key }) => !stayed.has(key))
  sayHalfNew(decided.halfNew, emit)
  sayGoing(going, !dryRun, emit)
  const failed = failures.filter(({ reason }) => reason !== CHANGED)
  if (failed.length > 0) throw notRemoved(failed)
  return removalOf(going, { dryRun, kept, ...unpublished, state: isWorthDoing ? decided.state : 0, started })
}

interface PruneInput {
  readonly opened: Opened
  readonly options: PruneOptions
  readonly rules: RetentionRules
  readonly signal: AbortSignal | undefined
}

async function planPrune({ opened, options, rules, signal }: PruneInput): Promise<PrunePlan> {
  const { state, store, manifest, live } = opened
  const kept = await readKept(state, live?.pointer, rules)
  const replaced = halfNew(opened, kept)
  if (replaced.length > 0) return nothingGoes(opened, replaced)
  const needed = await findNeeded(opened, kept, signal)
  const { gone, unnamed, contents } = retain(manifest, kept, { ...rules, needed })
  const orphans = await findOrphans({ opened, rules, concurrency: options.concurrency, signal })
  const going: Going[] = [...gone.map(({ row, reason }) => ({ ...row, reason })), ...orphans]
  const keys = going.map(({ key }) => key)
  const all = (manifest?.rows.size ?? 0) + orphans.length
  checkMaxDelete(keys, all, options.maxDelete)
  const leftovers = await findLeftovers(state, { seq: live?.pointer.seq ?? 0, kept, contents })
  const pointer = endedChanged(live?.pointer, rules)
  const failures: RemoveFailure[] = []
  return {
    keys,
    going,
    failures,
    halfNew: [],
    state: sizeOf(leftovers),
    kept: all - going.length,
    isPublished: isPublished(opened),
    isWorthDoing: keys.length + unnamed.length > 0 || pointer !== undefined || isReason(leftovers),
    async perform(held: HeldDeploy): Promise<Altered> {
      failures.push(...(await removeBatches(whileOurs(store, manifest), keys, held)))
      const rows = rowsAfter(opened, { gone: keys, failures, unnamed, rules })
      failures.push(...(await removeLeftovers(state, leftovers)))
      return { rows, pointer }
    },
  }
}

function nothingGoes(opened: Opened, halfNew: readonly Key[]): PrunePlan {
  const rows = opened.manifest?.rows ?? new Map<Key, ManifestRow>()
  const none = { keys: [], going: [], failures: [], state: 0, isWorthDoing: false }
  return { ...none, halfNew, kept: rows.size, isPublished: isPublished(opened), perform: async () => ({ rows }) }
}

/** What somebody else has put in the place of ours since then is not ours to remove. */
function whileOurs(store: Store, manifest: Opened['manifest']): Store {
  const etags = new Map(
    [...(manifest?.rows.values() ?? [])].flatMap(({ key, etag }): [Key, ETag][] => (etag ? [[key, etag]] : [])),
  )
  return { ...store, remove: (keys, options) => store.remove(keys, { ...options, etags }) }
}

/** Without the ended channels of which nothing is kept any more; `undefined` when there is none. */
function endedChanged(pointer: Pointer | undefined, rules: RetentionRules): Altered['pointer'] {
  const young = new Map([...(pointer?.ended ?? [])].filter(([, { endedAt }]) => isYoung(endedAt, rules)))
  return pointer === undefined || pointer.ended.size === young.size ? undefined : { ended: young }
}

interface After {
  readonly gone: readonly Key[]
  readonly failures: readonly RemoveFailure[]
  /** Keys whose time begins now. */
  readonly unnamed: readonly Key[]
  readonly rules: RetentionRules
}

function rowsAfter({ manifest }: Opened, { gone, failures, unnamed, rules }: After): Altered['rows'] {
  const rows = new Map(manifest?.rows)
  const failed = new Set(failures.filter(({ reason }) => reason !== CHANGED).map(({ key }) => key))
  for (const key of gone) if (!failed.has(key)) rows.delete(key)
  const unnamedSince = new Date(rules.nowMs).toISOString()
  for (const key of unnamed) {
    const row = rows.get(key)
    if (row !== undefined) rows.set(key, { ...row, unnamedSince })
  }
  return rows
}
