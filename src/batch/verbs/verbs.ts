import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { BatchOptions, QueuesPlace } from '../../config/batch.ts'
import type { Run } from '../../line/run.ts'
import { openFleet } from '../../providers.ts'
import type { Batches } from '../../verbs/batches.ts'
import { LadingError } from '../../words/errors.ts'
import { submit } from '../batch.ts'
import type { Fleet, WorkerCommand } from '../fleet.ts'
import { LOCAL_LOOK_SECONDS } from '../plan/barrier.ts'
import { GROUP_INSTANCE } from '../plan/prices.ts'
import { LIFETIME_MINUTES } from '../plan/scale.ts'
import { type Assembly, type AssemblyOptions, createAssembly } from '../receipts/assemble.ts'
import type { BatchResult } from '../receipts/records.ts'
import { command, instances } from './control.ts'
import { createCourier } from './courier.ts'
import { deadLetters, redrive } from './dead.ts'
import { firstFailures } from './failures.ts'
import { batchKeyFile, loadKeys, signingTrouble } from './key-file.ts'
import { createMonitor } from './monitor.ts'
import { type OpenBatch, openBatch } from './open.ts'
import { createPublisher, imageManifest } from './publish.ts'
import { reassemble } from './reassemble.ts'
import { recipeNamed } from './recipe.ts'
import { repro } from './repro.ts'
import { batchStatus, cancelBatch, knownManifest, NAMED, watchBatch } from './watch.ts'
import { work } from './work.ts'

/** The verbs of {@link Batches}, over an opened batch. */
export async function createBatches(options: BatchOptions, run: Run): Promise<Batches> {
  const { env = process.env, emit, signal } = run
  const place = await openBatch(options, run)
  const { store } = place
  const now = (): number => run.clock?.wallMs() ?? Date.now()
  const again = (batch: string): Promise<BatchResult> =>
    reassemble(store, batch, { now, publish: createPublisher(store, now) })
  const isHere = place.isLocal && options.target.kind === 'folder'
  const looks = { now, random: run.random, longestLookSeconds: isHere ? LOCAL_LOOK_SECONDS : undefined }
  let started: Fleet | undefined
  return {
    label: store.label,
    async submit({ recipe, maxInstances, ...request }) {
      const { signer } = await loadKeys(batchKeyFile(env))
      const courier = createCourier({ ...place, signer, signal })
      const cost = { maxInstances, lifetimeHours: LIFETIME_MINUTES / 60, instanceHour: GROUP_INSTANCE.hourDollars }
      const doors = { store, courier, fleet: place.fleet }
      const given = {
        ...request,
        recipe: recipeNamed(recipe, options.recipes),
        cost,
        slotsPerInstance: GROUP_INSTANCE.slots,
      }
      return submit(doors, given, { emit, signal, now })
    },
    status: (batch) => batchStatus(store, batch, signal),
    watch: (batch, { isReopened = false, ...watching }) =>
      watchBatch(store, batch, {
        ...watching,
        signal,
        assembly: assemblyOf(place, looks),
        workers: started,
        again: isReopened ? () => again(batch) : undefined,
      }),
    reassemble: again,
    imageManifest: (batch) => imageManifest(store, batch, signal),
    work: (request) => work(place, { request, assembly: assemblyOf(place, looks), run }),
    command: async (order, instance) => {
      const { signer } = await loadKeys(batchKeyFile(env))
      if (order.verb === 'cancel') await cancelBatch(store, order.batch, now())
      return command(order, { store, control: place.control, signer, now: now(), instance })
    },
    repro: (request) => repro(store, { ...request, signal }),
    monitor: () => createMonitor(place, now),
    failures: async (batch, most = NAMED) =>
      firstFailures(store, await knownManifest(store, batch, signal), { most, signal }),
    signingTrouble: () => signingTrouble(env),
    instances: () => instances(store),
    async deadLetters() {
      assertQueues(options.queues)
      return deadLetters(place.dead)
    },
    assertLocal: () => void localFolder(options.queues),
    async startWorkers(count, command) {
      started = await localFleet(options, { count, command, env })
      return (await started.grow(count, signal)).inService
    },
    async redrive(only) {
      assertQueues(options.queues)
      return redrive({ ...place, only })
    },
  }
}

/** The second stage of an opened batch. Its end is not announced; its result shows it. */
function assemblyOf(
  { store }: Pick<OpenBatch, 'store'>,
  {
    now,
    random = Math.random,
    longestLookSeconds,
  }: Pick<AssemblyOptions, 'now' | 'longestLookSeconds'> & Pick<Run, 'random'>,
): Assembly {
  return createAssembly({
    ...{ store, now, random, publish: createPublisher(store, now), tell: async () => undefined },
    longestLookSeconds,
  })
}

/** Workers of this machine. They are recorded in the queues' folder, so write access to it is enough. */
async function localFleet(
  { queues }: BatchOptions,
  {
    count,
    command,
    env,
  }: { readonly count: number; readonly command: WorkerCommand; readonly env: NonNullable<Run['env']> },
): Promise<Fleet> {
  return openFleet(
    {
      kind: 'local',
      folder: join(localFolder(queues), 'fleet'),
      max: count,
      command: (instance) => ({ ...command, args: [...command.args, '--instance', instance] }),
    },
    { env },
  )
}

/** Queues of this machine make their folders when they are used, also in a place that was mistyped. */
function assertQueues(queues: QueuesPlace): void {
  if (queues.kind !== 'folder' || existsSync(queues.path)) return
  throw new LadingError('E_NO_QUEUE', 'there are no queues here', {
    subject: queues.path,
    why: 'Nothing was submitted here yet.',
    hint: 'Check --to and --queues: they name what lading batch submit was given.',
  })
}

function localFolder(queues: QueuesPlace): string {
  if (queues.kind === 'folder') return queues.path
  throw new LadingError('E_USAGE', 'workers of this machine are started for queues of this machine', {
    hint: 'Leave --local out, and start them yourself: lading batch worker',
  })
}
