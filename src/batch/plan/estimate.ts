import type { Encoding, SourceSize } from '../../images/plan/core-seconds.ts'
import { LadingError } from '../../words/errors.ts'
import { plural } from '../../words/units.ts'
import { PRICES, type Prices } from './prices.ts'
import { workOf } from './work.ts'

/** Share of a core's time that goes into images. */
export const EFFICIENCY = 0.85

/** Requests for an image beside those for its variants: the original is put once and read once, its receipt put. */
const OTHER_PUTS = 2
const QUEUE_REQUESTS = 0.3
const BOOT_SECONDS = 45

export interface EstimateOptions {
  /** Cores of an instance. @default 4 */
  readonly slotsPerInstance?: number | undefined
  /** Speed of a core of the fleet, relative to the measured one. @default 1 */
  readonly coreSpeed?: number | undefined
  /** @default Amazon's list */
  readonly prices?: Prices | undefined
}

/** What a batch will take and cost, in dollars, on spot instances. */
export interface Estimate {
  readonly images: number
  readonly variants: number
  readonly coreSeconds: number
  readonly dollars: {
    readonly compute: number
    readonly puts: number
    readonly gets: number
    readonly queue: number
    readonly addresses: number
    readonly total: number
  }
  /** The same with on-demand instances. */
  readonly onDemandTotal: number
  /** How long so many instances take, boot included, in seconds. */
  readonly times: readonly { readonly instances: number; readonly seconds: number }[]
  readonly whatIf: readonly WhatIf[]
}

/** A change to the recipe, with the resulting work and price relative to now; 1 is unchanged. */
export interface WhatIf {
  readonly change: string
  readonly coreShare: number
  readonly dollarShare: number
}

const FLEETS = [1, 5, 20] as const

/** A saving below this share is not worth a line. */
const TOLD_SHARE = 0.01

/** The price and the time of a batch before it is sent. */
export function estimate(
  sources: readonly SourceSize[],
  encodings: readonly Encoding[],
  options: EstimateOptions = {},
): Estimate {
  const now = bill(sources, encodings, options)
  const { slotsPerInstance = 4 } = options
  return {
    ...now,
    times: FLEETS.map((instances) => ({
      instances,
      seconds: BOOT_SECONDS + now.coreSeconds / (instances * slotsPerInstance * EFFICIENCY),
    })),
    whatIf: changesOf(encodings)
      .map(({ change, encodings: changed }) => {
        const then = bill(sources, changed, options)
        return {
          change,
          coreShare: then.coreSeconds / (now.coreSeconds || 1),
          dollarShare: then.dollars.total / (now.dollars.total || 1),
        }
      })
      // Small images have no wide variants: what changes those changes nothing.
      .filter(({ coreShare, dollarShare }) => Math.min(coreShare, dollarShare) < 1 - TOLD_SHARE),
  }
}

/** The cost of the work alone. */
export function bill(
  sources: readonly SourceSize[],
  encodings: readonly Encoding[],
  { slotsPerInstance = 4, coreSpeed = 1, prices = PRICES }: EstimateOptions,
): Omit<Estimate, 'times' | 'whatIf'> {
  const images = sources.length
  let [variants, coreSeconds] = [0, 0]
  for (const source of sources) {
    const work = workOf(source, encodings)
    variants += work.variants
    coreSeconds += work.coreSeconds / coreSpeed
  }
  const coreHours = coreSeconds / 3600 / EFFICIENCY
  const others = {
    puts: (variants + images * OTHER_PUTS) * prices.storePut,
    gets: (variants + images) * prices.storeGet,
    queue: images * QUEUE_REQUESTS * prices.queueRequest,
    addresses: (coreHours / slotsPerInstance) * prices.addressHour,
  }
  const besides = others.puts + others.gets + others.queue + others.addresses
  const compute = coreHours * prices.coreHour.spot
  return {
    images,
    variants,
    coreSeconds,
    dollars: { compute, ...others, total: compute + besides },
    onDemandTotal: coreHours * prices.coreHour.onDemand + besides,
  }
}

/** Changes worth a thought, by what a recipe has. */
function changesOf(
  encodings: readonly Encoding[],
): readonly { readonly change: string; readonly encodings: readonly Encoding[] }[] {
  const avif = encodings.find(({ format }) => format === 'avif')
  const effort = avif?.effort ?? 1
  const others = (format: Encoding['format']) => encodings.filter((encoding) => encoding.format !== format)
  const changes = []
  if (avif && others('webp').length < encodings.length)
    changes.push({ change: 'without WebP', encodings: others('webp') })
  for (const lower of [1, 0]) {
    if (!avif || lower >= effort) continue
    const changed = encodings.map((encoding) => (encoding === avif ? { ...avif, effort: lower } : encoding))
    changes.push({ change: `AVIF effort ${effort} -> ${lower}`, encodings: changed })
  }
  if (encodings.some(({ widths }) => widths.length > 3)) {
    const fewer = encodings.map((encoding) => ({ ...encoding, widths: everyOther(encoding.widths) }))
    changes.push({ change: 'every other width', encodings: fewer })
  }
  return changes
}

/** Keeps the widest. */
const everyOther = (widths: readonly number[]): readonly number[] =>
  [...widths].sort((a, b) => b - a).filter((_, at) => at % 2 === 0)

export interface FleetCost {
  readonly maxInstances: number
  /** How long an instance may live before its own machine ends it, in hours. */
  readonly lifetimeHours: number
  /** Dollars. */
  readonly instanceHour: number
}

/**
 * Checks the worst-case cost of a fleet, at every submit: a budget that only the leader enforces is no cap once the
 * leader is dead.
 *
 * @param budget in dollars
 * @throws E_BUDGET
 */
export function assertBudget({ maxInstances, lifetimeHours, instanceHour }: FleetCost, budget: number): number {
  const worst = maxInstances * lifetimeHours * instanceHour
  if (worst <= budget) return worst
  const fits = Math.floor(budget / (lifetimeHours * instanceHour))
  throw new LadingError(
    'E_BUDGET',
    `the fleet could cost ${dollars(worst)}, more than the budget of ${dollars(budget)}`,
    {
      why: `${plural(maxInstances, 'instance')} x ${Number(lifetimeHours.toFixed(2))} h x ${dollars(instanceHour)} an hour`,
      hint:
        fits > 0
          ? `Let it have ${fits} at most, or raise the budget.`
          : 'Raise the budget, or shorten the life of an instance.',
    },
  )
}

/** `0.0614` -> `$0.061`; `12.3` -> `$12.30`. */
export function dollars(amount: number): string {
  if (amount >= 1 || amount === 0) return `$${amount.toFixed(2)}`
  return `$${amount.toPrecision(2)}`
}
