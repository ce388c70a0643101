import type { Store } from '../store/store.ts'
import type { Emit } from '../words/events.ts'
import { createLedger, type Ledger } from './leader/account.ts'
import { barrierDelay } from './plan/barrier.ts'
import { assertBudget, type Estimate, estimate, type FleetCost } from './plan/estimate.ts'
import { batchResultKey, cancelKey, sentKey } from './plan/keys.ts'
import { type BatchManifest, shardsOf } from './plan/manifest.ts'
import { scale } from './plan/scale.ts'
import { kickSighting } from './plan/sighting.ts'
import { findCandidates, putOriginals, type Refused } from './receipts/originals.ts'
import type { BatchResult } from './receipts/records.ts'
import { putOnce, resultIn } from './receipts/records.ts'
import type { BatchDoors } from './verbs/doors.ts'
import { type BatchRecipe, planBatch, unsentItems, writeBatch } from './verbs/submit.ts'

export interface SubmitOptions {
  /** A folder of images. */
  readonly root: string
  readonly recipe: BatchRecipe
  readonly lane: BatchManifest['lane']
  /** From submit until the batch closes with what has arrived. */
  readonly deadlineSeconds: number
  /** @default derived from its content, so that repeating the command continues the same batch */
  readonly batch?: string | undefined
  /**
   * Cap on the fleet's worst-case cost, in dollars; a submit above it is refused before anything is sent. @default no
   * cap
   */
  readonly budget?: number | undefined
  /** Assumed for a fleet that reports neither lifetime nor cap; a reported lifetime wins, and the lower cap. */
  readonly cost: FleetCost
  /** Cores of an instance. */
  readonly slotsPerInstance: number
}

export interface BatchRun {
  readonly emit?: Emit | undefined
  readonly signal?: AbortSignal | undefined
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined
}

export interface Submitted {
  readonly batch: string
  readonly items: number
  /** Messages sent by this run; all other items already have receipts. */
  readonly sent: number
  readonly originals: { readonly put: number; readonly bytes: number }
  /** Left out, and why: images that cannot be read or are too large, folders and links that may hold images. */
  readonly refused: readonly Refused[]
  readonly estimate: Estimate
  readonly deadline: string
  /** Desired instances; absent where workers are started by hand. */
  readonly instances?: number | undefined
  /** Why none is desired although there is work: `1 would be needed, the budget pays for 0`. Nothing will start. */
  readonly stalled?: string | undefined
  /** Set when the batch was cancelled before: workers end what has not begun. */
  readonly isCancelled?: true | undefined
  /** Set when the batch had closed before. */
  readonly result?: BatchResult | undefined
}

/**
 * The batch pipeline: originals -> recipe and items -> manifest -> allowance -> messages -> barriers -> mark -> kick.
 * This file defines the order. Each step is idempotent: after a kill at any point, running the command again sends what
 * has no receipt. A batch without the mark was not sent completely, and its status says so.
 *
 * @throws E_BUDGET, E_ROOT_EMPTY, E_BATCH, E_QUEUE
 */
export async function submit(doors: BatchDoors, options: SubmitOptions, run: BatchRun = {}): Promise<Submitted> {
  const { store, courier } = doors
  const { recipe, budget } = options
  const { signal, now = Date.now } = run
  if (budget !== undefined) assertBudget(await costOf(doors, options, signal), budget)
  const { images, refused } = findCandidates(options.root, 'lading batch submit', signal)
  const put = await putOriginals(store, images, { signal, onDone: (done, total) => run.emit?.(uploading(done, total)) })
  const planned = planBatch(put.originals, { ...options, now: now() })
  const manifest = await writeBatch(store, planned, recipe)
  const submitted = {
    batch: manifest.batch,
    items: manifest.items,
    originals: { put: put.put, bytes: put.bytes },
    refused: [...refused, ...put.refused],
    estimate: estimate(
      put.originals.map(({ src }) => src),
      recipe.encodings,
      options,
    ),
    deadline: manifest.deadline,
  }
  const result = await readResult(store, manifest.batch, signal)
  if (result && !result.partial) return { ...submitted, sent: 0, result }
  const ledger = createLedger({ store, instanceHour: options.cost.instanceHour })
  if (doors.fleet) await ledger.allow(manifest.batch, budget, await doors.fleet.count(signal))
  const unsent = await unsentItems(store, manifest, signal)
  await courier.sendJobs(manifest, unsent)
  await courier.sendBarriers(
    manifest,
    shardsOf(manifest),
    barrierDelay(manifest.coreSeconds, { ...options, ...options.cost }),
  )
  await putOnce(store, sentKey(manifest.batch), { v: 1 })
  const kicked = await kick(doors, { ...options, ledger }, unsent)
  const isCancelled = (await store.head(cancelKey(manifest.batch), { signal })) !== undefined
  return {
    ...submitted,
    sent: unsent.length,
    ...kicked,
    ...(isCancelled && { isCancelled }),
    ...(result && { result }),
  }
}

async function costOf(
  { fleet }: BatchDoors,
  { cost }: SubmitOptions,
  signal: AbortSignal | undefined,
): Promise<FleetCost> {
  if (!fleet) return cost
  const { max, lifetimeMinutes } = await fleet.count(signal)
  const lifetimeHours = lifetimeMinutes === undefined ? cost.lifetimeHours : lifetimeMinutes / 60
  return { ...cost, maxInstances: Math.min(max, cost.maxInstances), lifetimeHours }
}

/** The batch's end; `undefined` while it goes on. */
export async function readResult(store: Store, batch: string, signal?: AbortSignal): Promise<BatchResult | undefined> {
  const found = await store.get(batchResultKey(batch), { signal })
  return found && resultIn(found.bytes, `${store.label}${batchResultKey(batch)}`)
}

/** Requests instances right away: an empty fleet has no leader to do it. */
async function kick(
  { fleet }: BatchDoors,
  { slotsPerInstance, cost, ledger }: SubmitOptions & { readonly ledger: Ledger },
  unsent: readonly { readonly predicted: number }[],
): Promise<Pick<Submitted, 'instances' | 'stalled'>> {
  if (!fleet) return {}
  const count = await fleet.count()
  const { desired, detail } = scale(
    { slotsPerInstance, maxInstances: Math.min(count.max, cost.maxInstances) },
    kickSighting(unsent, { fleet: count, budget: await ledger.look(count) }),
  )
  const instances = (await fleet.grow(desired)).desired
  return { instances, ...(instances === 0 && unsent.length > 0 && { stalled: detail }) }
}

const uploading = (done: number, total: number) =>
  ({ type: 'progress', files: { done, total }, bytes: { done: 0, total: 0 }, retries: 0 }) as const
