import { parseJson } from '../../plan/state-file.ts'
import type { Store, WriteCondition } from '../../store/store.ts'
import { bytesBody } from '../../transfer/bytes-body.ts'
import type { Clock } from '../../transfer/lease.ts'
import type { Fleet, FleetCount } from '../fleet.ts'
import { LEADER_KEY } from '../plan/keys.ts'
import { type ScaleLimits, type Scaling, SPENT, scale } from '../plan/scale.ts'
import type { Budget } from '../plan/scale-account.ts'
import { sightingOf } from '../plan/sighting.ts'
import type { Gauge } from '../queue.ts'

/** How long a leader may be silent before another takes its place, in milliseconds: three looks. */
const LEASE_MS = 45_000

export interface LeadershipOptions {
  readonly store: Store
  /** Names this candidate; no two have the same. */
  readonly owner: string
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** @default 45_000 */
  readonly leaseMs?: number | undefined
}

export interface Leadership {
  /** Called at every look: renews our lease, or takes over if nobody leads. @returns whether we lead */
  lead(): Promise<boolean>
  /** Tells all followers at once whether the budget is spent. No effect unless we lead. */
  say(isSpent: boolean): Promise<void>
  /** Whether a leader that was seen alive last said that it is spent. @default false */
  hears(): boolean
  /** Lets another take over at once. */
  resign(): Promise<void>
}

/**
 * Leader election through the store, without a shared clock: a candidate watches the leader's object and takes over
 * when it has not changed for one lease by the candidate's own clock. Two may believe they lead for a moment; what a
 * leader does is idempotent.
 */
export function createLeadership({ store, owner, clock, leaseMs = LEASE_MS }: LeadershipOptions): Leadership {
  let held: string | undefined
  let beat = 0
  let seen: { readonly etag: string; readonly sinceMs: number } | undefined
  let [said, heard] = [false, false]

  const take = async (when: WriteCondition['when'], state: 'leads' | 'resigned'): Promise<boolean> => {
    beat += 1
    const body = bytesBody(Buffer.from(JSON.stringify({ v: 1, owner, state, beat, isSpent: said })))
    const written = await store.put(LEADER_KEY, body, { 'content-type': 'application/json' }, { when })
    held = written.status === 'stored' && state === 'leads' ? written.etag : undefined
    return held !== undefined
  }

  return {
    async lead() {
      if (held !== undefined && (await take({ etag: held }, 'leads'))) return true
      said = false
      const found = await store.get(LEADER_KEY)
      if (!found) return take('absent', 'leads')
      const { etag } = found
      const { state, isSpent } = recordIn(found.bytes)
      if (state === 'resigned') return take({ etag }, 'leads')
      if (seen?.etag !== etag) {
        // What we found at first may be from a leader that died days ago.
        heard = seen !== undefined && isSpent === true
        seen = { etag, sinceMs: clock.monotonicMs() }
      }
      return clock.monotonicMs() - seen.sinceMs >= leaseMs && take({ etag }, 'leads')
    },
    async say(isSpent) {
      if (held === undefined || said === isSpent) return
      said = isSpent
      await take({ etag: held }, 'leads')
    },
    hears: () => heard,
    async resign() {
      if (held !== undefined) await take({ etag: held }, 'resigned')
    },
  }
}

function recordIn(bytes: Uint8Array): { readonly state?: unknown; readonly isSpent?: unknown } {
  const read = parseJson(bytes)
  return typeof read === 'object' && read !== null ? read : {}
}

/** A lane's queue as the leader sees it. */
export interface WatchedLane {
  readonly gauge: () => Promise<Gauge>
  /** How old its oldest message may be, in seconds. */
  readonly slaSeconds: number
}

export interface LeaderOptions {
  readonly leadership: Leadership
  readonly fleet: Fleet
  readonly lanes: readonly WatchedLane[]
  readonly limits: Omit<ScaleLimits, 'maxInstances'>
  /** Core-seconds of a message, on average, as far as is known. */
  readonly meanCoreSeconds: () => number
  /** What may still be spent, with the fleet as it is. @default no budget */
  readonly budget?: ((count: FleetCount) => Promise<Budget | undefined>) | undefined
}

export interface Leader {
  /**
   * One look, to be taken every fifteen seconds by every worker.
   *
   * @returns the leader's decision; for a follower `undefined`, or that the budget is spent, once the leader says so
   */
  look(): Promise<Scaling | undefined>
  /** Whether the last look was that of the leader. */
  isLeading(): boolean
  resign(): Promise<void>
}

/** Applies the scaling rule to the fleet while we lead. */
export function createLeader(options: LeaderOptions): Leader {
  const { leadership, fleet, lanes } = options
  let late = 0
  let isLeading = false
  return {
    async look() {
      isLeading = await leadership.lead()
      if (!isLeading) return leadership.hears() ? SPENT : undefined
      const [gauges, count] = await Promise.all([Promise.all(lanes.map(({ gauge }) => gauge())), fleet.count()])
      const budget = await options.budget?.(count)
      const seen = sightingOf({
        lanes: lanes.flatMap(({ slaSeconds }, at) => (gauges[at] ? [{ gauge: gauges[at], slaSeconds }] : [])),
        meanCoreSeconds: options.meanCoreSeconds(),
        lateBefore: late,
        ...{ fleet: count, budget },
      })
      late = seen.lateLooks
      const decided = scale({ ...options.limits, maxInstances: count.max }, seen)
      await leadership.say(decided.reason === 'spent')
      if (decided.desired > count.desired) await fleet.grow(decided.desired)
      return decided
    },
    isLeading: () => isLeading,
    resign: () => leadership.resign(),
  }
}
