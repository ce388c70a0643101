import type { HistoryOptions } from '../config/history.ts'
import { nextSeq, type Opened, readLive, type Stores } from '../draft/opened.ts'
import { meetUnsettled } from '../draft/unsettled.ts'
import { purgeInherited } from '../history/served.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { NO_POINTER, type Pointer } from '../plan/pointer.ts'
import type { Deployer } from '../transfer/deploy.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import type { Emit } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import { openDeployer } from './deployer.ts'
import type { Run } from './run.ts'

/** How often a change is planned again when other runs publish first. */
const ROUNDS = 50

/** A change to the state, and perhaps to objects, that is no release: prune, remove, the end of a channel. */
export interface Alteration {
  /** Keys that are about to be removed. */
  readonly keys: readonly Key[]
  /** Carries it out while the deploy is held; returns what the manifest and the pointer have to say then. */
  perform(held: HeldDeploy): Promise<Altered>
}

export interface Altered {
  readonly rows: ReadonlyMap<Key, ManifestRow>
  readonly pointer?: Partial<Pick<Pointer, 'channels' | 'ended'>> | undefined
  /**
   * Tells the CDN, also what dead runs may have changed, or says what it has been told of before the pointer moved.
   * @returns keys that the CDN would not hear of: they are left to the next run, as those of a dead one
   */
  tell?(): Promise<readonly Key[]>
}

export interface AlterInput<T extends Alteration> {
  readonly options: HistoryOptions
  readonly stores: Stores
  readonly run: Run & { readonly emit: Emit }
  /** Decides from what is live. Called again when another run came first. `undefined`: there is nothing to do. */
  readonly plan: (opened: Opened) => Promise<T | undefined>
}

/**
 * Alters the state the way a deploy does: under the lock, with its keys recorded before the first is touched, the
 * pointer moved by compare-and-swap. A run that finds it unfinished checks each of these keys. The CDN is told what a
 * dead run may have changed whose deploy this one settles.
 * @returns what was decided and done; `undefined` when there was nothing to do
 */
export async function alter<T extends Alteration>(input: AlterInput<T>): Promise<T | undefined> {
  const { options, stores, run, plan } = input
  const deployer = openDeployer(input)
  let held: HeldDeploy | undefined
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const look = { concurrency: options.concurrency, signal: run.signal }
      const opened = await meetUnsettled(await readLive(stores), look)
      const decided = await plan(opened)
      if (decided === undefined) break
      if (held === undefined) {
        const taken = await deployer.take(nextSeq(opened), decided.keys)
        if (taken === 'moved') continue
        held = taken.held
        if (taken.isStale) continue
      }
      await held.name(decided.keys)
      const altered = await decided.perform(held)
      const isDone = await publishAltered(opened, held, altered)
      held.settle()
      if (isDone) {
        await tell(altered, held, { input, opened, deployer })
        return decided
      }
      held = undefined
    }
  } catch (error) {
    await held?.giveUp()
    throw error
  }
  await held?.giveUp()
  return undefined
}

interface Telling<T extends Alteration> {
  readonly input: AlterInput<T>
  readonly opened: Opened
  readonly deployer: Deployer
}

async function tell<T extends Alteration>(
  altered: Altered,
  held: HeldDeploy,
  { input, opened, deployer }: Telling<T>,
): Promise<void> {
  if (altered.tell === undefined) return purgeInherited(held.inherited, { ...input, opened })
  const untold = await altered.tell()
  if (untold.length > 0) await deployer.leave(held.seq + 1, untold)
}

/** @returns whether the pointer has moved */
async function publishAltered(opened: Opened, held: HeldDeploy, { rows, pointer = {} }: Altered): Promise<boolean> {
  const { state, live } = opened
  const { seq, guard } = held
  const manifest = await state.writeManifest({ seq, rows })
  const before = live?.pointer ?? NO_POINTER
  const next: Pointer = { ...before, ...pointer, seq, fence: 0, manifest }
  return (await state.movePointer(next, live?.etag, guard)) !== undefined
}
