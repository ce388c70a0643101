import { doneReceiptKey } from '../../src/batch/plan/keys.ts'
import type { Lane } from '../../src/batch/plan/lanes.ts'
import { type BatchMessage, encodeMessage, type ImageJob, type Order } from '../../src/batch/plan/messages.ts'
import type { Queue } from '../../src/batch/queue.ts'
import { createMemoryQueue, type MemoryQueue } from '../../src/batch/queues/memory.ts'
import type { WorkerEvent } from '../../src/batch/worker/events.ts'
import type { Handler, Outcome } from '../../src/batch/worker/handler.ts'
import type { WorkerOptions } from '../../src/batch/worker/options.ts'
import { createWorker, type Worker } from '../../src/batch/worker/worker.ts'
import { variantKey } from '../../src/images/plan/keys.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { command, type Keys, newKeys } from './batch-messages.ts'
import { textBody } from './faulty-store.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'

/** Everything that a batch needs, in memory and in virtual time. */
export interface BatchWorld {
  readonly clock: VirtualClock
  readonly store: Store
  readonly lanes: Readonly<Record<Lane, MemoryQueue>>
  readonly assembly: MemoryQueue
  readonly control: MemoryQueue
  readonly deadLetters: MemoryQueue
  readonly keys: Keys
  /** What every worker has said, in order. */
  readonly events: WorkerEvent[]
  send(...messages: readonly BatchMessage[]): Promise<void>
  command(instance: string, order: Order): Promise<void>
  worker(changes?: Partial<WorkerOptions>): Worker
  /** Starts a worker and lets time pass until it ends. */
  work(changes?: Partial<WorkerOptions>): Promise<ReturnType<Worker['stats']>>
  /** What the dead letters say, and why they are there. */
  buried(): Promise<readonly { readonly body: string; readonly reason: string | undefined }[]>
  /** Keys in the store, below a prefix. */
  stored(prefix?: string): Promise<string[]>
}

/** Deliveries before a queue buries a message by itself. */
const MAX_RECEIVES = 8

export function createBatchWorld(seed = 1): BatchWorld {
  const clock = createVirtualClock(seed)
  const store = createMemoryStore({ now: clock.now })
  const deadLetters = createMemoryQueue({ clock, label: 'dead' })
  const queue = (label: string): MemoryQueue =>
    createMemoryQueue({ clock, label, deadLetters: { to: deadLetters, maxReceives: MAX_RECEIVES } })
  const lanes = { hi: queue('hi'), std: queue('std'), bulk: queue('bulk') }
  const [assembly, control] = [createMemoryQueue({ clock, label: 'assembly' }), queue('control')]
  const keys = newKeys()
  const events: WorkerEvent[] = []
  const queueOf = (message: BatchMessage): Queue => {
    if (message.kind === 'image') return lanes[message.lane]
    return message.kind === 'assemble' ? assembly : control
  }
  const worker: BatchWorld['worker'] = (changes) =>
    createWorker({
      instance: 'i-1',
      ...{ store, lanes, deadLetters, control, clock },
      verify: keys.verify,
      handler: renderingHandler({ store, clock }),
      slots: 2,
      pixels: 100_000_000,
      emit: (event) => void events.push(event),
      ...changes,
    })
  return {
    ...{ clock, store, lanes, assembly, control, deadLetters, keys, events, worker },
    async send(...messages) {
      for (const message of messages) await queueOf(message).send([{ body: encodeMessage(message, keys.signer) }])
    },
    async command(instance, order) {
      await control.send([{ body: encodeMessage(command(instance, clock.now(), order), keys.signer) }])
    },
    work: (changes) => clock.run(worker(changes).run()),
    async buried() {
      const found = []
      for (;;) {
        const messages = await deadLetters.receive({ max: 10, leaseSeconds: 60 })
        if (messages.length === 0) return found
        found.push(...messages.map(({ body, attributes }) => ({ body, reason: attributes.reason })))
      }
    },
    async stored(prefix = '') {
      const found: string[] = []
      for await (const page of store.list(prefix)) found.push(...page.map(({ key }) => key))
      return found
    },
  }
}

export interface RenderingOptions {
  readonly store: Store
  readonly clock: VirtualClock
  /** What becomes of a job instead of being done. */
  readonly instead?: ((job: ImageJob) => Outcome | Error | undefined) | undefined
  /** How long a job takes, in seconds. @default what is predicted */
  readonly seconds?: ((job: ImageJob) => number) | undefined
}

/** Puts what a renderer would: variants, then the receipt, each if absent. */
export function renderingHandler({ store, clock, instead, seconds }: RenderingOptions): Handler {
  return {
    async handle(job, { signal }) {
      await clock.sleep((seconds?.(job) ?? job.predicted) * 1000, signal)
      if (signal.aborted) return { status: 'crashed', reason: 'killed' }
      const other = instead?.(job)
      if (other instanceof Error) throw other
      if (other) return other
      for (const width of [320, 640])
        await putText(store, variantKey(job.src.sha256, 'op', width, 'avif'), job.src.sha256)
      await putText(store, doneReceiptKey(job.batch, job.item), JSON.stringify({ v: 1, item: job.item }))
      return { status: 'done' }
    },
  }
}

async function putText(store: Store, key: string, text: string): Promise<void> {
  await store.put(key, textBody(text), { 'content-type': 'text/plain' }, { when: 'absent' })
}
