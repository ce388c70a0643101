import type { Cdn } from '../cdn/cdn.ts'
import type { HistoryOptions } from '../config/history.ts'
import { nextSeq, type Opened, readForChange, type Stores } from '../draft/opened.ts'
import { meetUnsettled } from '../draft/unsettled.ts'
import { addressesOf, openCdnLate } from '../history/served.ts'
import type { ManifestRow } from '../plan/manifest.ts'
import { NO_POINTER, type Pointer } from '../plan/pointer.ts'
import type { HeldDeploy } from '../transfer/held-deploy.ts'
import { movePast } from '../transfer/move-past.ts'
import { LadingError } from '../words/errors.ts'
import type { Emit } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import { openDeployer } from './deployer.ts'
import { owedBy, payOwed } from './owed.ts'
import { restless } from './restless.ts'
import type { Run } from './run.ts'

/** How often a change is planned again when other runs publish first; beyond this, the store is faulty. */
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
  /** Keys that the CDN is to be told of. */
  readonly gone?: readonly Key[] | undefined
}

export interface AlterInput<T extends Alteration> {
  readonly options: HistoryOptions
  readonly stores: Stores
  readonly run: Run & { readonly emit: Emit }
  /** @default the one of the options, opened when there is something to tell it */
  readonly cdn?: Cdn | undefined
  /** Decides from what is live. Called again when another run came first. `undefined`: there is nothing to do. */
  readonly plan: (opened: Opened) => Promise<T | undefined>
}

/**
 * Alters the state the way a deploy does: under the lock, with its keys recorded before the first is touched, the
 * pointer moved by compare-and-swap. A run that finds it unfinished checks each of these keys. The CDN is told when the
 * lock is let go, also what a dead run may have changed whose deploy this one settles; what it does not hear stays on
 * record in the pointer.
 * @returns what was decided and done; `undefined` when there was nothing to do
 * @throws E_POINTER_MOVED when other runs came first each time
 */
export async function alter<T extends Alteration>(input: AlterInput<T>): Promise<T | undefined> {
  const { options, stores, run, plan } = input
  const deployer = openDeployer(input)
  const cdn = input.cdn ?? openCdnLate(options, run)
  let held: HeldDeploy | undefined

  /** @returns `undefined` when it has to be planned again */
  async function hold(opened: Opened, keys: readonly Key[]): Promise<HeldDeploy | undefined> {
    if (held === undefined) {
      const taken = await deployer.take(nextSeq(opened), keys)
      if (taken === 'moved') return undefined
      held = taken.held
      if (taken.isStale) return undefined
    }
    await held.name(keys)
    return held
  }

  try {
    for (let round = 0; round < ROUNDS; round++) {
      const look = { concurrency: options.concurrency, signal: run.signal }
      const opened = await meetUnsettled(await readForChange(stores), look)
      const payOnly = async (): Promise<void> => {
        await held?.giveUp()
        held = undefined
        await payOwed(cdn, { owed: opened.live?.pointer.owed ?? [], beside: [] }, input)
      }
      const decided = await plan(opened).catch(async (error: unknown) => {
        // refused perhaps because it is done, by a run that could not tell the CDN
        if (error instanceof LadingError && error.code === 'E_USAGE') await payOnly()
        throw error
      })
      if (decided === undefined) return void (await payOnly())
      const holding = await hold(opened, decided.keys)
      if (holding === undefined) continue
      const altered = await decided.perform(holding)
      const pathsOf = (keys: readonly Key[]) => addressesOf(keys, opened, options)
      const owing = owedBy({ opened, held: holding, options, pathsOf, gone: altered.gone })
      const isPublished = await publishAltered(opened, { held: holding, altered, owed: owing.owed })
      holding.settle()
      held = undefined
      if (!isPublished) continue
      await payOwed(cdn, owing, input)
      return decided
    }
    throw restless(stores)
  } catch (error) {
    await held?.giveUp()
    throw error
  }
}

interface Publishing {
  readonly held: HeldDeploy
  readonly altered: Altered
  readonly owed: Pointer['owed']
}

/** @returns whether the pointer has moved */
async function publishAltered(opened: Opened, { held, altered, owed }: Publishing): Promise<boolean> {
  const { state, live } = opened
  const { seq, guard } = held
  const manifest = await state.writeManifest({ seq, rows: altered.rows })
  const before = live?.pointer ?? NO_POINTER
  const next: Pointer = {
    ...before,
    ...altered.pointer,
    ...{ seq, fence: 0, manifest, owed },
  }
  return (await movePast(state, { next, live, guard })) !== undefined
}
