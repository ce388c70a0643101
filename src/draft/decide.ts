import type { SyncOptions } from '../config/interface.ts'
import { LadingError } from '../errors.ts'
import type { Key } from '../model.ts'
import { type Action, plan } from '../plan/plan.ts'
import type { Pointer } from '../plan/pointer.ts'
import type { Desired } from '../site/desired.ts'
import type { Survey } from '../site/survey.ts'
import { forEachBounded } from '../transfer/pool.ts'
import type { State } from '../transfer/state.ts'
import { storeIdentity } from './build-check.ts'
import type { Opened } from './opened.ts'

export interface DecideInput {
  readonly options: SyncOptions
  readonly opened: Opened
  readonly survey: Survey
  readonly desired: readonly Desired[]
  /** Keys that pages name although their file is gone from the site. */
  readonly lingering: ReadonlySet<Key>
  /** The live release of this channel is already what this one would be. */
  readonly isLive: boolean
}

/**
 * What to do with every object. What expires depends on what the live releases of other channels name; they are read
 * only when something else has changed, since a release that is live leaves nothing more behind than it did.
 * @throws E_IMMUTABLE_CONFLICT
 */
export async function decide(input: DecideInput): Promise<Action[]> {
  const { options, opened, survey, desired, lingering, isLive } = input
  const { manifest, live, state } = opened
  const sent = survey.build?.store === storeIdentity(options.target) ? survey.build.sent : new Set<Key>()
  const known = { desired, manifest, sent }
  const unexpired = plan({ ...known, namedElsewhere: new Set(manifest?.rows.keys()) })
  refuseReusedNames(unexpired)
  if (isLive && unexpired.every(({ op }) => op === 'keep')) return unexpired
  const elsewhere = await namedElsewhere(live?.pointer, options, state)
  return plan({ ...known, namedElsewhere: new Set([...elsewhere, ...lingering]) })
}

/** Keys that the live releases of other channels name: they are in use, whatever this one does. */
async function namedElsewhere(
  pointer: Pointer | undefined,
  { channel, concurrency }: SyncOptions,
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

/** A name that promises its content cannot be given to another content: caches would keep the old one for a year. */
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
