import type { Cdn } from '../cdn/cdn.ts'
import type { HistoryOptions } from '../config/history.ts'
import type { Opened, Stores } from '../draft/opened.ts'
import type { Pointer } from '../plan/pointer.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import type { State } from '../transfer/state.ts'
import { LadingError } from '../words/errors.ts'
import type { Emit, WarningEvent } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import { purge } from './invalidate.ts'
import type { Run } from './run.ts'

/** How often the pointer is moved again because others move it first; beyond this, the next run tells the CDN again. */
const ROUNDS = 10

/** Paths of dead runs that the pointer takes up: every run reads it. */
const MOST = 5000

const AGAIN = 'then the next `lading remove`, `sync`, `prune` or `rollback` with this `cdn` tells them all'

const BY_HAND = 'then purge them by hand: no later run tells them'

interface Owing {
  readonly opened: Opened
  readonly held: Pick<HeldDeploy, 'inherited' | 'isOwing' | 'seq'>
  readonly options: Pick<HistoryOptions, 'cdn'>
  /** Where a CDN may hold these. */
  readonly pathsOf: (keys: readonly Key[]) => readonly string[]
  /** Keys that the run itself has removed. @default none */
  readonly gone?: readonly Key[] | undefined
}

export interface Owed {
  /** As the pointer is to say it. */
  readonly owed: Pointer['owed']
  /** Paths that are too many for the pointer, or that it cannot name: they are told by this run or by hand. */
  readonly beside: readonly string[]
}

/**
 * What a publish leaves to be told: what there was already, what it has taken away, and what dead runs may have changed
 * whose deploy it settles. Where no run had a CDN, nothing. The pointer names none of it where a store would let its
 * later change write over a publish.
 */
export function owedBy({ opened, held, options, pathsOf, gone = [] }: Owing): Owed {
  const hasCdn = options.cdn !== undefined
  const before = opened.live?.pointer.owed ?? []
  const inherited = pathsOf(hasCdn || held.isOwing ? held.inherited : [])
  const isMany = inherited.length > MOST
  const own = pathsOf(hasCdn ? gone : [])
  if (!replacesOnce(opened)) {
    const told = hasCdn ? before.flatMap(({ paths }) => paths) : []
    return { owed: hasCdn ? [] : before, beside: [...new Set([...told, ...own, ...inherited])] }
  }
  const paths = [...new Set([...own, ...(isMany ? [] : inherited)])]
  return {
    owed: paths.length === 0 ? before : [...before, { seq: held.seq, paths }],
    beside: isMany ? inherited : [],
  }
}

/** Whether the pointer is replaced only by who has read it as it is, so that this needs no lock. */
function replacesOnce({ store, learnt }: Stores): boolean {
  const { conditionalWrites } = learnt.state.facts ?? learnt.site.facts ?? store.facts
  return conditionalWrites === 'full'
}

/**
 * Tells the CDN what is still to be told, and has the pointer say so no more. Needs no lock, because what is told twice
 * does no harm; so nobody waits while the CDN takes its time. A failure is only a warning.
 * @param told what it has heard of already
 */
export async function payOwed(
  cdn: Cdn | undefined,
  { owed, beside }: Owed,
  { stores, run }: { readonly stores: Stores; readonly run: Run & { readonly emit: Emit } },
  told: readonly string[] = [],
): Promise<void> {
  if (cdn === undefined) {
    if (beside.length > 0) run.emit(untold(beside))
    return
  }
  const known = new Set(told)
  const paths = [...new Set([...owed.flatMap((one) => one.paths), ...beside])].filter((path) => !known.has(path))
  const isTold = await purge(cdn, paths, { ...run, next: owed.length > 0 ? AGAIN : BY_HAND })
  if (!isTold || owed.length === 0 || !replacesOnce(stores)) return
  try {
    await forget(stores.state, new Set(owed.map(({ seq }) => seq)))
  } catch (error) {
    if (!(error instanceof LadingError)) throw error // the CDN knows; the next run tells it again
  }
}

function untold(paths: readonly string[]): WarningEvent {
  return {
    type: 'warning',
    code: 'W_CDN',
    message: `a run that has died may have changed ${paths.length} addresses, and no CDN is configured to tell of them`,
    items: paths,
    fix: 'purge the whole site by hand',
  }
}

async function forget(state: State, paid: ReadonlySet<number>): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const live = await state.readPointer()
    const owed = live?.pointer.owed.filter(({ seq }) => !paid.has(seq)) ?? []
    if (live === undefined || owed.length === live.pointer.owed.length) return
    if ((await state.movePointer({ ...live.pointer, owed }, live.etag)) !== undefined) return
  }
}
