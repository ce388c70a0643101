import type { Store } from '../../store/store.ts'
import type { Fleet } from '../fleet.ts'
import type { BatchItem, BatchManifest } from '../plan/manifest.ts'
import type { BatchResult } from '../receipts/records.ts'

/** Signs and sends a batch's messages to its workers. */
export interface Courier {
  /** @throws E_QUEUE when some were not accepted: submitting again sends those that have no receipt */
  sendJobs(manifest: BatchManifest, items: readonly BatchItem[]): Promise<void>
  /** One barrier message for each shard. */
  sendBarriers(manifest: BatchManifest, shards: readonly string[], delaySeconds: number): Promise<void>
  /** Puts a batch's end into the outbox, where there is one. */
  tell(result: BatchResult): Promise<void>
}

/** What `submit` works with. */
export interface BatchDoors {
  readonly store: Store
  readonly courier: Courier
  /** Kicked at a submit. @default workers are started by hand */
  readonly fleet?: Fleet | undefined
}
