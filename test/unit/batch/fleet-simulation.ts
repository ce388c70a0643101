import { lateLooks, type ScaleLimits, scale } from '../../../src/batch/scale.ts'

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
  readonly budget?: { readonly total: number; readonly instanceHour: number } | undefined
  /** What a prediction says of a job's core-seconds. @default the truth */
  readonly predicted?: ((coreSeconds: number) => number) | undefined
  readonly endSeconds: number
}

interface Instance {
  readonly readyAt: number
  /** When each of its cores is free again. */
  readonly slots: number[]
  idleSince: number
}

const BOOT_SECONDS = 45
const LOOK_EVERY_SECONDS = 15
/** Three long polls of twenty seconds. */
const IDLE_SECONDS = 60
const SLA_SECONDS = 900

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

  const look = (now: number): void => {
    const open = [...waiting, ...running.map(({ job }) => job)]
    const oldest = open.reduce((least, { atSeconds }) => Math.min(least, atSeconds), now)
    const head = waiting[0]?.atSeconds ?? now
    late = lateLooks(late, [{ ageSeconds: now - head, slaSeconds: SLA_SECONDS }])
    const left = running.reduce((sum, { job, until }) => sum + Math.min(predicted(job.coreSeconds), until - now), 0)
    const { desired } = scale(limits, {
      visible: waiting.length,
      hidden: running.length,
      coreSeconds: waiting.reduce((sum, job) => sum + predicted(job.coreSeconds), 0) + left,
      elapsedSeconds: now - oldest,
      lateLooks: late,
      fleet: { desired: fleet.length, inService: fleet.filter(({ readyAt }) => readyAt <= now).length },
      budget: options.budget && {
        left: options.budget.total - (instanceSeconds / 3600) * options.budget.instanceHour,
        instanceHour: options.budget.instanceHour,
      },
    })
    while (fleet.length < desired) {
      const readyAt = now + BOOT_SECONDS
      fleet.push({ readyAt, slots: Array.from({ length: slotsPerInstance }, () => readyAt), idleSince: readyAt })
    }
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
    if (kicked || now % LOOK_EVERY_SECONDS === 0) look(now)
    for (const instance of fleet.filter(({ readyAt }) => readyAt <= now)) {
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
    const isEmpty = waiting.length + running.length === 0
    fleet = fleet.filter(({ idleSince, readyAt }) => !(isEmpty && readyAt <= now && now - idleSince >= IDLE_SECONDS))
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
