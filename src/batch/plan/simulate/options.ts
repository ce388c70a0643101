import type { Lane } from '../lanes.ts'
import type { Job } from './worker.ts'

/** A batch that somebody submits. */
export interface SimulatedBatch {
  /** Batches of one name have one budget. */
  readonly name: string
  readonly lane: Lane
  readonly images: readonly Pick<Job, 'predicted' | 'src'>[]
  /** When the first are submitted, in seconds. */
  readonly startSeconds: number
  /** Images an hour that are submitted, evenly, at most once a minute. @default all at once */
  readonly perHour?: number | undefined
  /** From a submit until what is not done is not begun any more. */
  readonly deadlineSeconds: number
  /** In dollars. @default no cap */
  readonly budget?: number | undefined
}

/** Machines that work. */
export interface SimulatedMachines {
  /** Images at once on one of them: its cores. */
  readonly slots: number
  /** Pixels in work at once on one of them. */
  readonly pixels: number
  /** Of a core, relative to the measured one. */
  readonly coreSpeed: number
}

/** An Auto Scaling group of them, on spot. */
export interface SimulatedFleet extends SimulatedMachines {
  readonly kind: 'fleet'
  readonly maxInstances: number
  /** From the wish for an instance to its first message. */
  readonly bootSeconds: number
  readonly lifetimeMinutes: number
  /** How often EC2 takes one away in an hour, on average. */
  readonly interruptionsPerHour: number
  /** Dollars. */
  readonly instanceHour: number
}

/** As `submit --local` starts them: each submit sees to it that so many are there, and they leave when nothing is. */
export interface SimulatedWorkers extends SimulatedMachines {
  readonly kind: 'local'
  readonly workers: number
}

export interface SimulationOptions {
  readonly batches: readonly SimulatedBatch[]
  readonly on: SimulatedFleet | SimulatedWorkers
  /** From 0 up to but not including 1: when instances are interrupted. */
  readonly random: () => number
}

/** What became of it, in virtual time. Seconds count from its beginning, when nothing need have been submitted. */
export interface Simulation {
  readonly images: number
  readonly done: number
  /** Taken after their deadline, and not made. */
  readonly expired: number
  /** Still in a queue when nothing happened any more. */
  readonly left: number
  /** When the last image was done. */
  readonly doneSeconds: number
  /** When the last instance was gone. */
  readonly endSeconds: number
  readonly lanes: readonly SimulatedLane[]
  readonly instances: {
    /** Most that the group had at a time, and may have. */
    readonly most: number
    readonly allowed: number
    readonly started: number
    /** Taken away by EC2; the group started others. */
    readonly taken: number
    /** Started by the alarms, since something had waited for half an hour. */
    readonly alarmed: number
    /** Of all, until they were gone. */
    readonly hours: number
  }
  /** What the budget kept the fleet from; absent where it did not bind. */
  readonly held?: Held | undefined
  /** At most 60 stretches of equal length. */
  readonly timeline: readonly Stretch[]
}

export interface SimulatedLane {
  readonly lane: Lane
  readonly images: number
  /** From being sent to being begun, in seconds. */
  readonly wait: { readonly p50: number; readonly p95: number; readonly most: number }
  /** When its last image was done. */
  readonly doneSeconds: number
}

export interface Held {
  /** The first and the last time that more instances were needed than the budget paid for. */
  readonly fromSeconds: number
  readonly toSeconds: number
  /** The fewest that it paid for then. */
  readonly paid: number
  /** When it was spent and all had to leave. @default never */
  readonly spentSeconds?: number | undefined
}

/** The most of each within the stretch. */
export interface Stretch {
  readonly seconds: number
  readonly instances: number
  /** Age of the oldest image that nobody has begun, in seconds. */
  readonly oldestSeconds: number
  /** Images that nobody has begun. */
  readonly waiting: number
}
