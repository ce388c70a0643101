import type { SyncOptions } from '../config/interface.ts'
import type { StoreOptions } from '../config/resolve.ts'
import type { Again, Change } from '../draft/change.ts'
import type { Opened, Stores } from '../draft/opened.ts'
import type { RepairOptions } from '../draft/repair-options.ts'
import type { Published } from '../transfer/publish.ts'
import type { Outcome } from '../transfer/upload.ts'
import type { Emit } from '../words/events.ts'
import type { Key } from '../words/model.ts'
import type { Run } from './run.ts'

export type LineOptions = StoreOptions &
  Pick<SyncOptions, 'channel' | 'order' | 'cdn' | 'delivery' | 'base' | 'site'> &
  Partial<Pick<SyncOptions, 'cors'>> &
  Pick<RepairOptions, 'repair'>

/** What the line is given: how a change is made, and where it goes. */
export interface LineInput<T extends Change> {
  readonly options: LineOptions
  readonly stores: Stores
  /**
   * Reads what is live and decides. Called again when another run came first.
   * @param prepare begins what publishing will need, for a caller who knows what is live and decides the rest later
   */
  readonly make: (again: Again, prepare: (opened: Opened) => void) => Promise<T>
  readonly run: Run & { readonly emit: Emit }
}

/** What it has come to. */
export interface Finished<T extends Change> {
  readonly made: T
  readonly outcomes: ReadonlyMap<Key, Outcome>
  /** Absent when there was nothing to publish. */
  readonly published: Published | undefined
}
