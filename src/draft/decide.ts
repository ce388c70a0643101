import type { SyncOptions } from '../config/interface.ts'
import { type Action, planDesired, planRest } from '../plan/plan.ts'
import type { Pointer } from '../plan/pointer.ts'
import type { Desired } from '../site/desired.ts'
import type { Survey } from '../site/survey.ts'
import { forEachBounded } from '../transfer/pool.ts'
import type { State } from '../transfer/state.ts'
import { LadingError } from '../words/errors.ts'
import type { ETag, Key } from '../words/model.ts'
import { findAdoptable } from './adopt.ts'
import { storeIdentity } from './build-check.ts'
import type { Opened } from './opened.ts'
import { sentBefore } from './unsettled.ts'

export interface DecideInput {
  readonly options: SyncOptions
  readonly opened: Opened
  readonly survey: Survey
  readonly desired: readonly Desired[]
  /** Keys that pages name although their file is gone from the site. */
  readonly lingering: ReadonlySet<Key>
  /** Hashed names that this run has sent already. */
  readonly sent: ReadonlyMap<Key, string>
  /** Whether the live release of this channel is already what this one would be. */
  readonly isLive: () => boolean
  readonly signal: AbortSignal | undefined
}

/**
 * What to do with every object. What expires depends on what the live releases of other channels name; those are read
 * only when something has changed, or may have: a release that is already live leaves nothing new to expire, but a run
 * that died or a channel that ended may.
 * @throws E_IMMUTABLE_CONFLICT
 */
export async function decide(input: DecideInput): Promise<Action[]> {
  const adopted = await findAdoptable({ ...input, concurrency: input.options.concurrency })
  const actions = await decideByManifest(input)
  const damaged = await findDamaged(input, actions)
  if (adopted.size === 0 && damaged.size === 0) return actions
  return actions.map((action) => adoptedOrMended(action, adopted, damaged))
}

/** What the manifest cannot know: objects that lay there before, and objects that were damaged. */
function adoptedOrMended(action: Action, adopted: ReadonlyMap<Key, Action>, damaged: ReadonlyMap<Key, ETag>): Action {
  if (action.op !== 'put' && action.op !== 'confirm') return action
  const { object } = action
  const etag = damaged.get(object.key)
  return etag === undefined ? (adopted.get(object.key) ?? action) : { op: 'mend', object, etag, reason: 'damaged' }
}

/** Objects that a repair found damaged, and wrong ones under hashed names of this site that no manifest knows. */
async function findDamaged(
  { opened, options, signal }: DecideInput,
  actions: readonly Action[],
): Promise<Map<Key, ETag>> {
  const damaged = new Map(opened.repair?.damaged)
  if (opened.repair === undefined) return damaged
  const { concurrency } = options
  const believed = actions.filter((action) => action.op === 'confirm' || isCreation(action))
  await forEachBounded(believed, { concurrency, weigh: () => 0, signal }, async ({ object }) => {
    const found = await opened.store.head(object.key, { signal })
    const isOther = found !== undefined && (found.sha256 !== object.body.sha256 || found.size !== object.body.size)
    if (isOther) damaged.set(object.key, found.etag)
  })
  return damaged
}

async function decideByManifest(input: DecideInput): Promise<Action[]> {
  const { options, opened, survey, desired, lingering, isLive, signal } = input
  const { manifest, live, state, unsettled } = opened
  const byBuild = survey.build?.store === storeIdentity(options.target) ? survey.build.sent : []
  const sent = new Map([...[...byBuild].map((key) => [key, 'sent by the build'] as const), ...input.sent])
  const hasPages = options.delivery.mode !== 'offload'
  const unexpired = planDesired({ desired, manifest, sent })
  refuseReusedNames(unexpired)
  if (unexpired.every(({ op }) => op === 'keep') && isLive() && !mayBeMore(input, unexpired)) return unexpired
  const known = unsettled !== undefined && unexpired.some(isCreation) ? [...(await sentBefore(opened, signal))] : []
  const decided =
    known.length === 0 ? unexpired : planDesired({ desired, manifest, sent: new Map([...known, ...sent]) })
  const elsewhere = await namedElsewhere(live?.pointer, options, state)
  const rest = planRest(decided, { manifest, namedElsewhere: new Set([...elsewhere, ...lingering]), hasPages })
  return rest.length === 0 ? decided : [...decided, ...rest]
}

/** Whether something may have to be removed although the release is live: pages, or objects that nobody has checked. */
function mayBeMore({ options, opened, lingering }: DecideInput, unexpired: readonly Action[]): boolean {
  const { manifest, unsettled, repair } = opened
  if (unsettled !== undefined || repair !== undefined) return true
  const hasPages = options.delivery.mode !== 'offload'
  return planRest(unexpired, { manifest, namedElsewhere: lingering, hasPages }).some(({ op }) => op === 'remove')
}

const isCreation = (action: Action): action is Extract<Action, { op: 'put' }> =>
  action.op === 'put' && !action.object.mutable

/** Keys that the live releases of other channels name: they are in use, whatever this one does. */
export async function namedElsewhere(
  pointer: Pointer | undefined,
  { channel, concurrency }: Pick<SyncOptions, 'channel' | 'concurrency'>,
  state: State,
): Promise<Set<Key>> {
  const others = [...(pointer?.channels ?? [])].filter(([name]) => name !== channel)
  const keys = new Set<Key>()
  await forEachBounded(others, { concurrency, weigh: () => 0 }, async ([, { release }]) => {
    const { paths, stored, lingering } = await state.readRelease(release)
    for (const key of [...paths.values(), ...stored.keys(), ...lingering]) keys.add(key)
  })
  return keys
}

/** A hashed name must not be reused for other content: caches would keep the old one for a year. */
function refuseReusedNames(actions: readonly Action[]): void {
  const reused = actions.filter(
    (action) => action.op === 'put' && action.reason === 'content' && !action.object.mutable,
  )
  if (reused.length === 0) return
  throw new LadingError('E_IMMUTABLE_CONFLICT', 'The build gave names that are in use to other contents', {
    details: reused.map((action) => (action.op === 'put' ? action.object.path : '')),
    why: 'Their names carry a hash and are cached for a year; whoever has the old bytes would keep them.',
    hint: 'Let nothing change files after the bundler has named them, then build again.',
  })
}
