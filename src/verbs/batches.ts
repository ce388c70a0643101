import type { SubmitOptions, Submitted } from '../batch/batch.ts'
import type { WorkerCommand } from '../batch/fleet.ts'
import type { Bundle, PackRequest } from '../batch/pack/pack.ts'
import type { Estimate, FleetCost } from '../batch/plan/estimate.ts'
import type { Order } from '../batch/plan/messages.ts'
import type { Simulation } from '../batch/plan/simulate/options.ts'
import type { BatchResult } from '../batch/receipts/records.ts'
import type { InstanceRecord } from '../batch/verbs/control.ts'
import type { DeadLetter } from '../batch/verbs/dead.ts'
import type { BatchFailure } from '../batch/verbs/failures.ts'
import type { Monitor } from '../batch/verbs/monitor.ts'
import type { Repro, ReproRequest } from '../batch/verbs/repro.ts'
import type { ScenarioBatch } from '../batch/verbs/scenario.ts'
import type { StackOptions } from '../batch/verbs/stack.ts'
import type { BatchStatus } from '../batch/verbs/watch.ts'
import type { WorkRequest } from '../batch/verbs/work.ts'
import type { WorkerStats } from '../batch/worker/helm.ts'
import type { BatchOptions } from '../config/batch.ts'
import type { RecipeInput } from '../images/plan/define-recipe.ts'
import type { Run } from '../line/run.ts'
import type { LadingError } from '../words/errors.ts'

/** What a submit needs besides the place. */
export interface SubmitRequest extends Omit<SubmitOptions, 'recipe' | 'slotsPerInstance' | 'cost'> {
  /** The name of a recipe: `web`, `thumb`. */
  readonly recipe: string
  /** Instances at most. */
  readonly maxInstances: number
}

/** A batch's place, and everything that can be done there. */
export interface Batches {
  /** Of the store, for people: `s3://bucket/prefix/`, a folder's path. Holds no credentials. */
  readonly label: string
  /** @throws E_BUDGET, E_ROOT_EMPTY, E_BATCH, E_QUEUE */
  submit(request: SubmitRequest): Promise<Submitted>
  /** @throws E_BATCH when there is no such batch, as all that take one */
  status(batch: string): Promise<BatchStatus>
  /**
   * Resolves when the batch has closed; closes it when everything has arrived.
   *
   * @throws E_BATCH when all workers that {@link startWorkers} started have ended before
   */
  watch(
    batch: string,
    options: {
      readonly everySeconds?: number | undefined
      readonly onStatus: (status: BatchStatus) => void
      /** Its deadline had closed it, and a submit has sent the rest: the result is made again. @default false */
      readonly isReopened?: boolean | undefined
    },
  ): Promise<BatchStatus>
  /** Works until it is drained, stopped or idle. */
  work(request: WorkRequest): Promise<WorkerStats>
  /**
   * Sends an order to instances; `cancel` also marks the batch, for instances that start later.
   *
   * @throws E_BATCH also when the batch to cancel has closed
   * @param instance @default all that have said anything within a day
   * @returns the instances it was sent to
   */
  command(order: Order, instance?: string): Promise<readonly string[]>
  /** Renders one item on this machine, as a worker would, into a folder of its own. */
  repro(request: Omit<ReproRequest, 'signal'>): Promise<Repro>
  /** Looks at everything that is here; what it has seen is kept between two looks. */
  monitor(): Monitor
  /** The first images of a batch that failed, with the reasons. @param most @default 10 */
  failures(batch: string, most?: number): Promise<readonly BatchFailure[]>
  /** Why {@link command} would fail on this machine, for want of a key; makes none. `undefined` when it would not. */
  signingTrouble(): Promise<LadingError | undefined>
  /** The records that instances wrote about themselves, newest first. */
  instances(): Promise<readonly InstanceRecord[]>
  reassemble(batch: string): Promise<BatchResult>
  /**
   * The image manifest of a batch that has closed: what `pictures` reads.
   *
   * @throws E_BATCH when it has not
   */
  imageManifest(batch: string): Promise<Uint8Array>
  deadLetters(): Promise<readonly DeadLetter[]>
  /** To be asked before a submit whose workers are started here. @throws E_USAGE as {@link startWorkers} */
  assertLocal(): void
  /**
   * Starts workers on this machine until so many run; they outlive this process.
   *
   * @returns how many run
   * @param command what each worker runs; its instance's name is appended
   * @throws E_USAGE when the queues are not a folder on this machine
   */
  startWorkers(count: number, command: WorkerCommand): Promise<number>
  /** @param only ids of letters, items or batches. @default all */
  redrive(only?: readonly string[]): Promise<{ readonly sent: number; readonly left: number }>
}

