import { plural } from '../../words/units.ts'
import type { Budget } from './scale-account.ts'

/** Maximum lifetime of an instance, in minutes, unless its fleet sets another: its own timer ends it. */
export const LIFETIME_MINUTES = 240

/** From the wish for an instance to its first message, in seconds. */
export const BOOT_SECONDS = 45

/** The tag by which a group sets another lifetime. */
export const LIFETIME_TAG = 'lading:lifetime-minutes'

/** The limits of a fleet. Caps are hard: the rule never exceeds them. */
export interface ScaleLimits {
  readonly maxInstances: number
  /** Cores that work at a time on one instance. */
  readonly slotsPerInstance: number
  /** Target time to work off the backlog, in seconds. @default 600 */
  readonly targetDrainSeconds?: number | undefined
  /** From requesting an instance to its first message, in seconds. @default 45 */
  readonly bootSeconds?: number | undefined
  /** Share of a core's time that goes into the images. @default 0.85 */
  readonly efficiency?: number | undefined
}

/** What a leader sees when it looks. */
export interface Sighting {
  /** Messages of all lanes that no worker holds. */
  readonly visible: number
  /** Messages that a worker holds, and those that are not due yet. */
  readonly hidden: number
  /** Core-seconds that are predicted for everything that is not done. */
  readonly coreSeconds: number
  /** Since the oldest unfinished message was sent, in seconds. */
  readonly elapsedSeconds: number
  /** How often in a row a lane's oldest message was older than it may be. See {@link lateLooks}. */
  readonly lateLooks: number
  readonly fleet: { readonly desired: number; readonly inService: number }
  /** @default none: only `maxInstances` counts */
  readonly budget?: Budget | undefined
}

/**
 *   empty     nothing waits and nothing is held
 *   enough    the fleet there is meets the target
 *   short     it would not: grow to meet it
 *   late      a lane's oldest message waits too long although the fleet is complete: grow by half
 *   soon      what is there is done before a new instance has booted
 *   capped    more are needed than `maxInstances`
 *   budget    more are needed than the budget pays for
 *   spent     the budget is spent, current instances included
 */
export type ScaleReason = 'empty' | 'enough' | 'short' | 'late' | 'soon' | 'capped' | 'budget' | 'spent'

export interface Scaling {
  /** Desired instances. Never fewer than before while there is work and budget: instances retire themselves. */
  readonly desired: number
  readonly reason: ScaleReason
  /** In words, for a log and a person. */
  readonly detail: string
}

/** The shortest time to plan with, in seconds: the fleet would grow without bound as the target comes close. */
const LEAST_SECONDS = 60

/** Looks at a late lane before the fleet grows for it. One may be a message that was only just released. */
const LATE_LOOKS = 2

/** How much a fleet grows for a lane that is late. */
const LATE_GROWTH = 1.5

export const SPENT: Scaling = { desired: 0, reason: 'spent', detail: 'the budget is spent' }

/**
 * The scaling rule, shared by the submitter's kick and the leader. It grows at once and never shrinks: an idle instance
 * retires itself, which no count from outside can do safely (a busy worker looks idle when only waiting messages are
 * counted). Running instances count with the whole remaining time, new ones without their boot time.
 */
export function scale(limits: ScaleLimits, seen: Sighting): Scaling {
  const { visible, hidden, coreSeconds, fleet } = seen
  // Checked first: even an instance that only waits for a barrier costs money.
  if (seen.budget?.isSpent) return SPENT
  if (visible + hidden === 0) return { desired: 0, reason: 'empty', detail: 'nothing waits' }
  const now = Math.max(fleet.desired, fleet.inService)
  const isLate = seen.lateLooks >= LATE_LOOKS && visible > 0 && now > 0 && fleet.inService >= fleet.desired
  const needed = neededFor(limits, seen, now)
  const grown = isLate ? Math.max(needed, Math.ceil(now * LATE_GROWTH)) : needed
  if (grown <= now) return keep(now, 'enough', `${plural(now, 'instance')} will do`)
  // In-flight messages alone are no reason to grow: somebody has them already.
  if (visible === 0 && now > 0) return keep(now, 'enough', 'all that is left is in hand')
  const { bootSeconds = BOOT_SECONDS } = limits
  const soonSeconds = coreSeconds / speedOf(limits, fleet.inService)
  if (soonSeconds < bootSeconds) return keep(now, 'soon', `done in ${Math.ceil(soonSeconds)} s, before another boots`)
  return capped(limits, seen, { now, grown, isLate })
}

/** How often in a row some lane was late, after one more look. */
export function lateLooks(
  before: number,
  lanes: readonly { readonly ageSeconds: number; readonly slaSeconds: number }[],
): number {
  return lanes.some(({ ageSeconds, slaSeconds }) => ageSeconds > slaSeconds) ? before + 1 : 0
}

/** Core-seconds a second. */
function speedOf({ slotsPerInstance, efficiency = 0.85 }: ScaleLimits, instances: number): number {
  return instances * slotsPerInstance * efficiency
}

function neededFor(limits: ScaleLimits, seen: Sighting, now: number): number {
  const { targetDrainSeconds = 600, bootSeconds = BOOT_SECONDS } = limits
  const { inService } = seen.fleet
  const left = Math.max(LEAST_SECONDS, targetDrainSeconds - seen.elapsedSeconds)
  const afterBoot = Math.max(LEAST_SECONDS, left - bootSeconds)
  const planned = speedOf(limits, inService) * left + speedOf(limits, Math.max(0, now - inService)) * afterBoot
  const missing = seen.coreSeconds - planned
  if (missing <= 0) return Math.max(1, now)
  return Math.max(1, now + Math.ceil(missing / (speedOf(limits, 1) * afterBoot)))
}

function capped(
  limits: ScaleLimits,
  seen: Sighting,
  { now, grown, isLate }: { readonly now: number; readonly grown: number; readonly isLate: boolean },
): Scaling {
  const paid = affordable(seen.budget)
  const cap = Math.min(limits.maxInstances, paid)
  if (grown <= cap) {
    const why = isLate ? 'messages wait longer than they may' : `${Math.round(seen.coreSeconds)} core-seconds wait`
    return { desired: grown, reason: isLate ? 'late' : 'short', detail: `${now} -> ${grown}: ${why}` }
  }
  // A cap that was lowered below the current size retires nobody; it only blocks new instances.
  const desired = Math.max(now, cap)
  if (paid < limits.maxInstances) {
    return { desired, reason: 'budget', detail: `${grown} would be needed, the budget pays for ${paid}` }
  }
  return { desired, reason: 'capped', detail: `${grown} would be needed, the fleet may have ${limits.maxInstances}` }
}

/**
 * How many instances the budget pays for over their whole lifetimes, current ones included, so that it cannot be
 * exceeded.
 */
function affordable(budget: Budget | undefined): number {
  if (!budget || budget.instanceHour <= 0) return Number.POSITIVE_INFINITY
  // Tolerates rounding errors just below a whole number.
  return Math.max(0, Math.floor(budget.left / (budget.instanceHour * budget.lifetimeHours) + 1e-9))
}

const keep = (desired: number, reason: ScaleReason, detail: string): Scaling => ({ desired, reason, detail })
