import { randomBytes } from 'node:crypto'
import { availableParallelism, uptime } from 'node:os'
import { availableMemory } from '../../images/memory.ts'
import { createRenderPool } from '../../images/pool.ts'
import { renderSource } from '../../images/render-source.ts'
import type { Run } from '../../line/run.ts'
import { LadingError } from '../../words/errors.ts'
import { SYSTEM_CLOCK } from '../clock.ts'
import { createLedger } from '../leader/account.ts'
import { pixelBudget } from '../plan/admission.ts'
import { IDLE_RULE, WAIT_SECONDS } from '../plan/idle.ts'
import { GROUP_INSTANCE } from '../plan/prices.ts'
import { createVerifier } from '../plan/signing.ts'
import type { Queue } from '../queue.ts'
import type { Assembly } from '../receipts/assemble.ts'
import type { WorkerEmit, WorkerEvent } from '../worker/events.ts'
import { heedNotices } from '../worker/heed.ts'
import type { WorkerStats } from '../worker/helm.ts'
import { createImageHandler } from '../worker/image-handler.ts'
import { instanceId, metadataEndpoint } from '../worker/imds.ts'
import { createWorker, type Worker } from '../worker/worker.ts'
import { trustedKeys } from './key-file.ts'
import { lead, leaderOf, troubleOf } from './lead.ts'
import type { OpenBatch } from './open.ts'
import { createPaths } from './paths.ts'

export interface WorkRequest {
  /** The worker's name. @default the EC2 instance id, else a new one */
  readonly instance?: string | undefined
  /** Images at once. @default the cores of this machine */
  readonly slots?: number | undefined
  /** How long it stays when nothing is left, in seconds. @default 30 */
  readonly idleSeconds?: number | 'never' | undefined
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined
  /** Finish what is in work, take nothing more, and end. */
  readonly drain?: AbortSignal | undefined
  /** Hand back what is in work, and end. */
  readonly stop?: AbortSignal | undefined
}

/** Lease of a job, in seconds: a worker silent for that long loses it. Renewing is free in a folder. */
const LEASE_SECONDS = { sqs: 60, folder: 20 } as const

/**
 * Runs a worker until it ends. It leads the fleet if nobody else does, and removes itself from the fleet.
 *
 * @throws what its queues answer, when asking again would not help
 */
export async function work(
  place: OpenBatch,
  { request, assembly, run }: { readonly request: WorkRequest; readonly assembly: Assembly; readonly run: Run },
): Promise<WorkerStats> {
  const { env = process.env } = run
  const { store, lanes, fleet } = place
  await assertQueues(place)
  const where = place.isLocal ? 'folder' : 'sqs'
  const slots = request.slots ?? availableParallelism()
  const metadata = fleet && metadataEndpoint(env)
  const ec2 = metadata && (await instanceId(metadata))
  const instance = request.instance ?? ec2 ?? `local-${randomBytes(4).toString('hex')}`
  const over = new AbortController()
  const pool = createRenderPool({ size: slots })
  const { idleSeconds = IDLE_RULE.emptySeconds, onEvent: emit = () => undefined } = request
  const ledger = createLedger({ store, instanceHour: GROUP_INSTANCE.hourDollars })
  const leader = leaderOf(place, { instance, slots, ledger })
  const worker = createWorker({
    ...{ instance, store, lanes, slots, emit },
    deadLetters: place.dead,
    handler: createImageHandler({
      store,
      render: (original, job) => renderSource(original, { ...job, store, pool, retriesCrash: false }),
    }),
    verify: createVerifier(await trustedKeys(env)),
    pixels: pixelBudget(availableMemory()),
    assembly: { queue: place.assembly, look: assembly.look, isKept: () => leader?.isLeading() ?? true },
    arrived: assembly.arrived,
    pathOf: createPaths(store),
    control: await controlOf(place, instance, emit),
    idle: idleSeconds === 'never' ? 'never' : { ...IDLE_RULE, emptySeconds: idleSeconds },
    waitSeconds: WAIT_SECONDS[where],
    leaseSeconds: LEASE_SECONDS[where],
    ...(ec2 !== undefined && { upSeconds: uptime }),
  })
  // From now on `batch control` finds it.
  await worker.obey({ verb: 'stats' })
  heedSignals(worker, request)
  if (metadata && ec2) void heedNotices({ worker, clock: SYSTEM_CLOCK, emit, endpoint: metadata, signal: over.signal })
  const onSpent = (): void => worker.drain('the budget is spent')
  // Before it resigns: the next leader may start days later.
  const onEnd = async (): Promise<void> => fleet && ledger.leave(ec2 ?? instance, await fleet.count())
  const leading = leader && lead(leader, { emit, signal: over.signal, onSpent, onEnd })
  try {
    return await worker.run()
  } finally {
    over.abort()
    await leading
    await pool.close()
    // A worker that dies earlier leaves an empty queue behind, which costs nothing.
    await place.dropControl(instance).catch(() => undefined)
    // The group replaces interrupted instances. One that ends for any other reason must not be replaced.
    if (fleet && ec2 && !worker.isTaken()) await fleet.retire(ec2).catch(troubleOf(emit, 'leaving the group'))
  }
}

/** A worker that has begun is patient with everything; with a wrong address or role it would be for ever. */
async function assertQueues({ lanes, assembly }: OpenBatch): Promise<void> {
  for (const queue of [...Object.values(lanes), assembly]) {
    try {
      await queue.gauge()
    } catch (error) {
      if (!(error instanceof LadingError && error.retryable)) throw error
    }
  }
}

/** A worker without a control queue still works: the fleet or idleness ends it. */
async function controlOf(place: OpenBatch, instance: string, emit: WorkerEmit): Promise<Queue | undefined> {
  try {
    return await place.makeControl(instance)
  } catch (error) {
    if (!(error instanceof LadingError) || error.code === 'E_USAGE') throw error
    emit({ type: 'trouble', what: 'commands', error, waitMs: 0 })
    return undefined
  }
}

function heedSignals(worker: Worker, { drain, stop }: WorkRequest): void {
  const on = (signal: AbortSignal | undefined, deed: () => void): void => {
    if (signal?.aborted) deed()
    else signal?.addEventListener('abort', deed, { once: true })
  }
  on(drain, () => worker.drain('asked to end'))
  on(stop, () => worker.stop('asked to stop'))
}
