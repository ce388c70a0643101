import { LANE_RULES, LANES } from '../lanes.ts'
import { LONGEST_WAIT_SECONDS, WARMUP_SECONDS } from '../leaving.ts'
import { type ScaleLimits, type Scaling, scale } from '../scale.ts'
import { type Account, allowed, type Budget, budgetOf, closing, observed, without } from '../scale-account.ts'
import { kickSighting, sightingOf, USUAL_CORE_SECONDS } from '../sighting.ts'
import type { Agenda } from './agenda.ts'
import type { Group, Member } from './group.ts'
import type { Job, Queues } from './worker.ts'

const HOUR_SECONDS = 3600

export interface LeadingOptions {
  readonly agenda: Agenda
  readonly group: Group
  readonly queues: Queues<Job>
  readonly limits: Omit<ScaleLimits, 'maxInstances'>
  readonly lifetimeHours: number
  /** Dollars. */
  readonly instanceHour: number
  /** Batches that are submitted and done, of those that have a budget. */
  readonly over: () => readonly string[]
  /** Called for whatever is decided. */
  readonly decided: (scaling: Scaling, budget: Budget | undefined) => void
}

/** Who decides how many instances there are: the submit, the elected worker, and the alarms where both are gone. */
export interface Leading {
  /** Before its messages are sent. */
  allow(batch: string, dollars: number | undefined): void
  /** After they were sent. */
  kick(sent: readonly Job[]): void
  /** A worker's look after the fleet, every fifteen seconds. */
  look(member: Member): void
  isLeading(member: Member): boolean
  /** A worker has ended. */
  leave(member: Member): void
  /** Once a minute. @returns whether an instance was added */
  alarm(): boolean
}

export function createLeading(options: LeadingOptions): Leading {
  const { agenda, group, queues } = options
  const account = createAccount(options)
  let leader: Member | undefined
  let [late, alarmedAt] = [0, Number.NEGATIVE_INFINITY]
  let isSpent = false

  const gauges = () => LANES.map((lane) => queues.lanes[lane].gauge())
  const decide = (seen: Parameters<typeof scale>[1], max: number): Scaling => {
    const scaling = scale({ ...options.limits, maxInstances: max }, seen)
    options.decided(scaling, seen.budget)
    group.grow(scaling.desired)
    return scaling
  }

  return {
    allow: account.allow,
    kick(sent) {
      const fleet = group.count()
      decide(kickSighting(sent, { fleet, budget: account.look() }), fleet.max)
    },
    look(member) {
      leader ??= member
      if (leader !== member) {
        if (isSpent) member.worker?.drain()
        return
      }
      const fleet = group.count()
      const seen = sightingOf({
        lanes: gauges().map((gauge, at) => ({ gauge, slaSeconds: LANE_RULES[LANES[at] ?? 'std'].slaSeconds })),
        meanCoreSeconds: USUAL_CORE_SECONDS,
        lateBefore: late,
        ...{ fleet, budget: account.look() },
      })
      late = seen.lateLooks
      isSpent = decide(seen, fleet.max).reason === 'spent'
      if (isSpent) member.worker?.drain()
    },
    isLeading: (member) => leader === member,
    leave(member) {
      account.leave(member)
      if (leader !== member) return
      leader = undefined
      late = 0
    },
    alarm() {
      const { desired, inService, max } = group.count()
      const seen = inService === 0 ? [...gauges(), queues.assembly.gauge()] : gauges()
      const waits = Math.max(0, ...seen.map(({ headAgeSeconds = 0 }) => headAgeSeconds))
      if (waits <= LONGEST_WAIT_SECONDS || agenda.now() - alarmedAt < WARMUP_SECONDS || desired >= max) return false
      alarmedAt = agenda.now()
      group.grow(desired + 1)
      return true
    },
  }
}

/** What the fleet may cost, kept by the real rules. */
function createAccount({ agenda, group, lifetimeHours, instanceHour, over }: LeadingOptions) {
  let account: Account | undefined
  let seenAt = 0
  const hasCap = (): boolean => account !== undefined && Object.keys(account.budgets).length > 0
  const observe = (): void => {
    if (!account) return
    const now = agenda.now()
    const ready = group.members().filter(({ worker }) => worker !== undefined)
    const lived = Object.fromEntries(ready.map(({ id, bornAt }) => [id, (now - bornAt) / HOUR_SECONDS]))
    const instances = group.members().map(({ id }) => id)
    account = observed(account, { instances, sinceHours: (now - seenAt) / HOUR_SECONDS, lifetimeHours, lived })
    seenAt = now
  }
  return {
    look(): Budget | undefined {
      if (!account || !hasCap()) return undefined
      observe()
      account = closing(account, over(), instanceHour)
      return budgetOf(account, { instanceHour, lifetimeHours })
    },
    leave({ id }: Member): void {
      if (!hasCap()) return
      observe()
      if (account) account = without(account, id)
    },
    allow(batch: string, dollars: number | undefined): void {
      if (!account && dollars === undefined) return
      observe()
      const { desired, instances } = group.count()
      const isEmpty = desired === 0 && instances.length === 0
      const closed = over().filter((each) => each !== batch)
      account = allowed(account, { batch, dollars, over: closed, isEmpty, instanceHour })
    },
  }
}
