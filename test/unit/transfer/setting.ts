import { join } from 'node:path'
import type { Store } from '../../../src/index.ts'
import type { Deploy } from '../../../src/plan/deploy.ts'
import { NO_POINTER, type Pointer } from '../../../src/plan/pointer.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import { createDeployer, type Deployer, type DeployerOptions, type Taken } from '../../../src/transfer/deploy.ts'
import type { FoundDeploy } from '../../../src/transfer/deploy-records.ts'
import type { Clock } from '../../../src/transfer/lease.ts'
import { openState, STATE_FOLDER, type State } from '../../../src/transfer/state.ts'

export interface HandClock extends Clock {
  /** Both clocks go on, or each by its own time. */
  advance(ms: number | { readonly wall: number; readonly monotonic: number }): void
}

/** Time that passes while somebody waits for it, or when a test says so. */
export function createHandClock(onSleep: () => Promise<void> = async () => undefined): HandClock {
  let wall = Date.parse('2026-06-30T12:00:00.000Z')
  let monotonic = 1000
  const clock: HandClock = {
    wallMs: () => wall,
    monotonicMs: () => monotonic,
    advance(ms) {
      wall += typeof ms === 'number' ? ms : ms.wall
      monotonic += typeof ms === 'number' ? ms : ms.monotonic
    },
    async sleep(ms, signal) {
      clock.advance(ms)
      await onSleep()
      signal?.throwIfAborted()
    },
  }
  return clock
}

/** Nothing can be written below a file: the state keeps no copies. */
export const NO_CACHE: string = join(import.meta.filename, 'none')

export const stateOf = (store: Store): State =>
  openState({ site: store, store, folder: STATE_FOLDER, cacheDir: NO_CACHE })

export const LEASE_MS = 30_000

export interface Setting {
  readonly clock: HandClock
  readonly store: Store
  readonly state: State
  /** What runs have said while they waited, in the order they said it. */
  readonly waits: readonly FoundDeploy[]
  /** One run; everything but its own choices is that of the setting. */
  run(choices?: Partial<DeployerOptions>): Deployer
  /** The record of the deploy with this number. */
  record(seq: number): Promise<Deploy | undefined>
  /** Moves the pointer, as the holder of the deploy `seq` does in the end. */
  publish(seq: number): Promise<void>
}

export interface SettingOptions {
  /** Happens whenever a run waits, after the time has passed. */
  readonly onSleep?: (setting: Setting) => Promise<void>
  /** Makes another store of the one in memory. */
  readonly wrap?: (store: Store) => Store
}

/** A store in memory whose clock is driven by hand, and runs that meet there. */
export function createSetting({ onSleep, wrap = (store) => store }: SettingOptions = {}): Setting {
  const clock = createHandClock(async () => onSleep?.(setting))
  const store = wrap(createMemoryStore({ now: clock.wallMs }))
  const state = stateOf(store)
  const waits: FoundDeploy[] = []
  const setting: Setting = {
    clock,
    store,
    state,
    waits,
    run: (choices = {}) =>
      createDeployer({
        state,
        channel: 'production',
        order: undefined,
        leaseMs: LEASE_MS,
        lockTimeoutMs: 600_000,
        clock,
        isAdvisory: () => false,
        onWait: (found) => waits.push(found),
        signal: undefined,
        ...choices,
      }),
    record: async (seq) => (await state.deploys.read(seq))?.deploy,
    async publish(seq) {
      const live = await state.readPointer()
      const moved = await state.movePointer(published(seq), live?.etag)
      if (moved === undefined) throw new Error('the pointer was moved meanwhile')
    },
  }
  return setting
}

export function published(seq: number): Pointer {
  return { ...NO_POINTER, seq, manifest: { etag: 'tag', sha256: 'ab'.repeat(32) } }
}

/** @throws when the deploy was not taken */
export async function taken(taking: Promise<Taken | 'moved'>): Promise<Taken> {
  const result = await taking
  if (result === 'moved') throw new Error('another publish took the number')
  return result
}
