import { availableParallelism } from 'node:os'
import { setImmediate as turn } from 'node:timers/promises'
import { availableMemory } from '../../images/memory.ts'
import type { SourceSize } from '../../images/plan/core-seconds.ts'
import type { RecipeInput } from '../../images/plan/define-recipe.ts'
import type { FleetRequest, SimulateRequest, SimulationReport } from '../../verbs/batches.ts'
import { LadingError } from '../../words/errors.ts'
import { pixelBudget } from '../plan/admission.ts'
import { bill } from '../plan/estimate.ts'
import { LEAST_LIFETIME_MINUTES } from '../plan/leaving.ts'
import { GROUP_INSTANCE, PRICES } from '../plan/prices.ts'
import { BOOT_SECONDS, LIFETIME_MINUTES } from '../plan/scale.ts'
import type { SimulatedBatch, SimulatedFleet, SimulatedWorkers, Simulation } from '../plan/simulate/options.ts'
import { seeded } from '../plan/simulate/seeded.ts'
import { beginSimulation } from '../plan/simulate/simulate.ts'
import { workOf } from '../plan/work.ts'
import { sizesIn } from './estimate.ts'
import { recipeNamed } from './recipe.ts'
import type { ScenarioBatch } from './scenario.ts'

/** Of the smallest instance that the stack asks for: c8g.xlarge. https://aws.amazon.com/ec2/instance-types/c8g/ */
const INSTANCE_MEMORY = 8 * 1024 ** 3
const DEADLINE_HOURS = 12
/** Between two looks whether it is to stop: a fraction of a second. */
const DEEDS = 50_000
const MINUTES = 60
const HOURS = 3600

/** What batches would do, in virtual time. Makes no requests. */
export async function simulateBatches(
  { batches, recipes, seed = 1, fleet = {}, local }: SimulateRequest,
  signal?: AbortSignal,
): Promise<SimulationReport> {
  const coreSpeed = fleet.coreSpeed ?? 1
  const on = local === undefined ? fleetOf(fleet) : workersOf(local, coreSpeed)
  const loads: Load[] = []
  for (const [at, batch] of batches.entries()) loads.push(await loadOf(batch, { at, recipes, signal }))
  const running = beginSimulation({ batches: loads.map((load) => load.batch), on, random: seeded(seed) })
  while (!running.advance(DEEDS)) {
    await turn()
    signal?.throwIfAborted()
  }
  const simulation = running.result()
  const [variants, coreSeconds] = [sum(loads.map((load) => load.variants)), sum(loads.map((load) => load.coreSeconds))]
  const worked = { ...{ variants, coreSeconds: coreSeconds / coreSpeed, seed }, ...simulation }
  if (on.kind === 'local') return worked
  const lifetimeHours = on.lifetimeMinutes / MINUTES
  const { instanceHour, maxInstances } = on
  const worst = maxInstances * lifetimeHours * instanceHour
  return {
    ...worked,
    dollars: costOf(simulation, { loads, instanceHour }),
    worst: { dollars: worst, maxInstances, lifetimeHours, instanceHour },
  }
}

interface Load {
  readonly batch: SimulatedBatch
  readonly variants: number
  readonly coreSeconds: number
  readonly requestDollars: { readonly puts: number; readonly gets: number; readonly queue: number }
}

async function loadOf(
  batch: ScenarioBatch,
  {
    at,
    recipes,
    signal,
  }: {
    readonly at: number
    readonly recipes: Readonly<Record<string, RecipeInput>> | undefined
    readonly signal: AbortSignal | undefined
  },
): Promise<Load> {
  const { encodings } = recipeNamed(batch.recipe ?? 'web', recipes)
  const sizes = 'folder' in batch ? await sizesIn(batch.folder, 'lading batch simulate', signal) : madeUp(batch)
  const { variants, coreSeconds, dollars } = bill(sizes, encodings, {})
  const { puts, gets, queue } = dollars
  return {
    batch: {
      name: batch.name ?? `batch ${at + 1}`,
      lane: batch.lane ?? 'std',
      images: sizes.map((src) => ({ src, predicted: workOf(src, encodings).coreSeconds })),
      startSeconds: (batch.atMinutes ?? 0) * MINUTES,
      perHour: batch.perHour,
      deadlineSeconds: (batch.deadlineHours ?? DEADLINE_HOURS) * HOURS,
      budget: batch.budget,
    },
    ...{ variants, coreSeconds, requestDollars: { puts, gets, queue } },
  }
}

function madeUp({ images, width, height }: Extract<ScenarioBatch, { images: number }>): SourceSize[] {
  const size = { bytes: 0, width, height }
  return Array.from({ length: images }, () => size)
}

function fleetOf(fleet: FleetRequest): SimulatedFleet {
  const { slots = GROUP_INSTANCE.slots, maxInstances = 10, lifetimeMinutes = LIFETIME_MINUTES } = fleet
  const { bootSeconds = BOOT_SECONDS, interruptionsPerHour = 0, coreSpeed = 1 } = fleet
  const { instanceHour = slots * PRICES.coreHour.spot } = fleet
  if (lifetimeMinutes < LEAST_LIFETIME_MINUTES) {
    throw new LadingError('E_USAGE', `an instance cannot live for ${lifetimeMinutes} minutes at most`, {
      hint: `Give it ${LEAST_LIFETIME_MINUTES} or more.`,
    })
  }
  const pixels = pixelBudget((INSTANCE_MEMORY * slots) / GROUP_INSTANCE.slots)
  const limits = { maxInstances, slots, lifetimeMinutes, bootSeconds, interruptionsPerHour }
  return { kind: 'fleet', ...limits, coreSpeed, instanceHour, pixels }
}

/** As `submit --local` starts them: together they have every core once; more of them than cores share those. */
function workersOf(workers: number, coreSpeed: number): SimulatedWorkers {
  const cores = availableParallelism()
  const slots = Math.max(1, Math.floor(cores / workers))
  const share = Math.min(1, cores / (workers * slots))
  return { kind: 'local', workers, slots, coreSpeed: coreSpeed * share, pixels: pixelBudget(availableMemory()) }
}

function costOf(
  { instances, images, done }: Simulation,
  { loads, instanceHour }: { readonly loads: readonly Load[]; readonly instanceHour: number },
): NonNullable<SimulationReport['dollars']> {
  // What was not made took hardly any requests.
  const share = images === 0 ? 0 : done / images
  const of = (what: keyof Load['requestDollars']): number =>
    share * sum(loads.map(({ requestDollars }) => requestDollars[what]))
  const parts = {
    instances: instances.hours * instanceHour,
    ...{ puts: of('puts'), gets: of('gets'), queue: of('queue') },
    addresses: instances.hours * PRICES.addressHour,
  }
  return { ...parts, total: sum(Object.values(parts)) }
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)