/**
 * Opens a batch's place. No request is made yet. All batch code is imported lazily here, so that deploys never load it.
 *
 * @throws E_MISSING_PACKAGE
 */
export async function openBatches(options: BatchOptions, run: Run = {}): Promise<Batches> {
  const { createBatches } = await import('../batch/verbs/verbs.ts')
  return createBatches(options, run)
}

/** What images are to become. */
export interface EstimateRequest {
  /** The name of a preset (`web`, `thumb`), or of one of `recipes`. */
  readonly recipe: string
  /** `images.recipes` of the configuration. @default the presets alone */
  readonly recipes?: Readonly<Record<string, RecipeInput>> | undefined
}

/**
 * The cost and duration of a batch before it is sent: reads the images' headers and makes no requests.
 *
 * @throws E_ROOT_EMPTY
 */
export async function estimateBatch(root: string, request: EstimateRequest, run: Run = {}): Promise<Estimate> {
  const { estimateFolder } = await import('../batch/verbs/estimate.ts')
  return estimateFolder(root, request, run.signal)
}

/** The group of a simulation. */
export interface FleetRequest {
  /** @default 10 */
  readonly maxInstances?: number | undefined
  /** Cores of an instance. @default 4 */
  readonly slots?: number | undefined
  /** How long an instance lives at most: 10 or more. @default 240 */
  readonly lifetimeMinutes?: number | undefined
  /** From the wish for an instance to its first message. @default 45 */
  readonly bootSeconds?: number | undefined
  /** How often EC2 takes an instance away in an hour, on average. @default 0 */
  readonly interruptionsPerHour?: number | undefined
  /** Dollars. @default the table's for its cores, on spot */
  readonly instanceHour?: number | undefined
  /** Speed of a core, relative to the measured one. Counts for workers on this machine too. @default 1 */
  readonly coreSpeed?: number | undefined
}

/** What is to be simulated, and on which machines. */
export interface SimulateRequest {
  readonly batches: readonly ScenarioBatch[]
  /** `images.recipes` of the configuration. @default the presets alone */
  readonly recipes?: Readonly<Record<string, RecipeInput>> | undefined
  /** Of what is random, the interruptions: the same one gives the same answer. @default 1 */
  readonly seed?: number | undefined
  /** The group of instances, as `stack` makes it unless said otherwise. */
  readonly fleet?: FleetRequest | undefined
  /** So many workers on this machine instead of a fleet. */
  readonly local?: number | undefined
}

/** What became of it, and what it would cost. */
export interface SimulationReport extends Simulation {
  readonly seed: number
  readonly variants: number
  /** Predicted for all images. */
  readonly coreSeconds: number
  /** Absent for workers on this machine. */
  readonly dollars?:
    | Readonly<Record<'instances' | 'addresses' | 'puts' | 'gets' | 'queue' | 'total', number>>
    | undefined
  /** Every instance living its whole life once: what `--budget` is held against. */
  readonly worst?: (FleetCost & { readonly dollars: number }) | undefined
}

/**
 * What batches would do on a fleet, in virtual time: when they are done, how long images wait, how many instances there
 * are, and what they cost. Reads the images' headers and makes no requests.
 *
 * @throws E_BUDGET for a batch that `submit` would refuse, E_ROOT_EMPTY, E_USAGE
 */
export async function simulateBatches(request: SimulateRequest, run: Run = {}): Promise<SimulationReport> {
  const verb = await import('../batch/verbs/simulate.ts')
  return verb.simulateBatches(request, run.signal)
}

/**
 * Reads a list of batches to be simulated. Folders are taken from where the file is.
 *
 * @param label for messages
 * @throws E_USAGE
 */
export async function readScenario(path: string, label: string = path): Promise<readonly ScenarioBatch[]> {
  const verb = await import('../batch/verbs/scenario.ts')
  return verb.readScenario(path, label)
}

/**
 * A CloudFormation template that makes what a batch needs of AWS: queues, store, roles, workers on spot instances. The
 * workers obey the keys of `LADING_BATCH_PUBLIC_KEYS`, else that of this user.
 *
 * @throws E_USAGE, E_CONFIG
 */
export async function batchStack(options: StackOptions, { env = process.env }: Run = {}): Promise<string> {
  const { stackText } = await import('../batch/verbs/stack.ts')
  return stackText(options, env)
}

/**
 * Makes the archive that workers of a stack run: this program, the packages that it needs, and Node.
 *
 * @throws E_MISSING_PACKAGE, E_CONFIG
 */
export async function packWorker(request: PackRequest): Promise<Bundle> {
  const { pack } = await import('../batch/pack/pack.ts')
  return pack(request)
}
