import { lateLooks, type ScaleLimits, scale } from '../../../src/batch/plan/scale.ts'
import {
  type Account,
  type Budget,
  budgetOf,
  NO_ACCOUNT,
  observed,
  without,
} from '../../../src/batch/plan/scale-account.ts'

/** A job on the simulated line: when it is sent, and how long one core works at it, in seconds. */
export interface Arrival {
  readonly atSeconds: number
  readonly coreSeconds: number
}

export interface SimulatedRun {
  /** From being sent to being done, the longest, in seconds. */
  readonly longestWaitSeconds: number
  /** When the last job was done. */
  readonly doneAtSeconds: number
  readonly instanceSeconds: number
  readonly mostInstances: number
  /** Instances that are there at the end, and at each second of the pattern that was asked for. */
  readonly instancesAt: (second: number) => number
}

export interface SimulationOptions {
  readonly limits: ScaleLimits
  /** In dollars; instances then end at their age. */
  readonly budget?:
    | { readonly total: number; readonly instanceHour: number; readonly lifetimeHours: number }
    | undefined
  /** The nth second at which EC2 takes the oldest instance away and the group starts another, unasked. @default never */
  readonly takenEverySeconds?: number | undefined
  /** What a prediction says of a job's core-seconds. @default the truth */
  readonly predicted?: ((coreSeconds: number) => number) | undefined
  readonly endSeconds: number
}

interface Instance {
  readonly id: string
  readonly bornAt: number
  readonly readyAt: number
  /** When each of its cores is free again. */
  readonly slots: number[]
  idleSince: number
}

const HOUR_SECONDS = 3600
const BOOT_SECONDS = 45
const LOOK_EVERY_SECONDS = 15
/** Three long polls of twenty seconds. */
const IDLE_SECONDS = 60
const SLA_SECONDS = 900

/** What the real account says to whoever looks. */
function accountOf(budget: SimulationOptions['budget']) {
  const unbound = { budgetAt: () => undefined, leave: () => undefined, maxAge: Number.POSITIVE_INFINITY }
  if (!budget) return unbound
  let account: Account = { ...NO_ACCOUNT, budgets: { batch: budget.total } }
  let last = 0
  const look = (now: number, fleet: readonly Instance[]): void => {
    const sinceHours = (now - last) / HOUR_SECONDS
    const ready = fleet.filter(({ readyAt }) => readyAt <= now)
    const lived = Object.fromEntries(ready.map(({ id, bornAt }) => [id, (now - bornAt) / HOUR_SECONDS]))
    account = observed(account, { ...budget, instances: fleet.map(({ id }) => id), sinceHours, lived })
    last = now
  }
  return {
    budgetAt(now: number, fleet: readonly Instance[]): Budget | undefined {
      look(now, fleet)
      return budgetOf(account, budget)
    },
    leave(now: number, fleet: readonly Instance[], gone: readonly Instance[]): void {
      look(now, fleet)
      for (const { id } of gone) account = without(account, id)
    },
    maxAge: budget.lifetimeHours * HOUR_SECONDS,
  }
}

