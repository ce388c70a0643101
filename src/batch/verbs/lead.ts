import { SYSTEM_CLOCK as LEASE_CLOCK } from '../../transfer/lease.ts'
import { SYSTEM_CLOCK } from '../clock.ts'
import type { Ledger } from '../leader/account.ts'
import { createLeader, createLeadership, type Leader } from '../leader/leader.ts'
import { LANE_RULES, LANES } from '../plan/lanes.ts'
import { LEADER_LOOK_SECONDS, USUAL_CORE_SECONDS } from '../plan/sighting.ts'
import type { WorkerEmit } from '../worker/events.ts'
import { asLadingError } from '../worker/trouble.ts'
import type { OpenBatch } from './open.ts'

const LOOK_MS = LEADER_LOOK_SECONDS * 1000

/** A worker's leader role, elected or not; `undefined` without a fleet. */
export function leaderOf(
  { store, fleet, lanes }: OpenBatch,
  { instance, slots, ledger }: { readonly instance: string; readonly slots: number; readonly ledger: Ledger },
): Leader | undefined {
  if (!fleet) return undefined
  return createLeader({
    leadership: createLeadership({ store, owner: instance, clock: LEASE_CLOCK }),
    fleet,
    lanes: LANES.map((lane) => ({ gauge: () => lanes[lane].gauge(), slaSeconds: LANE_RULES[lane].slaSeconds })),
    limits: { slotsPerInstance: slots },
    meanCoreSeconds: () => USUAL_CORE_SECONDS,
    budget: ledger.look,
  })
}

export interface Leading {
  readonly emit: WorkerEmit
  /** Fires when the worker has ended. */
  readonly signal: AbortSignal
  /** Called when the budget is spent: on the leader at once, on followers at their next look. */
  readonly onSpent: () => void
  /** Called before it resigns. */
  readonly onEnd: () => Promise<void>
}

/** A look that fails is reported and repeated at the next interval; the fleet stays unchanged. */
export async function lead(leader: Leader, { emit, signal, onSpent, onEnd }: Leading): Promise<void> {
  while (!signal.aborted) {
    const decided = await leader.look().catch(troubleOf(emit, 'leading the fleet', LOOK_MS))
    if (decided?.reason === 'spent') onSpent()
    await SYSTEM_CLOCK.sleep(LOOK_MS, signal)
  }
  await onEnd().catch(troubleOf(emit, 'leaving the account of the fleet'))
  await leader.resign().catch(troubleOf(emit, 'resigning'))
}

/** Reports a failure that does not affect the work. @param waitMs until the retry. @default 0: no retry */
export function troubleOf(emit: WorkerEmit, what: string, waitMs = 0): (error: unknown) => undefined {
  return (error) => void emit({ type: 'trouble', what, error: asLadingError(error), waitMs })
}
