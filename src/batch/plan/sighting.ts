import { lateLooks, type Sighting } from './scale.ts'
import type { Budget } from './scale-account.ts'

/** Core-seconds that a leader assumes for an average image: it does not read what the messages say. */
export const USUAL_CORE_SECONDS = 0.87

/** How often every worker looks after the fleet. */
export const LEADER_LOOK_SECONDS = 15

/** A lane as its queue's gauge shows it. */
export interface SeenLane {
  readonly gauge: {
    readonly visible: number
    readonly inFlight: number
    readonly delayed: number
    readonly headAgeSeconds: number | undefined
  }
  /** How old its oldest message may be, in seconds. */
  readonly slaSeconds: number
}

/** What a leader's look at the queues tells the scaling rule. */
export function sightingOf({
  lanes,
  meanCoreSeconds,
  lateBefore,
  ...rest
}: {
  readonly lanes: readonly SeenLane[]
  readonly meanCoreSeconds: number
  /** `lateLooks` of the look before. */
  readonly lateBefore: number
  readonly fleet: Sighting['fleet']
  readonly budget: Budget | undefined
}): Sighting {
  const ages = lanes.map(({ gauge, slaSeconds }) => ({ ageSeconds: gauge.headAgeSeconds ?? 0, slaSeconds }))
  const visible = sum(lanes.map(({ gauge }) => gauge.visible))
  const hidden = sum(lanes.map(({ gauge }) => gauge.inFlight + gauge.delayed))
  return {
    ...rest,
    ...{ visible, hidden },
    coreSeconds: (visible + hidden) * meanCoreSeconds,
    elapsedSeconds: Math.max(0, ...ages.map(({ ageSeconds }) => ageSeconds)),
    lateLooks: lateLooks(lateBefore, ages),
  }
}

/** What a submit knows of the jobs that it has just sent, and of nothing else. */
export function kickSighting(
  sent: readonly { readonly predicted: number }[],
  seen: { readonly fleet: Sighting['fleet']; readonly budget: Budget | undefined },
): Sighting {
  const coreSeconds = sum(sent.map(({ predicted }) => predicted))
  return { visible: sent.length, hidden: 0, coreSeconds, elapsedSeconds: 0, lateLooks: 0, ...seen }
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)