/** Jobs in the order of their arrival, served by instances that the rule asks for; a second at a time. */
export function simulate(arrivals: readonly Arrival[], options: SimulationOptions): SimulatedRun {
  const { limits, predicted = (seconds) => seconds } = options
  const { efficiency = 0.85, slotsPerInstance } = limits
  const waiting: Arrival[] = []
  const sorted = [...arrivals].sort((a, b) => a.atSeconds - b.atSeconds)
  let fleet: Instance[] = []
  let running: { readonly job: Arrival; readonly until: number }[] = []
  let [next, late, instanceSeconds, mostInstances, longest, doneAt] = [0, 0, 0, 0, 0, 0]
  const counts: number[] = []
  const { budget, takenEverySeconds = Number.POSITIVE_INFINITY } = options
  const { budgetAt, leave, maxAge } = accountOf(budget)
  let born = 0
  let isSaid = false
  const start = (now: number): void => {
    const readyAt = now + BOOT_SECONDS
    const slots = Array.from({ length: slotsPerInstance }, () => readyAt)
    fleet.push({ id: `i-${born++}`, bornAt: now, readyAt, slots, idleSince: readyAt })
  }

  const look = (now: number): void => {
    const open = [...waiting, ...running.map(({ job }) => job)]
    const oldest = open.reduce((least, { atSeconds }) => Math.min(least, atSeconds), now)
    const head = waiting[0]?.atSeconds ?? now
    late = lateLooks(late, [{ ageSeconds: now - head, slaSeconds: SLA_SECONDS }])
    const left = running.reduce((sum, { job, until }) => sum + Math.min(predicted(job.coreSeconds), until - now), 0)
    const { desired, reason } = scale(limits, {
      visible: waiting.length,
      hidden: running.length,
      coreSeconds: waiting.reduce((sum, job) => sum + predicted(job.coreSeconds), 0) + left,
      elapsedSeconds: now - oldest,
      lateLooks: late,
      fleet: { desired: fleet.length, inService: fleet.filter(({ readyAt }) => readyAt <= now).length },
      budget: budgetAt(now, fleet),
    })
    while (fleet.length < desired) start(now)
    // Whoever leads leaves, and the others at their next look.
    if (isSaid)
      retire(
        now,
        fleet.filter(({ readyAt }) => readyAt <= now),
      )
    isSaid = reason === 'spent'
    if (isSaid) retire(now, fleet.slice(0, 1))
  }
  const retire = (now: number, gone: readonly Instance[]): void => {
    if (gone.length > 0) leave(now, fleet, gone)
    fleet = fleet.filter((instance) => !gone.includes(instance))
  }

  const employ = (instance: Instance, now: number): void => {
    instance.slots.forEach((_, slot) => {
      // A core that was free in the middle of the second goes on from there.
      for (let free = instance.slots[slot] ?? now; free <= now; free = instance.slots[slot] ?? now) {
        const job = waiting.shift()
        if (!job) return
        const until = Math.max(free, now - 1, job.atSeconds) + job.coreSeconds / efficiency
        instance.slots[slot] = until
        running.push({ job, until })
      }
    })
    if (instance.slots.some((free) => free > now)) instance.idleSince = now
  }

  for (let now = 0; now <= options.endSeconds; now++) {
    let kicked = false
    for (let job = sorted[next]; job && job.atSeconds <= now; job = sorted[++next]) kicked = waiting.push(job) > 0
    running = running.filter(({ until, job }) => {
      if (until > now) return true
      doneAt = until
      longest = Math.max(longest, until - job.atSeconds)
      return false
    })
    // Nobody looks but who submits and who works.
    const isWatched = fleet.some(({ readyAt }) => readyAt <= now)
    if (kicked || (isWatched && now % LOOK_EVERY_SECONDS === 0)) look(now)
    for (const instance of fleet.filter(({ readyAt }) => readyAt <= now)) employ(instance, now)
    fleet = fleet.filter(({ bornAt }) => now - bornAt < maxAge)
    for (const _ of fleet.splice(0, Number(now % takenEverySeconds === 0))) start(now)
    const isEmpty = waiting.length + running.length === 0
    const isIdle = ({ idleSince, readyAt }: Instance): boolean => readyAt <= now && now - idleSince >= IDLE_SECONDS
    if (isEmpty) retire(now, fleet.filter(isIdle))
    counts.push(fleet.length)
    instanceSeconds += fleet.length
    mostInstances = Math.max(mostInstances, fleet.length)
  }
  return {
    longestWaitSeconds: longest,
    doneAtSeconds: waiting.length + running.length > 0 ? Number.POSITIVE_INFINITY : doneAt,
    instanceSeconds,
    mostInstances,
    instancesAt: (second) => counts[second] ?? 0,
  }
}
